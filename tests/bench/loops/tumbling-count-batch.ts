/**
 * W8 by hand: W2's table by a batch. All of the input is there, so nothing is late and no watermark
 * is needed. The results come key after key, as a batch hands them on.
 */
import type { Row } from '../workload-data.ts';
import type { WindowCount } from './tumbling-count.ts';

interface Accumulator {
  count: number;
  sum: number;
}

/** The loop: what a good engineer would write, with row objects and `Map`. */
export function tumblingCountBatchLoop(
  records: readonly Row[],
  { windowMs }: { readonly windowMs: number },
): readonly WindowCount[] {
  const keys = new Map<number, Map<number, Accumulator>>();
  for (const { ts, key, value } of records) {
    const start = ts - (ts % windowMs);
    let windows = keys.get(key);
    if (windows === undefined) {
      windows = new Map();
      keys.set(key, windows);
    }
    const accumulator = windows.get(start);
    if (accumulator === undefined) windows.set(start, { count: 1, sum: value });
    else {
      accumulator.count++;
      accumulator.sum += value;
    }
  }
  const rows: WindowCount[] = [];
  for (const [key, windows] of keys) {
    for (const [windowStart, { count, sum }] of windows)
      rows.push({ key, windowStart, count, sum });
  }
  return rows;
}
