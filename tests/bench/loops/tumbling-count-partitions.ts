/**
 * W11 by hand: W2 over several partitions of a log. Each has its own largest timestamp; the
 * watermark is the smallest of theirs, less the delay and 1 ms. Record `i` is of partition
 * `i % partitionCount`.
 */
import type { Row } from '../workload-data.ts';
import type { TumblingCountOptions, TumblingCountResult, WindowCount } from './tumbling-count.ts';

export interface PartitionedOptions extends TumblingCountOptions {
  readonly partitionCount: number;
}

interface Accumulator {
  count: number;
  sum: number;
}

/** The loop: what a good engineer would write, with row objects and `Map`. */
export function tumblingCountPartitionsLoop(
  records: readonly Row[],
  { windowMs, delayMs, partitionCount }: PartitionedOptions,
): TumblingCountResult {
  const windows = new Map<number, Map<number, Accumulator>>();
  const largest = Array.from({ length: partitionCount }, () => -Infinity);
  const rows: WindowCount[] = [];
  let watermark = -Infinity;
  let nextEnd = Infinity;
  let lateCount = 0;

  const advance = (to: number): void => {
    if (to <= watermark) return;
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

  records.forEach(({ ts, key, value }, i) => {
    const start = ts - (ts % windowMs);
    if (start + windowMs - 1 <= watermark) {
      // Behind the largest of its partition too: the watermark stays where it is.
      lateCount++;
      return;
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
    const partition = i % partitionCount;
    if (ts > largest[partition]) {
      largest[partition] = ts;
      advance(Math.min(...largest) - delayMs - 1);
    }
  });
  advance(Infinity);
  return { rows, lateCount };
}
