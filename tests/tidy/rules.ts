import type { TrackedFile } from './tracked-files.ts';

/** Looks at one file and returns what is wrong: `place: what, and the remedy`. */
export type Rule = (file: TrackedFile) => readonly string[];

const LINES_MAX = 500;
const COLUMNS_MAX = 100;
const LESSON_LINES_MAX = 150;

const CODE = /\.(ts|mjs|js|svelte|astro)$/;
const TEST = /\.(test|spec)\.ts$/;
const PRIVATE_HOST = new RegExp(
  'https?://(' +
    '[\\w.-]*(registry|artifactory|nexus|mirror|proxy)[\\w.-]*|' +
    '10\\.\\d+\\.\\d+\\.\\d+|192\\.168\\.\\d+\\.\\d+|' +
    '[\\w.-]+\\.(internal|local|lan))\\b',
);
// These files name what they forbid.
const RULES = /^tests\/tidy\//;

function matchLines(text: string, pattern: RegExp): readonly { line: number; found: string }[] {
  return text.split('\n').flatMap((content, index) => {
    const match = pattern.exec(content);
    return match === null ? [] : [{ line: index + 1, found: match[0].trim() }];
  });
}

/** A file is named in kebab-case, a component in PascalCase; never by a word that says nothing. */
export const fileName: Rule = ({ path }) => {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const stem = name.replace(/\..*$/, '');
  if (/^(utils?|helpers?|common|impl|misc)$/i.test(stem)) {
    return [`${path}: name the idea that the file holds, not "${stem}"`];
  }
  // Java names a file after its class.
  const isJava = /^([A-Z][a-z0-9]*)+\.java$/.test(name);
  const isComponent = name.endsWith('.svelte') || name.endsWith('.astro');
  const isKebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(name);
  const isPascal = /^([A-Z][a-z0-9]*)+\.(svelte|astro)$/.test(name);
  const isPage = path.startsWith('src/pages/') && /^\[(\.\.\.)?[a-z]+\]\.(astro|ts)$/.test(name);
  const isPaper = /^[A-Z]+(\.md)?$/.test(name);
  const isDotFile = name.startsWith('.');
  if (isKebab && name.endsWith('.svelte')) {
    return [`${path}: a component is named in PascalCase, like WatermarkChart.svelte`];
  }
  if (isKebab || (isComponent && isPascal) || isPage || isPaper || isDotFile || isJava) return [];
  return [`${path}: a file is named in kebab-case, like checkpoint-coordinator.ts`];
};

/** A folder is named by its idea too. */
export const folderName: Rule = ({ path }) => {
  const folders = path.split('/').slice(0, -1);
  const bad = folders.find((name) => /^(utils?|helpers?|common|impl|misc)$/i.test(name));
  return bad === undefined ? [] : [`${path}: name the idea that the folder holds, not "${bad}"`];
};

/** No file is too long to be read. */
export const fileLength: Rule = ({ path, text }) => {
  const lineCount = text.split('\n').length - 1;
  if (/^content\/lessons\/.*\.mdx$/.test(path) && lineCount > LESSON_LINES_MAX) {
    return [
      `${path}: ${lineCount} lines, a lesson has at most ${LESSON_LINES_MAX}: split the idea`,
    ];
  }
  if (CODE.test(path) && lineCount > LINES_MAX) {
    return [`${path}: ${lineCount} lines, at most ${LINES_MAX}: move one idea to its own file`];
  }
  return [];
};

/** No line is too long to be read, unless it can't be broken: an address, a table's row. */
export const lineLength: Rule = ({ path, text }) => {
  if (!/\.(ts|mjs|js)$/.test(path)) return [];
  return text.split('\n').flatMap((line, index) => {
    const isTooLong = line.length > COLUMNS_MAX && !/https?:\/\/|^\s*\|/.test(line);
    const where = `${path}:${index + 1}`;
    return isTooLong ? [`${where}: ${line.length} columns, at most ${COLUMNS_MAX}: break it`] : [];
  });
};

/** What is still to be done is in the tracker; only a learner's starter has gaps, and it must. */
export const openWork: Rule = ({ path, text }) => {
  if (RULES.test(path) || !CODE.test(path)) return [];
  const found = matchLines(text, /\b(TODO|FIXME|XXX)\b/);
  if (/\/starter\.ts$/.test(path)) {
    return found.length > 0 ? [] : [`${path}: mark at least one gap for the learner with TODO`];
  }
  return found.map(({ line, found: word }) => `${path}:${line}: ${word}: do it, or file an issue`);
};

/** Every test runs. */
export const skippedTest: Rule = ({ path, text }) => {
  if (RULES.test(path) || !TEST.test(path)) return [];
  const skipped = matchLines(text, /\b(describe|test|it)\.(only|skip|todo|fixme|fails)\b/);
  return skipped.map(
    ({ line, found }) => `${path}:${line}: ${found}: let it run, or delete it with a reason`,
  );
};

/** Every test file can fail. */
export const assertingTest: Rule = ({ path, text }) => {
  if (!TEST.test(path) || /\b(expect|assert)\b\S*\(/.test(text)) return [];
  return [`${path}: asserts nothing: add an expect(), or delete the file`];
};

/** No randomness without a seed and no wall clock decide a test. */
export const repeatableTest: Rule = ({ path, text }) => {
  if (RULES.test(path) || !/^tests\/.*\.ts$/.test(path)) return [];
  const found = matchLines(text, /\bMath\.random\(\)/);
  return found.map(({ line }) => `${path}:${line}: Math.random(): draw from a seeded random`);
};

/** Nothing names the machine where it was written. */
export const machinePath: Rule = ({ path, text }) => {
  if (RULES.test(path)) return [];
  const found = matchLines(
    text,
    /(?<![\w.)\]}-])(\/(work|tmp|root|mnt|private)\/|\/home\/\w|\/Users\/\w|[A-Z]:\\Users)\S*/,
  );
  return found.map(
    ({ line, found: where }) => `${path}:${line}: ${where}: use a path relative to the project`,
  );
};

/** Nothing names a package registry or a private network; the lockfiles work with any registry. */
export const registryHost: Rule = ({ path, text }) => {
  if (RULES.test(path)) return [];
  const found = matchLines(text, PRIVATE_HOST).map(
    ({ line, found: where }) => `${path}:${line}: ${where}: leave the registry to the reader's npm`,
  );
  const isLockfile = path.endsWith('package-lock.json');
  const resolved = isLockfile ? matchLines(text, /^\s*"resolved":/) : [];
  const remedy = 'run npm install with the .npmrc of this project';
  return [...found, ...resolved.map(({ line }) => `${path}:${line}: "resolved" URL: ${remedy}`)];
};

/** A model of a real system says what it models, what it leaves out, and what must hold. */
export const modelHeader: Rule = ({ path, text }) => {
  if (!path.startsWith('engine/')) return [];
  const header = /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? '';
  if (!/^\/\*\*[\s*]*Models\b/.test(header)) return [];
  const missing = ['Simplified', 'Invariant'].filter((word) => !header.includes(word));
  return missing.map((word) => `${path}: opens with "Models": add what is "${word}: …"`);
};

export const RULES_PER_FILE = {
  fileName,
  folderName,
  fileLength,
  lineLength,
  openWork,
  skippedTest,
  assertingTest,
  repeatableTest,
  machinePath,
  registryHost,
  modelHeader,
} satisfies Record<string, Rule>;
