import type * as Monaco from 'monaco-editor/editor';
import type * as typescriptModule from 'monaco-editor/languages/features/typescript/register';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/editor/compile.ts';

const FILE = 'file:///exercise/operator.ts';

/** As much of a Monaco model as the compiler looks at. */
function modelOf(text: string): Monaco.editor.ITextModel {
  const getPositionAt = (offset: number): { lineNumber: number; column: number } => {
    const lines = text.slice(0, offset).split('\n');
    return { lineNumber: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
  };
  return { uri: { toString: () => FILE }, getPositionAt } as Monaco.editor.ITextModel;
}

/** Monaco's TypeScript, which is not ready for the first `refusalCount` questions. */
function typescriptFor(text: string, refusalCount = 0): typeof typescriptModule {
  const options = { target: ts.ScriptTarget.ESNext, sourceMap: true, strict: true, noLib: true };
  const host: ts.LanguageServiceHost = {
    getCompilationSettings: () => options,
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => '1',
    getScriptSnapshot: (file) => (file === FILE ? ts.ScriptSnapshot.fromString(text) : undefined),
    getCurrentDirectory: () => '/',
    getDefaultLibFileName: () => 'none',
    fileExists: (file) => file === FILE,
    readFile: (file) => (file === FILE ? text : undefined),
  };
  const service = ts.createLanguageService(host);
  let refusalsLeft = refusalCount;
  return {
    getTypeScriptWorker: () => {
      refusalsLeft -= 1;
      if (refusalsLeft >= 0) return Promise.reject(new Error('TypeScript not registered!'));
      return Promise.resolve(() => Promise.resolve(service));
    },
  } as unknown as typeof typescriptModule;
}

describe('compiling the text of a model', () => {
  test('gives JavaScript whose places lead back to the text', async () => {
    const text = 'interface A {}\n\nexport const a: A | number = 1;\n';
    const compiled = await compile(typescriptFor(text), modelOf(text));
    if (compiled.type !== 'compiled') throw new Error('rejected');
    expect(compiled.code).toContain('export const a = 1;');
    expect(compiled.findSource({ line: 1, column: 1 })?.line).toBe(3);
  });

  test('rejects code with errors, with their places', async () => {
    const text = 'export const a = 1;\nexport const b: string = a;\n';
    expect(await compile(typescriptFor(text), modelOf(text))).toEqual({
      type: 'rejected',
      problems: [
        { line: 2, column: 14, message: "Type 'number' is not assignable to type 'string'." },
      ],
    });
  });

  test('waits until the language is ready', async () => {
    const text = 'export const a = 1;\n';
    const compiled = await compile(typescriptFor(text, 3), modelOf(text));
    expect(compiled.type).toBe('compiled');
  });
});
