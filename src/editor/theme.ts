import type * as Monaco from 'monaco-editor/editor';

const THEME = 'millrace';

/** Monaco takes numbers only, so the tokens are read off an element that wears them. */
const COLOR_TOKENS = [
  '--panel',
  '--well',
  '--ink',
  '--ink-soft',
  '--ink-faint',
  '--rule',
  '--accent',
  '--accent-wash',
  '--barrier',
  '--good',
  '--bad',
  '--focus',
] as const;
type Colors = { readonly [token in (typeof COLOR_TOKENS)[number]]: string };

/** Dresses the editor in the site's colours, and again whenever these change. Returns the stop. */
export function followTheme(monaco: typeof Monaco): () => void {
  const apply = (): void => defineTheme(monaco);
  apply();
  const observer = new MutationObserver(apply);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const media = matchMedia('(prefers-color-scheme: dark)');
  media.addEventListener('change', apply);
  return () => {
    observer.disconnect();
    media.removeEventListener('change', apply);
  };
}

function defineTheme(monaco: typeof Monaco): void {
  const colors = readColors();
  const bare = (token: keyof Colors): string => colors[token].slice(1);
  monaco.editor.defineTheme(THEME, {
    base: isDark(colors['--panel']) ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      { token: '', foreground: bare('--ink') },
      { token: 'comment', foreground: bare('--ink-faint'), fontStyle: 'italic' },
      { token: 'keyword', foreground: bare('--barrier') },
      { token: 'string', foreground: bare('--good') },
      { token: 'number', foreground: bare('--bad') },
      { token: 'type', foreground: bare('--accent') },
      { token: 'delimiter', foreground: bare('--ink-soft') },
    ],
    colors: {
      'editor.background': colors['--panel'],
      'editor.foreground': colors['--ink'],
      'editorLineNumber.foreground': colors['--ink-faint'],
      'editorLineNumber.activeForeground': colors['--ink'],
      'editor.lineHighlightBackground': `${colors['--well']}80`,
      'editor.lineHighlightBorder': '#00000000',
      'editorIndentGuide.background1': colors['--rule'],
      'editorWidget.background': colors['--panel'],
      'editorWidget.border': colors['--rule'],
      'editorSuggestWidget.selectedBackground': colors['--accent-wash'],
      'editorSuggestWidget.selectedForeground': colors['--ink'],
      'editorCursor.foreground': colors['--accent'],
      'editorError.foreground': colors['--bad'],
      // Unused names stay readable: underlined instead of faded.
      'editorUnnecessaryCode.opacity': '#000000ff',
      'editorUnnecessaryCode.border': colors['--ink-faint'],
      focusBorder: colors['--focus'],
    },
  });
  monaco.editor.setTheme(THEME);
}

function readColors(): Colors {
  return Object.fromEntries(COLOR_TOKENS.map((token) => [token, readColor(token)])) as Colors;
}

/**
 * A probe for each token: with reduced motion, global.css gives every transition a duration, and
 * one probe that changed its colour would still show the colour before.
 */
function readColor(token: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const color = toHex(getComputedStyle(probe).color);
  probe.remove();
  return color;
}

/** `rgb(1, 2, 3)` → `#010203`. */
export function toHex(color: string): string {
  const channels = [...color.matchAll(/[\d.]+/g)].slice(0, 3).map(([text]) => Number(text));
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

/** Whether light text is needed on the color `#rrggbb`. */
export function isDark(hex: string): boolean {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}
