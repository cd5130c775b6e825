/** Taxi rides of a day: each has a start, most have an end, some of them very late or never. */
import { mulberry32 } from './seeded-draws.ts';
import { DISORDER_MS, LATER_MS_MAX, START_MS, drawDisorder } from './workload-data.ts';

export const RIDE_COUNT = 500_000;
const DAY_MS = 86_400_000;
const RIDE_MS_MEAN = 20 * 60_000;
/** This share of the rides never ends. */
const ENDLESS_SHARE = 0.005;

/** A start or an end, as an engineer would write it by hand. */
export interface RideRow {
  readonly ts: number;
  /** Id of the ride. */
  readonly key: number;
  readonly type: 'start' | 'end';
}

/** The same records as columns, times relative to `startMs`, in order of arrival. */
export interface RideColumns {
  readonly startMs: number;
  readonly rideCount: number;
  readonly timestampMs: Int32Array;
  readonly arrivalMs: Int32Array;
  readonly key: Int32Array;
  readonly isStart: Uint8Array;
}

/** Rides that start over 24 hours; lengths are exponential, so one in 400 takes over 2 h. */
export function makeRides(options: {
  readonly rideCount: number;
  readonly seed: number;
}): RideColumns {
  const { rideCount, seed } = options;
  const random = mulberry32(seed);
  const records: { ts: number; arrival: number; key: number; isStart: number }[] = [];
  const add = (key: number, isStart: number, arrival: number): void => {
    records.push({ ts: arrival - drawDisorder(random), arrival, key, isStart });
  };
  for (let key = 0; key < rideCount; key++) {
    const startMs = DISORDER_MS + LATER_MS_MAX + Math.floor((key / rideCount) * DAY_MS);
    add(key, 1, startMs);
    if (random() < ENDLESS_SHARE) continue;
    add(key, 0, startMs + Math.floor(-Math.log(1 - random()) * RIDE_MS_MEAN));
  }
  records.sort((left, right) => left.arrival - right.arrival || left.key - right.key);
  return {
    startMs: START_MS,
    rideCount,
    timestampMs: Int32Array.from(records, ({ ts }) => ts),
    arrivalMs: Int32Array.from(records, ({ arrival }) => arrival),
    key: Int32Array.from(records, ({ key }) => key),
    isStart: Uint8Array.from(records, ({ isStart }) => isStart),
  };
}

/** One object a record, with times since 1970. */
export function toRideRows(columns: RideColumns): RideRow[] {
  const { startMs, timestampMs, key, isStart } = columns;
  return Array.from(timestampMs, (relativeMs, i) => ({
    ts: startMs + relativeMs,
    key: key[i],
    type: isStart[i] === 1 ? 'start' : 'end',
  }));
}
