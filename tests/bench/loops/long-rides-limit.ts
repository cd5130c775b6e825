/** W6 as fast as we know how: the rules of `long-rides.ts` with typed arrays and a calendar. */
import type { RideColumns } from '../ride-data.ts';
import { Calendar } from './calendar.ts';
import type { LongRide, LongRidesOptions } from './long-rides.ts';

const BUCKET_MS = 64;
/** More than any record is behind the largest timestamp. */
const DISORDER_MS_MAX = 60_000;
const NOTHING = 0;
const STARTED = 1;
const ENDED = 2;

/**
 * The limit. Times inside are relative to the workload's start. A ride's start and its early end
 * are never in the calendar at once, but a start may come while the early end's deadline is still
 * there, so they have numbers of their own.
 */
export function longRidesLimit(
  columns: RideColumns,
  { limitMs, delayMs }: LongRidesOptions,
): readonly LongRide[] {
  const { rideCount, timestampMs, key: keys, isStart, startMs } = columns;
  const state = new Uint8Array(rideCount);
  const startedAt = new Int32Array(rideCount);
  const spanMs = limitMs + delayMs + DISORDER_MS_MAX;
  const calendar = new Calendar(2 * rideCount, spanMs, BUCKET_MS);
  const rows: LongRide[] = [];
  let watermark = -1;

  const visit = (item: number): void => {
    const ride = item >> 1;
    if ((item & 1) === 0) {
      if (state[ride] === STARTED) {
        rows.push({ ride, startedAt: startMs + startedAt[ride] });
        state[ride] = NOTHING;
      }
    } else if (state[ride] === ENDED) {
      state[ride] = NOTHING;
    }
  };

  for (let i = 0; i < timestampMs.length; i++) {
    const ts = timestampMs[i];
    const ride = keys[i];
    if (isStart[i] === 1) {
      if (state[ride] === ENDED) {
        state[ride] = NOTHING;
      } else {
        state[ride] = STARTED;
        startedAt[ride] = ts;
        calendar.put(2 * ride, ts + limitMs);
      }
    } else if (state[ride] === STARTED) {
      state[ride] = NOTHING;
    } else {
      state[ride] = ENDED;
      calendar.put(2 * ride + 1, ts);
    }
    if (ts - delayMs - 1 > watermark) {
      watermark = ts - delayMs - 1;
      calendar.takeDue(watermark, visit);
    }
  }
  calendar.takeDue(watermark + spanMs, visit);
  return rows;
}
