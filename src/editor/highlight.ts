/** What a stretch of TypeScript is, as far as colouring goes. */
export type TokenKind = 'comment' | 'string' | 'keyword' | 'number' | 'type' | 'plain';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const KEYWORDS = [
  'abstract as async await break case catch class const continue default else export extends',
  'false finally for from function if implements import in instanceof interface let new null of',
  'override private protected public readonly return static super switch this throw true try type',
  'typeof undefined void while yield',
]
  .join(' ')
  .replaceAll(' ', '|');

const PATTERN = new RegExp(
  [
    /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))/,
    /(?<string>'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?|`(?:\\[\s\S]|[^`\\])*`?)/,
    new RegExp(`\\b(?<keyword>${KEYWORDS})\\b`),
    /\b(?<number>\d[\d_]*(?:\.\d+)?)\b/,
    /\b(?<type>[A-Z]\w*)\b/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

/**
 * Colours TypeScript well enough to read, without the editor: for the page before it is loaded, on
 * paper, and without JavaScript. The tokens' texts join to `text` exactly.
 */
export function highlight(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let from = 0;
  for (const match of text.matchAll(PATTERN)) {
    if (match.index > from) tokens.push({ kind: 'plain', text: text.slice(from, match.index) });
    tokens.push({ kind: kindOf(match.groups ?? {}), text: match[0] });
    from = match.index + match[0].length;
  }
  if (from < text.length) tokens.push({ kind: 'plain', text: text.slice(from) });
  return tokens;
}

function kindOf(groups: { readonly [name: string]: string | undefined }): TokenKind {
  const kinds: readonly TokenKind[] = ['comment', 'string', 'keyword', 'number', 'type'];
  return kinds.find((kind) => groups[kind] !== undefined) ?? 'plain';
}
