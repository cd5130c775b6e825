import { describe, expect, it } from 'vitest';
import { makeRides, toRideRows } from '../ride-data.ts';
import type { RideColumns, RideRow } from '../ride-data.ts';
import { longRidesLimit } from './long-rides-limit.ts';
import { longRidesLoop } from './long-rides.ts';
import type { LongRide, LongRidesOptions } from './long-rides.ts';
import { numbersHash } from './output-hash.ts';

const options = { limitMs: 20, delayMs: 5 };

/** `A@5` starts ride a at 5, `a@9` ends it. */
function rideRowsOf(text: string): RideRow[] {
  return text.split(' ').map((record) => {
    const [name = '', ts] = record.split('@');
    const key = name.toLowerCase().charCodeAt(0) - 97;
    return { ts: Number(ts), key, type: name === name.toUpperCase() ? 'start' : 'end' };
  });
}

function columnsOf(rows: readonly RideRow[]): RideColumns {
  return {
    startMs: 0,
    rideCount: 26,
    timestampMs: Int32Array.from(rows, (row) => row.ts),
    arrivalMs: new Int32Array(rows.length),
    key: Int32Array.from(rows, (row) => row.key),
    isStart: Uint8Array.from(rows, (row) => (row.type === 'start' ? 1 : 0)),
  };
}

/** Looks at every ride that waits whenever the watermark moves. */
function naive(rows: readonly RideRow[], { limitMs, delayMs }: LongRidesOptions): LongRide[] {
  const waiting = new Map<number, RideRow>();
  const alerts: LongRide[] = [];
  let watermark = -Infinity;
  const advance = (to: number): void => {
    if (to <= watermark) return;
    watermark = to;
    for (const row of waiting.values()) {
      if ((row.type === 'start' ? row.ts + limitMs : row.ts) > watermark) continue;
      waiting.delete(row.key);
      if (row.type === 'start') alerts.push({ ride: row.key, startedAt: row.ts });
    }
  };
  for (const row of rows) {
    if (waiting.has(row.key)) waiting.delete(row.key);
    else waiting.set(row.key, row);
    advance(row.ts - delayMs - 1);
  }
  advance(Infinity);
  return alerts;
}

describe.each([
  ['the loop', (text: string) => longRidesLoop(rideRowsOf(text), options)],
  ['the limit', (text: string) => longRidesLimit(columnsOf(rideRowsOf(text)), options)],
])('%s', (_, run) => {
  it.each([
    ['says nothing of a ride that ends in time', 'A@1 a@9', ''],
    ['tells of a ride without an end', 'A@1 b@50', 'a1'],
    ['lets an end in before the watermark has reached the limit', 'A@1 b@26 a@9', ''],
    ['does not wait longer', 'A@1 b@27 a@9', 'a1'],
    ['lets an end wait for its start', 'a@9 A@1 z@99', ''],
    ['forgets an end once the watermark has passed it', 'a@9 z@15 A@1 z@99', 'a1'],
    ['tells of what is open at the end of the input', 'A@1', 'a1'],
  ])('%s', (_title, input, expected) => {
    const shown = run(input).map(
      ({ ride, startedAt }) => `${String.fromCharCode(97 + ride)}${startedAt}`,
    );
    expect(shown.join(' ')).toBe(expected);
  });
});

describe('loop, limit and the naive way', () => {
  it('agree on a day of rides', () => {
    const columns = makeRides({ rideCount: 3_000, seed: 3 });
    const rows = toRideRows(columns);
    const w6 = { limitMs: 3_600_000, delayMs: 5_000 };
    const hashOf = (alerts: readonly LongRide[]): string =>
      numbersHash(alerts.map(({ ride, startedAt }) => [ride, startedAt]));
    const expected = naive(rows, w6);
    expect(expected.length).toBeGreaterThan(100);
    expect(hashOf(longRidesLoop(rows, w6))).toBe(hashOf(expected));
    expect(hashOf(longRidesLimit(columns, w6))).toBe(hashOf(expected));
  });
});
