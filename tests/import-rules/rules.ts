import type { Import } from './imports.ts';

/** The folders of `engine/`, each allowed to import only from those before it. */
export const ENGINE_ORDER = [
  'core',
  'trace',
  'faults',
  'logs',
  'time',
  'windows',
  'state',
  'operators',
  'connectors',
  'datastream',
  'dataset',
  'flink',
  'spark',
  'batch',
  'checkers',
  'capacity',
] as const;

/** Where everybody else enters the engine. */
const DOORS: readonly (string | undefined)[] = ['engine/index.ts', 'engine/spark/index.ts'];

const RUNTIMES: readonly string[] = ['flink', 'spark', 'batch'];

/** What a figure may not take from the engine: it draws traces and never makes them. */
const RUNTIME_EXPORTS: readonly string[] = [
  'simulate',
  'simulateBatch',
  'simulateSchedule',
  'simulateMicroBatches',
  'StreamExecutionEnvironment',
];

function isIn(path: string | undefined, folder: string): boolean {
  return path?.startsWith(`${folder}/`) === true;
}

function engineFolder(path: string): string {
  const [, folder, ...rest] = path.split('/');
  return rest.length === 0 ? '' : (folder ?? '');
}

function checkEngine({ from, target, specifier }: Import): string | undefined {
  if (target === undefined) return `the engine has no dependency: write what ${specifier} gives`;
  if (!isIn(target, 'engine')) return 'the engine knows nothing outside engine/: pass it in';
  const source = engineFolder(from);
  const destination = engineFolder(target);
  if (source === '') return undefined;
  if (destination === '') return `import from the file itself: #engine is the door for others`;
  if (source === destination) return undefined;
  if (source === 'checkers' && !['core', 'trace'].includes(destination)) {
    return 'a verdict reads the trace, not live state: import only engine/core and engine/trace';
  }
  if (RUNTIMES.includes(source) && RUNTIMES.includes(destination)) {
    return 'no runtime knows another: move what they share to a folder above both';
  }
  const order: readonly string[] = ENGINE_ORDER;
  if (!order.includes(source)) return `engine/${source} has no place in ENGINE_ORDER: give it one`;
  if (order.indexOf(destination) < order.indexOf(source) && order.includes(destination)) {
    return undefined;
  }
  return `engine/${source} stands above engine/${destination}: pass it in, or move it up`;
}

function checkContent({ from, target, specifier }: Import): string | undefined {
  if (target === undefined) {
    // Front matter is checked with the zod that Astro ships.
    const isSchema = from.endsWith('schema.ts') && specifier === 'astro/zod';
    return isSchema ? undefined : `content has no dependency: ${specifier} belongs to the site`;
  }
  if (DOORS.includes(target) || isIn(target, 'content')) return undefined;
  if (isIn(target, 'engine')) return 'import #engine or #engine/spark: there is no other door';
  return 'content gets its components from the page: import only #engine and content/';
}

function checkFigures({ target, specifier, names }: Import): string | undefined {
  const runtime = names.find((name) => RUNTIME_EXPORTS.includes(name));
  if (runtime !== undefined) return `a figure draws a finished trace: pass it in, not ${runtime}`;
  if (target === undefined) {
    const isAllowed = /^(d3-[a-z]+|svelte)(\/|$)/.test(specifier);
    return isAllowed ? undefined : `figures use d3 and Svelte only, not ${specifier}`;
  }
  const isAllowed = target === 'engine/index.ts' || isIn(target, 'src/figures');
  return isAllowed ? undefined : 'a figure knows only #engine and other figures: use a prop';
}

function checkSandbox({ target }: Import): string | undefined {
  const isForbidden = isIn(target, 'src/figures') || isIn(target, 'src/pages');
  return isForbidden ? 'nothing is drawn where a learner’s code runs: send a message' : undefined;
}

function checkSite({ from, target }: Import): string | undefined {
  if (isIn(target, 'src/pages')) return 'nothing imports a page: move the shared part out of it';
  if (isIn(target, 'engine') && !DOORS.includes(target)) {
    return 'import #engine or #engine/spark: there is no other door';
  }
  if (isIn(target, 'tests') && !isIn(from, 'tests')) return 'the site must not depend on tests';
  if (isIn(from, 'src/figures')) return undefined;
  const isSolution = /^content\/exercises\/.*\/(solution|starter|wrong\/.*)\.ts$/;
  if (target !== undefined && isSolution.test(target)) {
    return 'operator code runs only in the sandbox: import its text with ?raw';
  }
  return undefined;
}

/** What is wrong with one import, with the remedy; undefined when nothing is. */
export function checkImport(found: Import): string | undefined {
  const { from, specifier, target } = found;
  const isRelative = specifier.startsWith('.');
  if (isRelative && !/\.[a-z]+$/.test(target ?? ''))
    return 'write the file’s ending: Node needs it';
  if (isIn(from, 'engine')) return checkEngine(found);
  if (isIn(from, 'content')) return checkContent(found);
  if (!isIn(from, 'src')) return undefined;
  if (isIn(from, 'src/figures')) return checkFigures(found) ?? checkSite(found);
  if (isIn(from, 'src/sandbox')) return checkSandbox(found) ?? checkSite(found);
  return isRelative && specifier.endsWith('?raw') ? undefined : checkSite(found);
}
