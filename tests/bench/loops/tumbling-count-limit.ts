/**
 * W2 once more, as fast as we know how: the rules of `tumbling-count.ts` with typed arrays, dense
 * keys and 32-bit times relative to the workload's start. It is the limit that the engine is
 * measured against, not code that anyone should write at work.
 */
import type { WorkloadColumns } from '../workload-data.ts';
import type { TumblingCountOptions, TumblingCountResult } from './tumbling-count.ts';

/** Where results go. Give the same one to each round: fresh memory costs more than the work. */
export interface OutputColumns {
  readonly key: Int32Array;
  readonly windowStartMs: Int32Array;
  readonly count: Int32Array;
  readonly sum: Int32Array;
}

/** Results, of which the first `rowCount` places count. Times are relative to `startMs`. */
export interface TumblingCountColumns extends OutputColumns {
  readonly startMs: number;
  readonly rowCount: number;
  readonly lateCount: number;
}

/** Room for the results of `recordCount` records: no window holds more rows than records. */
export function allocateOutput(recordCount: number): OutputColumns {
  return {
    key: new Int32Array(recordCount),
    windowStartMs: new Int32Array(recordCount),
    count: new Int32Array(recordCount),
    sum: new Int32Array(recordCount),
  };
}

/**
 * The limit. Open windows live in a ring of slots; a key is listed once in its slot, when its
 * count leaves zero, so that firing a window reads only the keys that it holds.
 */
export function tumblingCountLimit(
  columns: WorkloadColumns,
  { windowMs, delayMs }: TumblingCountOptions,
  out: OutputColumns = allocateOutput(columns.timestampMs.length),
): TumblingCountColumns {
  const { keyCount, timestampMs, key: keys, value: values, startMs } = columns;
  if (startMs % windowMs !== 0) {
    throw new RangeError(
      `the workload's start must be a multiple of the window, ${windowMs} ms: got ${startMs}. ` +
        'Choose a window that divides a day.',
    );
  }
  // The watermark lags by the delay, so that no more than these windows are open at a time.
  const slotCount = Math.ceil(delayMs / windowMs) + 2;
  const counts = new Int32Array(slotCount * keyCount);
  const sums = new Int32Array(slotCount * keyCount);
  const touched = new Int32Array(slotCount * keyCount);
  const touchedCount = new Int32Array(slotCount);
  let rowCount = 0;
  let firstOpen = 0;
  let lastUsed = -1;
  let nextFireAt = windowMs + delayMs;
  let lateCount = 0;

  const fire = (index: number): void => {
    const slot = index % slotCount;
    const base = slot * keyCount;
    const end = base + touchedCount[slot];
    for (let i = base; i < end; i++) {
      const key = touched[i];
      out.key[rowCount] = key;
      out.windowStartMs[rowCount] = index * windowMs;
      out.count[rowCount] = counts[base + key];
      out.sum[rowCount++] = sums[base + key];
      counts[base + key] = 0;
      sums[base + key] = 0;
    }
    touchedCount[slot] = 0;
  };

  for (let i = 0; i < timestampMs.length; i++) {
    const timestamp = timestampMs[i];
    const index = (timestamp / windowMs) | 0;
    if (index < firstOpen) {
      lateCount++;
      continue;
    }
    // This record raises the watermark past them; it can't belong to one of them itself.
    while (timestamp >= nextFireAt) {
      fire(firstOpen++);
      nextFireAt += windowMs;
    }
    if (index > lastUsed) lastUsed = index;
    const slot = index % slotCount;
    const base = slot * keyCount;
    const key = keys[i];
    if (counts[base + key]++ === 0) touched[base + touchedCount[slot]++] = key;
    sums[base + key] += values[i];
  }
  while (firstOpen <= lastUsed) fire(firstOpen++);
  return { startMs, rowCount, ...out, lateCount };
}

/** The limit's result in the loop's form, to compare them. */
export function toResult(columns: TumblingCountColumns): TumblingCountResult {
  const rows = Array.from({ length: columns.rowCount }, (_, row) => ({
    key: columns.key[row],
    windowStart: columns.startMs + columns.windowStartMs[row],
    count: columns.count[row],
    sum: columns.sum[row],
  }));
  return { rows, lateCount: columns.lateCount };
}
