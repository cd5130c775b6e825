/** The heavy part of the editor. Only ever reached through `import('./monaco.ts')`. */
import * as monaco from 'monaco-editor/editor';
import EditorWorker from 'monaco-editor/editor/editor.worker?worker';
import 'monaco-editor/features/register.all';
import 'monaco-editor/languages/definitions/typescript/register';
import * as typescript from 'monaco-editor/languages/features/typescript/register';
import TypeScriptWorker from 'monaco-editor/languages/features/typescript/ts.worker?worker';
import { declarations } from 'virtual:engine-types';
import { createEditor, type Editor, type EditorOptions } from './create-editor.ts';
import { setUpLanguage } from './language.ts';

self.MonacoEnvironment = {
  getWorker: (_workerId: string, label: string) =>
    label === 'typescript' || label === 'javascript' ? new TypeScriptWorker() : new EditorWorker(),
};
setUpLanguage(typescript, declarations);

/** Opens the editor in `host`. */
export function openEditor(options: Omit<EditorOptions, 'monaco' | 'typescript'>): Editor {
  return createEditor({ ...options, monaco, typescript });
}
