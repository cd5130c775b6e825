/**
 * What the engine says about itself. A file that imitates a real system says in its comments what
 * it models, what it simplifies and what always holds; the model page prints exactly that.
 */
export interface ModelNote {
  /** From the project's root, e.g. `engine/time/watermark-strategy.ts`. */
  readonly file: string;
  readonly models: string;
  readonly simplified: string;
  readonly invariant: string;
  /** Documents and versions, where a file names them apart. */
  readonly sources: string;
}

export interface ModelFolder {
  /** `time`, `state`, … */
  readonly name: string;
  readonly notes: readonly ModelNote[];
}

const MARKS = {
  models: /\bModels\b/,
  simplified: /\bSimplified:/,
  invariant: /\bInvariant\b[^:.]*:/,
  sources: /\bSources\b[:.]?/,
};

/** The comment blocks of a source text, each as one line. */
export function commentsOf(source: string): readonly string[] {
  return [...source.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map((match) =>
    (match[1] ?? '')
      .replace(/^\s*\*+ ?/gm, '')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}

/** The part of a comment from one mark to the next, without the mark's own word. */
function partOf(comment: string, name: keyof typeof MARKS): string {
  const found = MARKS[name].exec(comment);
  if (found === null) return '';
  const rest = comment.slice(found.index + found[0].length);
  const ends = Object.entries(MARKS)
    .filter(([other]) => other !== name)
    .map(([, mark]) => rest.search(mark))
    .filter((index) => index >= 0);
  const text = rest.slice(0, Math.min(rest.length, ...ends)).trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What one file says about itself; undefined when it imitates nothing. */
export function readModelNote(file: string, source: string): ModelNote | undefined {
  const comments = commentsOf(source).filter((comment) => MARKS.models.test(comment));
  if (comments.length === 0) return undefined;
  const join = (name: keyof typeof MARKS): string =>
    comments
      .map((comment) => partOf(comment, name))
      .filter((part) => part !== '')
      .join(' ');
  return {
    file,
    models: join('models'),
    simplified: join('simplified'),
    invariant: join('invariant'),
    sources: join('sources'),
  };
}

/** The notes of many files by folder of the engine, in the order given by `folderNames`. */
export function readModelFolders(
  sources: { readonly [file: string]: string },
  folderNames: readonly string[],
): readonly ModelFolder[] {
  const notes = Object.entries(sources)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([file, source]) => readModelNote(file.replace(/^\//, ''), source) ?? []);
  return folderNames
    .map((name) => ({
      name,
      notes: notes.filter((note) => note.file.startsWith(`engine/${name}/`)),
    }))
    .filter((folder) => folder.notes.length > 0);
}
