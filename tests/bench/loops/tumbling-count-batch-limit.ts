/**
 * W8 once more, as fast as we know how: a table of all windows and keys in typed arrays. It is the
 * limit that the engine is measured against, not code that anyone should write at work.
 */
import type { WorkloadColumns } from '../workload-data.ts';
import { allocateOutput } from './tumbling-count-limit.ts';
import type { OutputColumns, TumblingCountColumns } from './tumbling-count-limit.ts';

/** Counts and sums of all windows and keys. Give the same one to each round. */
export interface WindowTable {
  readonly counts: Int32Array;
  readonly sums: Int32Array;
}

/** Room for what `columns` hold, all zero. */
export function allocateTable({ timestampMs, keyCount }: WorkloadColumns, windowMs: number) {
  let latestMs = 0;
  for (const timestamp of timestampMs) latestMs = Math.max(latestMs, timestamp);
  const size = (Math.floor(latestMs / windowMs) + 1) * keyCount;
  return { counts: new Int32Array(size), sums: new Int32Array(size) } satisfies WindowTable;
}

/** The limit. The table is all zero again when it is done. */
export function tumblingCountBatchLimit(
  { timestampMs, key: keys, value: values, keyCount, startMs }: WorkloadColumns,
  { windowMs }: { readonly windowMs: number },
  { counts, sums }: WindowTable,
  out: OutputColumns = allocateOutput(timestampMs.length),
): TumblingCountColumns {
  const touched = new Int32Array(timestampMs.length);
  let rowCount = 0;
  for (let i = 0; i < timestampMs.length; i++) {
    const place = ((timestampMs[i] / windowMs) | 0) * keyCount + keys[i];
    if (counts[place]++ === 0) touched[rowCount++] = place;
    sums[place] += values[i];
  }
  for (let row = 0; row < rowCount; row++) {
    const place = touched[row];
    out.key[row] = place % keyCount;
    out.windowStartMs[row] = ((place / keyCount) | 0) * windowMs;
    out.count[row] = counts[place];
    out.sum[row] = sums[place];
    counts[place] = 0;
    sums[place] = 0;
  }
  return { startMs, rowCount, ...out, lateCount: 0 };
}
