import type * as typescriptModule from 'monaco-editor/languages/features/typescript/register';

type TypeScript = typeof typescriptModule;

/** Where the editor's language service finds the engine's declarations. */
const ENGINE_ROOT = 'file:///engine/';

/** What the sandbox offers besides the language itself. There is no DOM there. */
const SANDBOX_GLOBALS = `
/** Prints beside the editor while the run goes on. */
declare const console: {
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  debug(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
};
`;

/**
 * Makes TypeScript check and complete the learner's file against `#engine` as it really is:
 * `declarations` are made from the engine's sources, by path below `engine/`.
 */
export function setUpLanguage(
  typescript: TypeScript,
  declarations: { readonly [path: string]: string },
): void {
  const defaults = typescript.typescriptDefaults;
  defaults.setCompilerOptions({
    target: typescript.ScriptTarget.ESNext,
    module: typescript.ModuleKind.ESNext,
    moduleResolution: typescript.ModuleResolutionKind.NodeJs,
    lib: ['es2023'],
    strict: true,
    noFallthroughCasesInSwitch: true,
    allowImportingTsExtensions: true,
    allowNonTsExtensions: true,
    sourceMap: true,
    baseUrl: 'file:///',
    paths: { '#engine': ['engine/index.ts'] },
  });
  defaults.setEagerModelSync(true);
  defaults.addExtraLib(SANDBOX_GLOBALS, 'file:///sandbox-globals.d.ts');
  for (const [path, text] of Object.entries(declarations)) {
    defaults.addExtraLib(text, ENGINE_ROOT + path);
  }
}
