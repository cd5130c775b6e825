/**
 * W6 by hand: rides without an end within two hours of their start. An alert comes once the
 * watermark reaches start + limit, unless an end has been seen by then. An end that comes before
 * its start waits for it until the watermark has passed it.
 */
import type { RideRow } from '../ride-data.ts';
import { DeadlineQueue } from './deadline-queue.ts';

export interface LongRidesOptions {
  readonly limitMs: number;
  /** How far behind the largest timestamp the watermark stays. */
  readonly delayMs: number;
}

export interface LongRide {
  readonly ride: number;
  readonly startedAt: number;
}

/** The loop: what a good engineer would write, with row objects, `Map` and a heap. */
export function longRidesLoop(
  records: readonly RideRow[],
  { limitMs, delayMs }: LongRidesOptions,
): readonly LongRide[] {
  const waiting = new Map<number, RideRow>();
  const deadlines = new DeadlineQueue<RideRow>();
  const rows: LongRide[] = [];
  let watermark = -Infinity;

  const advance = (to: number): void => {
    watermark = to;
    while (deadlines.isDue(watermark)) {
      const record = deadlines.pop();
      // The other half may have come in the meantime.
      if (waiting.get(record.key) !== record) continue;
      waiting.delete(record.key);
      if (record.type === 'start') rows.push({ ride: record.key, startedAt: record.ts });
    }
  };

  for (const record of records) {
    const { ts, key, type } = record;
    const other = waiting.get(key);
    if (other !== undefined && other.type !== type) {
      waiting.delete(key);
    } else {
      waiting.set(key, record);
      deadlines.push(Math.max(type === 'start' ? ts + limitMs : ts, watermark), record);
    }
    if (ts - delayMs - 1 > watermark) advance(ts - delayMs - 1);
  }
  advance(Infinity);
  return rows;
}
