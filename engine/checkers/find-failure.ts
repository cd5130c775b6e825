import { KIND } from '../trace/kinds.ts';
import type { Trace } from '../trace/trace.ts';
import type { Finding } from './verdict.ts';

/** Why a run ended before its input did: the operator's code threw, or the job gave up. */
export function findFailure(trace: Trace): Finding | undefined {
  const { kind, value } = trace.columns;
  const thrownRow = kind.indexOf(KIND['function-failed']);
  const row = thrownRow === -1 ? kind.indexOf(KIND['job-failed']) : thrownRow;
  if (row === -1) return undefined;
  const told = trace.values[value[row] as number] as { [field: string]: unknown } | null;
  if (thrownRow !== -1) {
    const text = `Your code threw an error: ${String(told?.['message'])}`;
    return { name: 'function threw', text, row };
  }
  return { name: 'job gave up', text: `The job gave up: ${String(told?.['reason'])}`, row };
}
