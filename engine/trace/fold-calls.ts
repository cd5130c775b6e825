import type { CallFrame } from './frame.ts';
import { KIND } from './kinds.ts';
import type { Trace } from './trace.ts';

/**
 * Folds a fact about a call to an external service into the calls that a subtask has under way, by
 * the row of their latest attempt. Other facts change nothing.
 */
export function foldCall(trace: Trace, row: number, calls: Map<string, CallFrame>): void {
  const { a, b, d, kind, key, atMs } = trace.columns;
  const about = d[row] as number;
  switch (kind[row]) {
    case KIND['async-requested']: {
      const first = calls.get(String(about));
      calls.delete(String(about));
      calls.set(String(row), {
        key: key[row] as number,
        eventTimeMs: a[row] as number,
        beganAtMs: first?.beganAtMs ?? (atMs[row] as number),
        attempt: b[row] as number,
        isAnswered: false,
        row,
      });
      return;
    }
    case KIND['async-answered']: {
      const call = calls.get(String(about));
      if (call !== undefined) calls.set(String(about), { ...call, isAnswered: true });
      return;
    }
    case KIND['async-released']:
      calls.delete(String(trace.columns.d[about] ?? -1));
      return;
    default:
  }
}
