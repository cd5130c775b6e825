import { KIND, type Trace, type TraceKind } from '#engine';
import { bisectLeft, bisectRight } from 'd3-array';

const FIRING_KINDS: readonly TraceKind[] = ['window-fired', 'timer-fired'];
const FAILURE_KINDS: readonly TraceKind[] = [
  'task-manager-failed',
  'function-failed',
  'job-failed',
  'checkpoint-aborted',
];

/** The rows that the jump buttons stop at, ascending. */
export interface Stops {
  readonly firings: readonly number[];
  readonly failures: readonly number[];
}

/**
 * With `byBurst`, firings of one moment count as one stop, at the last of them: when 90 keys fire
 * together, one press should pass them all.
 */
export function findStops(trace: Trace, { byBurst }: { readonly byBurst: boolean }): Stops {
  const firings = rowsOf(trace, FIRING_KINDS);
  const { atMs } = trace.columns;
  return {
    firings: byBurst
      ? firings.filter((row, index) => atMs[row] !== atMs[firings[index + 1] ?? -1])
      : firings,
    failures: rowsOf(trace, FAILURE_KINDS),
  };
}

/** The nearest stop after (or before) `row`, or `row` itself when there is none. */
export function nextStop(stops: readonly number[], row: number, direction: 1 | -1): number {
  const index = direction === 1 ? bisectRight(stops, row) : bisectLeft(stops, row) - 1;
  return stops[index] ?? row;
}

/** All rows of these kinds, ascending. */
export function rowsOf(trace: Trace, kinds: readonly TraceKind[]): readonly number[] {
  const wanted = new Set(kinds.map((kind) => KIND[kind]));
  const rows: number[] = [];
  trace.columns.kind.forEach((kind, row) => {
    if (wanted.has(kind)) rows.push(row);
  });
  return rows;
}
