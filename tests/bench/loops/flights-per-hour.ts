/**
 * W12 by hand: departures and their mean delay per origin and hour, and of each hour the airports
 * with the most. A record behind its window is dropped, by W2's rules.
 */
import type { FlightRow } from '../flight-rows.ts';
import { topOf } from './top.ts';

export const HOUR_MS = 3_600_000;

export interface FlightsPerHourOptions {
  /** How far behind the largest timestamp the watermark stays. */
  readonly delayMs: number;
  /** How many airports an hour names. */
  readonly top: number;
}

/** One airport of an hour. `rank` counts from 0; equal counts are in order of code. */
export interface AirportHour {
  readonly hour: number;
  readonly rank: number;
  readonly origin: string;
  readonly departures: number;
  readonly meanDelayMinutes: number;
}

export interface FlightsPerHourResult {
  readonly rows: readonly AirportHour[];
  readonly lateCount: number;
}

interface Accumulator {
  departures: number;
  delayMinutes: number;
}

/** The loop: what a good engineer would write, with row objects and `Map`. */
export function flightsPerHourLoop(
  flights: readonly FlightRow[],
  { delayMs, top }: FlightsPerHourOptions,
): FlightsPerHourResult {
  const hours = new Map<number, Map<string, Accumulator>>();
  const rows: AirportHour[] = [];
  let watermark = -Infinity;
  let nextEnd = Infinity;
  let lateCount = 0;

  const fire = (hour: number, byOrigin: Map<string, Accumulator>): void => {
    const counts = [...byOrigin].map(([origin, { departures }]) => [origin, departures] as const);
    topOf(counts, top).forEach(([origin, departures], rank) => {
      const meanDelayMinutes = (byOrigin.get(origin)?.delayMinutes ?? NaN) / departures;
      rows.push({ hour, rank, origin, departures, meanDelayMinutes });
    });
  };
  const advance = (to: number): void => {
    watermark = to;
    if (watermark < nextEnd - 1) return;
    const due = [...hours].filter(([start]) => start + HOUR_MS - 1 <= watermark);
    for (const [start, byOrigin] of due.sort(([a], [b]) => a - b)) {
      fire(start, byOrigin);
      hours.delete(start);
    }
    nextEnd = Math.min(...hours.keys()) + HOUR_MS;
  };

  for (const { ts, key, delayMinutes } of flights) {
    const hour = ts - (ts % HOUR_MS);
    if (hour + HOUR_MS - 1 <= watermark) {
      lateCount++;
      continue;
    }
    let byOrigin = hours.get(hour);
    if (byOrigin === undefined) {
      byOrigin = new Map();
      hours.set(hour, byOrigin);
      nextEnd = Math.min(nextEnd, hour + HOUR_MS);
    }
    const accumulator = byOrigin.get(key);
    if (accumulator === undefined) byOrigin.set(key, { departures: 1, delayMinutes });
    else {
      accumulator.departures++;
      accumulator.delayMinutes += delayMinutes;
    }
    if (ts - delayMs - 1 > watermark) advance(ts - delayMs - 1);
  }
  advance(Infinity);
  return { rows, lateCount };
}
