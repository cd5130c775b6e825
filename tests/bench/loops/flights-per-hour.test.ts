import { describe, expect, it } from 'vitest';
import type { FlightColumns } from '../flight-rows.ts';
import { toFlightRows } from '../flight-rows.ts';
import { mulberry32 } from '../seeded-draws.ts';
import { flightsPerHourLimit } from './flights-per-hour-limit.ts';
import { flightsPerHourLoop } from './flights-per-hour.ts';
import type { AirportHour } from './flights-per-hour.ts';

const options = { delayMs: 30 * 60_000, top: 2 };
const AIRPORTS = ['ATL', 'JFK', 'LAX', 'ORD'];

/** `JFK@65+5`: should have left JFK in minute 65, left 5 minutes later. */
function flightsOf(text: string): FlightColumns {
  const flights = text.split(' ').map((flight) => {
    const [, code = '', minute, delay] = /^(\w+)@(\d+)([+-]\d+)$/.exec(flight) ?? [];
    return { code, minute: Number(minute), delay: Number(delay) };
  });
  return {
    startMs: 0,
    airports: AIRPORTS,
    departureMinutes: Int32Array.from(flights, ({ minute, delay }) => minute + delay),
    timestampMinutes: Int32Array.from(flights, ({ minute }) => minute),
    delayMinutes: Int16Array.from(flights, ({ delay }) => delay),
    origin: Uint8Array.from(flights, ({ code }) => AIRPORTS.indexOf(code)),
  };
}

function show(rows: readonly AirportHour[]): string {
  return rows
    .map(({ hour, origin, departures, meanDelayMinutes }) => {
      return `${hour / 3_600_000}:${origin} ${departures}×${meanDelayMinutes}`;
    })
    .join(', ');
}

describe.each([
  ['the loop', (text: string) => flightsPerHourLoop(toFlightRows(flightsOf(text)), options)],
  ['the limit', (text: string) => flightsPerHourLimit(flightsOf(text), options)],
])('%s', (_, run) => {
  it.each([
    [
      'means the delay of each airport and hour',
      'JFK@5+4 JFK@9+1 LAX@9-2 JFK@70+8',
      '0:JFK 2×2.5, 0:LAX 1×-2, 1:JFK 1×8',
      0,
    ],
    [
      'names the busiest only, equal ones in order of code',
      'ORD@1+0 LAX@2+0 JFK@3+0 ORD@4+0',
      '0:ORD 2×0, 0:JFK 1×0',
      0,
    ],
    ['drops a flight whose hour is over', 'JFK@90+0 ATL@5+90', '1:JFK 1×0', 1],
    ['takes it before that', 'JFK@89+0 ATL@5+90', '0:ATL 1×90, 1:JFK 1×0', 0],
  ])('%s', (_title, input, expected, late) => {
    const { rows, lateCount } = run(input);
    expect(show(rows)).toBe(expected);
    expect(lateCount).toBe(late);
  });
});

describe('loop and limit', () => {
  it('agree on flights in disorder', () => {
    const random = mulberry32(5);
    const text = Array.from({ length: 5_000 }, (_, i) => {
      const delay = Math.floor(random() * 80) - 10;
      const minute = Math.max(0, i - delay);
      const code = AIRPORTS[Math.floor(random() * AIRPORTS.length)];
      return `${code}@${minute}${delay < 0 ? '' : '+'}${delay}`;
    }).join(' ');
    const limit = flightsPerHourLimit(flightsOf(text), options);
    expect(limit.lateCount).toBeGreaterThan(10);
    expect(flightsPerHourLoop(toFlightRows(flightsOf(text)), options)).toEqual(limit);
  });
});
