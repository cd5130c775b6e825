/**
 * W2 by hand: count and sum per key over tumbling windows, bounded out-of-orderness, a watermark
 * after every record, late records dropped, a window's rows let out when the watermark passes.
 * The rules are Flink's: a window is late once watermark ≥ end − 1, and the watermark is the
 * largest timestamp − delay − 1.
 */
import type { Row } from '../workload-data.ts';

export interface TumblingCountOptions {
  readonly windowMs: number;
  /** How far behind the largest timestamp the watermark stays. */
  readonly delayMs: number;
}

/** One result. `windowStart` is in ms since 1970. */
export interface WindowCount {
  readonly key: number;
  readonly windowStart: number;
  readonly count: number;
  readonly sum: number;
}

export interface TumblingCountResult {
  readonly rows: readonly WindowCount[];
  readonly lateCount: number;
}

interface Accumulator {
  count: number;
  sum: number;
}

/** The loop: what a good engineer would write, with row objects and `Map`. */
export function tumblingCountLoop(
  records: readonly Row[],
  { windowMs, delayMs }: TumblingCountOptions,
): TumblingCountResult {
  const windows = new Map<number, Map<number, Accumulator>>();
  const rows: WindowCount[] = [];
  let watermark = -Infinity;
  let nextEnd = Infinity;
  let lateCount = 0;

  const advance = (to: number): void => {
    watermark = to;
    if (watermark < nextEnd - 1) return;
    const due = [...windows.keys()].filter((start) => start + windowMs - 1 <= watermark);
    for (const start of due.sort((a, b) => a - b)) {
      for (const [key, { count, sum }] of windows.get(start) ?? []) {
        rows.push({ key, windowStart: start, count, sum });
      }
      windows.delete(start);
    }
    nextEnd = Math.min(...windows.keys()) + windowMs;
  };

  for (const { ts, key, value } of records) {
    const start = ts - (ts % windowMs);
    if (start + windowMs - 1 <= watermark) {
      lateCount++;
      continue;
    }
    let byKey = windows.get(start);
    if (byKey === undefined) {
      byKey = new Map();
      windows.set(start, byKey);
      nextEnd = Math.min(nextEnd, start + windowMs);
    }
    const accumulator = byKey.get(key);
    if (accumulator === undefined) byKey.set(key, { count: 1, sum: value });
    else {
      accumulator.count++;
      accumulator.sum += value;
    }
    if (ts - delayMs - 1 > watermark) advance(ts - delayMs - 1);
  }
  advance(Infinity);
  return { rows, lateCount };
}
