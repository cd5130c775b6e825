/**
 * Fourteen real flights for the visible example: they left on 22 June 2001 from 18:05 to 18:38,
 * and stand in `public/data/flights/evening.bin`. Arrival is when a flight left; event time is that
 * minus its delay. Times are local, read as UTC.
 */
import type { LogRecord } from '#engine';

/** A flight as the learner's function gets it. */
export interface Flight {
  readonly origin: string;
  readonly destination: string;
  readonly delayMinutes: number;
  readonly distanceMiles: number;
}

/** A result as the learner's function emits it. */
export interface Departures {
  readonly origin: string;
  readonly endMs: number;
  readonly flights: number;
}

export const EVENING_MS = Date.UTC(2001, 5, 22, 18);
const MINUTE_MS = 60_000;

/** A record of the feed; `leftMinutes` and `delayMinutes` count from 18:00 of that evening. */
export function flightRecord(options: {
  readonly leftMinutes: number;
  readonly delayMinutes: number;
  readonly origin: string;
  readonly destination: string;
  readonly distanceMiles: number;
}): LogRecord<Flight> {
  const { leftMinutes, delayMinutes, origin, destination, distanceMiles } = options;
  const arrivalMs = EVENING_MS + leftMinutes * MINUTE_MS;
  return {
    key: origin,
    value: { origin, destination, delayMinutes, distanceMiles },
    timestampMs: arrivalMs - delayMinutes * MINUTE_MS,
    arrivalMs,
  };
}

type Row = readonly [
  leftMinutes: number,
  delayMinutes: number,
  origin: string,
  destination: string,
  distanceMiles: number,
];

const CHICAGO: readonly Row[] = [
  [5, 2, 'ORD', 'MIA', 1197],
  [10, -4, 'ORD', 'PHX', 1440],
  [14, 2, 'ORD', 'MCO', 1005],
  [15, -2, 'ORD', 'CLE', 316],
  [19, -4, 'ORD', 'IND', 177],
  [28, -7, 'ORD', 'MEM', 491],
  [37, -4, 'ORD', 'MSY', 837],
];

const SOUTH_WEST: readonly Row[] = [
  [5, 5, 'DFW', 'LBB', 282],
  [10, 1, 'PHX', 'LAX', 370],
  [11, 3, 'PHX', 'TUS', 110],
  [15, -4, 'DFW', 'CLT', 936],
  [24, -8, 'DFW', 'DTW', 987],
  [25, -6, 'PHX', 'LAS', 256],
  [38, -8, 'PHX', 'DFW', 868],
];

function toRecords(rows: readonly Row[]): LogRecord<Flight>[] {
  return rows.map(([leftMinutes, delayMinutes, origin, destination, distanceMiles]) =>
    flightRecord({ leftMinutes, delayMinutes, origin, destination, distanceMiles }),
  );
}

/** The visible example, one partition for Chicago and one for the south-west. */
export const VISIBLE_PARTITIONS: readonly (readonly LogRecord<Flight>[])[] = [
  toRecords(CHICAGO),
  toRecords(SOUTH_WEST),
];
