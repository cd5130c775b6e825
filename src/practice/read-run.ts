import { decodeTrace, KIND, type Trace } from '#engine';
import { type Explanation, explainThrown } from '../sandbox/explain.ts';
import type { ErrorReport } from '../sandbox/protocol.ts';
import type { FindSource } from '../sandbox/source-map.ts';

/** A visible run as it is shown. */
export interface ShownRun {
  readonly trace: Trace;
  /** Where the figure starts: at the learner's error, or at the end. */
  readonly row: number;
  /** The learner's code threw, and the run ended there. */
  readonly failure?: Explanation;
}

/**
 * Reads the result of a visible run: `{ trace: Uint8Array }`. `thrown` is what the learner's code
 * threw last, which a trace does not keep: stacks differ between browsers, traces don't.
 * @throws Error when it is not one; ConfigError when the bytes are no trace.
 */
export function readRun(
  value: unknown,
  thrown: ErrorReport | undefined,
  findSource: FindSource,
): ShownRun {
  const { trace: bytes } = (value ?? {}) as { readonly [field: string]: unknown };
  if (!(bytes instanceof Uint8Array)) throw new Error('the run gave no trace');
  const trace = decodeTrace(bytes);
  const row = trace.columns.kind.indexOf(KIND['function-failed']);
  if (row === -1) return { trace, row: trace.rowCount - 1 };
  const failed = trace.values[trace.columns.value[row] ?? -1];
  const { message } = (failed ?? {}) as { readonly message?: unknown };
  const isKnown = thrown !== undefined && thrown.message === message;
  const error = isKnown ? thrown : { name: 'Error', message: String(message), frames: [] };
  return { trace, row, failure: explainThrown(error, findSource) };
}

/** Decodes the trace of a failing run. @throws ConfigError when the bytes are no trace. */
export function readTrace(bytes: Uint8Array): Trace {
  return decodeTrace(bytes);
}
