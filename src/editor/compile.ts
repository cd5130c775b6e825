import type * as Monaco from 'monaco-editor/editor';
import type * as typescriptModule from 'monaco-editor/languages/features/typescript/register';
import { type FindSource, readMappings } from '../sandbox/source-map.ts';

/** A complaint of the compiler, at a place counted from 1. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type Compilation =
  | { readonly type: 'compiled'; readonly code: string; readonly findSource: FindSource }
  /** Code with errors is not run: what it does would not be what it says. */
  | { readonly type: 'rejected'; readonly problems: readonly Problem[] };

type Message = string | { readonly messageText: string; readonly next?: readonly Message[] };
const ERROR_CATEGORY = 1;
const REGISTER_MS_MAX = 15_000;
const REGISTER_RETRY_MS = 30;

/**
 * Checks and translates the text of `model`.
 * @throws whatever Monaco does when its TypeScript worker can't be had.
 */
export async function compile(
  typescript: typeof typescriptModule,
  model: Monaco.editor.ITextModel,
): Promise<Compilation> {
  const getWorker = await whenRegistered(typescript);
  const worker = await getWorker(model.uri);
  const file = model.uri.toString();
  const [syntactic, semantic, emitted] = await Promise.all([
    worker.getSyntacticDiagnostics(file),
    worker.getSemanticDiagnostics(file),
    worker.getEmitOutput(file),
  ]);
  const errors = [...syntactic, ...semantic].filter((found) => found.category === ERROR_CATEGORY);
  if (errors.length > 0) {
    const problems = errors.map(({ start, messageText }) => {
      const { lineNumber, column } = model.getPositionAt(start ?? 0);
      return { line: lineNumber, column, message: flatten(messageText as Message) };
    });
    return { type: 'rejected', problems };
  }
  const outputs = emitted.outputFiles;
  const code = outputs.find(({ name }) => name.endsWith('.js'))?.text ?? '';
  const map = outputs.find(({ name }) => name.endsWith('.js.map'))?.text ?? '{"mappings":""}';
  const { mappings } = JSON.parse(map) as { mappings: string };
  return { type: 'compiled', code, findSource: readMappings(mappings) };
}

type GetWorker = Awaited<ReturnType<typeof typescriptModule.getTypeScriptWorker>>;

/**
 * Monaco loads its TypeScript mode on its own when the first model appears, and refuses to name the
 * worker until then, without a way to be told.
 */
async function whenRegistered(typescript: typeof typescriptModule): Promise<GetWorker> {
  const giveUpAtMs = performance.now() + REGISTER_MS_MAX;
  for (;;) {
    try {
      return await typescript.getTypeScriptWorker();
    } catch (error) {
      if (performance.now() > giveUpAtMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, REGISTER_RETRY_MS));
    }
  }
}

/** The first sentence says what is wrong; the deepest says where exactly. Both are shown. */
function flatten(message: Message): string {
  if (typeof message === 'string') return message;
  const [next] = message.next ?? [];
  return next === undefined ? message.messageText : `${message.messageText} ${flatten(next)}`;
}
