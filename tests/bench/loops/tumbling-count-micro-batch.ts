/**
 * W9 by hand: W2's table in micro-batches. Rows are held to the watermark of the batch before;
 * windows come out when the watermark that a batch began with has passed them.
 */
import type { Row } from '../workload-data.ts';
import type { WindowCount } from './tumbling-count.ts';

interface Accumulator {
  count: number;
  sum: number;
}

export interface MicroBatchOptions {
  readonly windowMs: number;
  readonly delayMs: number;
  readonly batchSize: number;
}

/** The loop: what a good engineer would write, with row objects and `Map`. */
export function tumblingCountMicroBatchLoop(
  records: readonly Row[],
  { windowMs, delayMs, batchSize }: MicroBatchOptions,
): readonly WindowCount[] {
  const windows = new Map<number, Map<number, Accumulator>>();
  const rows: WindowCount[] = [];
  let lateMs = 0;
  let watermarkMs = 0;
  let latestMs = 0;
  // One batch more, without data: it has the last watermark.
  for (let from = 0; from < records.length + batchSize; from += batchSize) {
    const until = Math.min(records.length, from + batchSize);
    for (let at = from; at < until; at++) {
      const { ts, key, value } = records[at];
      const start = ts - (ts % windowMs);
      if (ts > latestMs) latestMs = ts;
      if (start + windowMs <= lateMs) continue;
      let keys = windows.get(start);
      if (keys === undefined) {
        keys = new Map();
        windows.set(start, keys);
      }
      const accumulator = keys.get(key);
      if (accumulator === undefined) keys.set(key, { count: 1, sum: value });
      else {
        accumulator.count++;
        accumulator.sum += value;
      }
    }
    for (const [windowStart, keys] of windows) {
      if (windowStart + windowMs > watermarkMs) continue;
      for (const [key, { count, sum }] of keys) rows.push({ key, windowStart, count, sum });
      windows.delete(windowStart);
    }
    lateMs = watermarkMs;
    watermarkMs = Math.max(watermarkMs, latestMs - delayMs);
  }
  return rows;
}
