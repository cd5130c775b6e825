import { decodeTrace, KIND, type Trace } from '#engine';
import { type Explanation, explainThrown } from '../sandbox/explain.ts';
import { isErrorReport } from '../sandbox/protocol.ts';
import type { FindSource } from '../sandbox/source-map.ts';

/** A visible run as it is shown. */
export interface ShownRun {
  readonly trace: Trace;
  /** Where the figure starts: at the learner's error, or at the end. */
  readonly row: number;
  /** The learner's code threw during the run. */
  readonly failure?: Explanation;
}

/**
 * Reads the result of a visible run: `{ trace: Uint8Array, thrown?: Error }`.
 * @throws Error when it is not one; ConfigError when the bytes are no trace.
 */
export function readRun(value: unknown, findSource: FindSource): ShownRun {
  const { trace: bytes, thrown } = (value ?? {}) as { readonly [field: string]: unknown };
  if (!(bytes instanceof Uint8Array)) throw new Error('the run gave no trace');
  const trace = decodeTrace(bytes);
  const failedRow = trace.columns.kind.indexOf(KIND['function-failed']);
  const row = failedRow === -1 ? trace.rowCount - 1 : failedRow;
  if (!isErrorReport(thrown)) return { trace, row };
  return { trace, row, failure: explainThrown(thrown, findSource) };
}

/** Decodes the trace of a failing run. @throws ConfigError when the bytes are no trace. */
export function readTrace(bytes: Uint8Array): Trace {
  return decodeTrace(bytes);
}
