// Makes modules that exist only while the site is built or served:
//   virtual:engine-bundle            the engine as text, for the sandbox
//   virtual:engine-types             the engine's declarations as texts, for the editor
//   virtual:sandbox-worker           the sandbox's worker as text
//   virtual:exercise-bundles         a loader for each exercise's checks, by slug
//   virtual:exercise-bundle/<slug>   the checks of one exercise as text, importing `#engine`
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { build } from 'vite';
import { projectRoot } from './project.mjs';

const ENGINE_ENTRY = path.join(projectRoot, 'engine', 'index.ts');
const WORKER_ENTRY = path.join(projectRoot, 'src', 'sandbox', 'worker', 'boot.ts');
const EXERCISES = path.join(projectRoot, 'content', 'exercises');
const EXERCISE_PREFIX = 'virtual:exercise-bundle/';

// Names stay as they are: traces and stacks are read by people, and must not differ from Node's.
const MINIFY = { compress: true, mangle: false, codegen: { removeWhitespace: true } };

/** `entry` and what it imports as one text; `files` are the files it was made from. */
async function bundle(entry, format, external = []) {
  const [result] = [
    await build({
      configFile: false,
      root: projectRoot,
      logLevel: 'error',
      build: {
        write: false,
        target: 'es2023',
        minify: false,
        lib: { entry, formats: [format], fileName: 'bundle', name: 'bundle' },
        rolldownOptions: { external, output: { minify: MINIFY } },
      },
    }),
  ].flat();
  const [chunk] = result.output;
  return { text: chunk.code, files: chunk.moduleIds.filter((id) => path.isAbsolute(id)) };
}

/**
 * The declarations of the engine, with their comments: what the editor completes and explains.
 * @returns {{ declarations: Record<string, string>, files: string[] }}
 */
export function declareEngine(entry = ENGINE_ENTRY) {
  const program = ts.createProgram([entry], {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2023.d.ts'],
    types: [],
    allowImportingTsExtensions: true,
    declaration: true,
    emitDeclarationOnly: true,
    strict: true,
  });
  /** @type {Record<string, string>} */
  const declarations = {};
  const folder = path.dirname(entry);
  program.emit(undefined, (file, text) => {
    const name = path.relative(folder, file).replace(/\.d\.ts$/, '.ts');
    declarations[name.split(path.sep).join('/')] = text;
  });
  const files = program.getSourceFiles().map((file) => path.normalize(file.fileName));
  return { declarations, files: files.filter((file) => file.startsWith(folder)) };
}

/** Slugs of the exercises that have checks. */
function exerciseSlugs() {
  if (!existsSync(EXERCISES)) return [];
  const names = readdirSync(EXERCISES);
  return names.filter((name) => existsSync(path.join(EXERCISES, name, 'checks.ts')));
}

async function make(id) {
  if (id === 'virtual:engine-bundle') return asCode(await bundle(ENGINE_ENTRY, 'es'));
  if (id === 'virtual:sandbox-worker') return asCode(await bundle(WORKER_ENTRY, 'iife'));
  if (id === 'virtual:engine-types') {
    const { declarations, files } = declareEngine();
    return { code: `export const declarations = ${JSON.stringify(declarations)};`, files };
  }
  if (id === 'virtual:exercise-bundles') {
    const loaders = exerciseSlugs().map((slug) => {
      const specifier = JSON.stringify(EXERCISE_PREFIX + slug);
      return `${JSON.stringify(slug)}: () => import(${specifier})`;
    });
    return { code: `export const loaders = { ${loaders.join(', ')} };`, files: [] };
  }
  const slug = id.slice(EXERCISE_PREFIX.length);
  return asCode(await bundle(path.join(EXERCISES, slug, 'checks.ts'), 'es', ['#engine']));
}

function asCode({ text, files }) {
  return { code: `export const code = ${JSON.stringify(text)};`, files };
}

const NAMES = ['engine-bundle', 'engine-types', 'sandbox-worker', 'exercise-bundles'];

/** The Vite plugin. A build makes each module once, though server and client both ask for it. */
export function engineBundle() {
  const made = new Map();
  let isBuild = false;
  return {
    name: 'millrace-engine-bundle',
    configResolved: (config) => {
      isBuild = config.command === 'build';
    },
    resolveId: (id) =>
      NAMES.some((name) => id === `virtual:${name}`) || id.startsWith(EXERCISE_PREFIX)
        ? `\0${id}`
        : undefined,
    async load(resolvedId) {
      if (!resolvedId.startsWith('\0virtual:')) return undefined;
      const id = resolvedId.slice(1);
      if (!NAMES.includes(id.slice('virtual:'.length)) && !id.startsWith(EXERCISE_PREFIX)) {
        return undefined;
      }
      const making = (isBuild && made.get(id)) || make(id);
      made.set(id, making);
      const { code, files } = await making;
      for (const file of files) this.addWatchFile(file);
      return code;
    },
  };
}
