import { decodeTrace, KIND, type Trace } from '#engine';
import { type Explanation, explainFunctionFailure, mapPlacesInText } from '../sandbox/explain.ts';
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
 * Reads the result of a visible run: `{ trace: Uint8Array }`.
 * @throws Error when it is not one; ConfigError when the bytes are no trace.
 */
export function readRun(value: unknown, findSource: FindSource): ShownRun {
  const bytes = (value as { trace?: unknown } | null | undefined)?.trace;
  if (!(bytes instanceof Uint8Array)) throw new Error('the run gave no trace');
  const raw = decodeTrace(bytes);
  const trace = mapStacks(raw, findSource);
  const row = raw.columns.kind.indexOf(KIND['function-failed']);
  if (row === -1) return { trace, row: trace.rowCount - 1 };
  const thrown = raw.values[raw.columns.value[row] ?? -1];
  return { trace, row, failure: explainFunctionFailure(thrown, findSource) };
}

/** Decodes the trace of a failing run. @throws ConfigError when the bytes are no trace. */
export function readTrace(bytes: Uint8Array, findSource: FindSource): Trace {
  return mapStacks(decodeTrace(bytes), findSource);
}

/** Stacks inside a trace speak of the emitted JavaScript; the reader knows only the TypeScript. */
function mapStacks(trace: Trace, findSource: FindSource): Trace {
  const values = trace.values.map((value) => {
    if (typeof value !== 'object' || value === null || !('stack' in value)) return value;
    const { stack } = value;
    return typeof stack === 'string'
      ? { ...value, stack: mapPlacesInText(stack, findSource) }
      : value;
  });
  return { ...trace, values };
}
