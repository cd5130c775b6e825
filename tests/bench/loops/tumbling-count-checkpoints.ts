/**
 * W7 by hand: W2 with a copy of everything that is needed to go on, every so many records. The
 * rows that were let out before a checkpoint are not part of it: they are with the reader already.
 */
import type { Row } from '../workload-data.ts';
import type { TumblingCountOptions, WindowCount } from './tumbling-count.ts';

export interface CheckpointOptions extends TumblingCountOptions {
  /** Records from one checkpoint to the next. */
  readonly checkpointRecords: number;
}

interface Accumulator {
  count: number;
  sum: number;
}

/** Shares no object with the run that made it. */
export interface CountCheckpoint {
  /** Offset of the next record. */
  readonly offset: number;
  readonly watermark: number;
  readonly nextEnd: number;
  readonly windows: Map<number, Map<number, Accumulator>>;
}

export interface CheckpointedCount {
  /** Rows since the checkpoint that the run began with. */
  readonly rows: readonly WindowCount[];
  readonly checkpoint: CountCheckpoint;
  readonly checkpointCount: number;
}

const BEGINNING: CountCheckpoint = {
  offset: 0,
  watermark: -Infinity,
  nextEnd: Infinity,
  windows: new Map(),
};

/** The loop: what a good engineer would write, with row objects and `Map`. */
export function tumblingCountCheckpointsLoop(
  records: readonly Row[],
  { windowMs, delayMs, checkpointRecords }: CheckpointOptions,
  from: CountCheckpoint = BEGINNING,
): CheckpointedCount {
  const windows = copyOf(from.windows);
  const rows: WindowCount[] = [];
  let { watermark, nextEnd } = from;
  let checkpoint = from;
  let checkpointCount = 0;

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

  for (let offset = from.offset; offset < records.length; offset++) {
    if (offset % checkpointRecords === 0 && offset > from.offset) {
      checkpoint = { offset, watermark, nextEnd, windows: copyOf(windows) };
      checkpointCount++;
    }
    const { ts, key, value } = records[offset];
    const start = ts - (ts % windowMs);
    if (start + windowMs - 1 <= watermark) continue;
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
  return { rows, checkpoint, checkpointCount };
}

function copyOf(windows: CountCheckpoint['windows']): CountCheckpoint['windows'] {
  const copy: CountCheckpoint['windows'] = new Map();
  for (const [start, byKey] of windows) {
    const keys = new Map<number, Accumulator>();
    for (const [key, { count, sum }] of byKey) keys.set(key, { count, sum });
    copy.set(start, keys);
  }
  return copy;
}
