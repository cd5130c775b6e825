/** W12 as fast as we know how: the rules of `flights-per-hour.ts` with a ring of dense hours. */
import type { FlightColumns } from '../flight-rows.ts';
import type { AirportHour, FlightsPerHourOptions } from './flights-per-hour.ts';
import type { FlightsPerHourResult } from './flights-per-hour.ts';
import { topOf } from './top.ts';

const HOUR_MINUTES = 60;
const MINUTE_MS = 60_000;
/** A flight that leaves ahead of time is in the future: hours that may be open at a time. */
const SLOTS = 64;

/** The limit. `delayMs` is a whole number of minutes, and the start of the columns an hour. */
export function flightsPerHourLimit(
  { startMs, airports, timestampMinutes, delayMinutes, origin }: FlightColumns,
  { delayMs, top }: FlightsPerHourOptions,
): FlightsPerHourResult {
  const airportCount = airports.length;
  const departures = new Int32Array(SLOTS * airportCount);
  const delays = new Int32Array(SLOTS * airportCount);
  const rows: AirportHour[] = [];
  const lagMinutes = delayMs / MINUTE_MS;
  let firstOpen = 0;
  let lastUsed = -1;
  let nextFireAt = HOUR_MINUTES + lagMinutes;
  let lateCount = 0;

  const fire = (index: number): void => {
    const base = (index % SLOTS) * airportCount;
    const counts: (readonly [string, number])[] = [];
    const delayOf = new Map<string, number>();
    for (let i = 0; i < airportCount; i++) {
      if (departures[base + i] === 0) continue;
      counts.push([airports[i], departures[base + i]]);
      delayOf.set(airports[i], delays[base + i]);
    }
    topOf(counts, top).forEach(([code, count], rank) => {
      const hour = startMs + index * HOUR_MINUTES * MINUTE_MS;
      const meanDelayMinutes = (delayOf.get(code) ?? NaN) / count;
      rows.push({ hour, rank, origin: code, departures: count, meanDelayMinutes });
    });
    departures.fill(0, base, base + airportCount);
    delays.fill(0, base, base + airportCount);
  };

  for (let i = 0; i < timestampMinutes.length; i++) {
    const timestamp = timestampMinutes[i];
    const index = (timestamp / HOUR_MINUTES) | 0;
    if (index < firstOpen) {
      lateCount++;
      continue;
    }
    while (timestamp >= nextFireAt) {
      fire(firstOpen++);
      nextFireAt += HOUR_MINUTES;
    }
    if (index > lastUsed) lastUsed = index;
    const place = (index % SLOTS) * airportCount + origin[i];
    departures[place]++;
    delays[place] += delayMinutes[i];
  }
  while (firstOpen <= lastUsed) fire(firstOpen++);
  return { rows, lateCount };
}
