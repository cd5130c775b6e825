/**
 * W9 once more, as fast as we know how: a table of all windows and keys in typed arrays. It is the
 * limit that the engine is measured against, not code that anyone should write at work.
 */
import type { WorkloadColumns } from '../workload-data.ts';
import type { WindowTable } from './tumbling-count-batch-limit.ts';
import { allocateOutput } from './tumbling-count-limit.ts';
import type { OutputColumns, TumblingCountColumns } from './tumbling-count-limit.ts';
import type { MicroBatchOptions } from './tumbling-count-micro-batch.ts';

/** The limit. The table is all zero again when it is done. */
export function tumblingCountMicroBatchLimit(
  { timestampMs, key: keys, value: values, keyCount, startMs }: WorkloadColumns,
  { windowMs, delayMs, batchSize }: MicroBatchOptions,
  { counts, sums }: WindowTable,
  out: OutputColumns = allocateOutput(timestampMs.length),
): TumblingCountColumns {
  const recordCount = timestampMs.length;
  const touched = new Int32Array(recordCount);
  let touchedCount = 0;
  let lateCount = 0;
  let lateMs = -Infinity;
  let watermarkMs = -Infinity;
  let latestMs = 0;
  for (let from = 0; from < recordCount; from += batchSize) {
    const until = Math.min(recordCount, from + batchSize);
    // A window is late when it has ended at or before the watermark.
    const firstWindow = lateMs === -Infinity ? 0 : Math.floor(lateMs / windowMs);
    for (let i = from; i < until; i++) {
      const timestamp = timestampMs[i];
      if (timestamp > latestMs) latestMs = timestamp;
      const window = (timestamp / windowMs) | 0;
      if (window < firstWindow) {
        lateCount++;
        continue;
      }
      const place = window * keyCount + keys[i];
      if (counts[place]++ === 0) touched[touchedCount++] = place;
      sums[place] += values[i];
    }
    lateMs = watermarkMs;
    watermarkMs = Math.max(watermarkMs, latestMs - delayMs);
  }
  let rowCount = 0;
  for (let row = 0; row < touchedCount; row++) {
    const place = touched[row];
    const windowStartMs = ((place / keyCount) | 0) * windowMs;
    if (windowStartMs + windowMs <= watermarkMs) {
      out.key[rowCount] = place % keyCount;
      out.windowStartMs[rowCount] = windowStartMs;
      out.count[rowCount] = counts[place];
      out.sum[rowCount] = sums[place];
      rowCount++;
    }
    counts[place] = 0;
    sums[place] = 0;
  }
  return { startMs, rowCount, ...out, lateCount };
}
