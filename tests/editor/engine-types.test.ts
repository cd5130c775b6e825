import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { declareEngine } from '../../tools/engine-bundle.mjs';

/** The editor's language service, with the same declarations and options, in Node. */
function openService(text: string): ts.LanguageService {
  const { declarations } = declareEngine();
  const files = new Map(
    Object.entries(declarations).map(([path, content]) => [`/engine/${path}`, content]),
  );
  files.set('/exercise/operator.ts', text);
  return ts.createLanguageService({
    getCompilationSettings: () => ({
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ['lib.es2023.d.ts'],
      types: [],
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      paths: { '#engine': ['/engine/index.ts'] },
    }),
    getScriptFileNames: () => [...files.keys()],
    getScriptVersion: () => '1',
    getScriptSnapshot: (file) => {
      const content = files.get(file) ?? ts.sys.readFile(file);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => '/',
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
    fileExists: (file) => files.has(file) || ts.sys.fileExists(file),
    readFile: (file) => files.get(file) ?? ts.sys.readFile(file),
  });
}

const OPERATOR = `import { KeyedProcessFunction } from '#engine';
import type { Collector, ProcessContext } from '#engine';

export class Count extends KeyedProcessFunction<string, number, number> {
  processElement(value: number, ctx: ProcessContext<string>, out: Collector<number>): void {
    ctx.timerService().registerEventTimeTimer(value);
    out.collect('a text');
  }
}
`;

describe("the editor's view of the engine", () => {
  const file = '/exercise/operator.ts';
  const service = openService(OPERATOR);
  const at = (text: string): number => OPERATOR.indexOf(text);

  test("completes the timer service's methods", () => {
    const completions = service.getCompletionsAtPosition(file, at('registerEvent'), {});
    const names = completions?.entries.map(({ name }) => name) ?? [];
    expect(names).toContain('registerEventTimeTimer');
    expect(names).toContain('deleteEventTimeTimer');
    expect(names).toContain('currentWatermark');
  });

  test('explains a class with the words of the engine', () => {
    const info = service.getQuickInfoAtPosition(file, OPERATOR.lastIndexOf('KeyedProcessFunction'));
    expect(ts.displayPartsToString(info?.documentation)).toMatch(/state and timers of that key/);
  });

  test('checks what is emitted, and nothing else is wrong', () => {
    const found = service.getSemanticDiagnostics(file);
    expect(found.map(({ start, code }) => [start, code])).toEqual([[at("'a text'"), 2345]]);
  });
});
