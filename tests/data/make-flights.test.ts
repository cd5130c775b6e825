import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { committedFiles, dayFiles } from '../../tools/flights/products.mjs';
import {
  SOURCE_FILE,
  lowerBound,
  readFlightColumns,
  readSourceBytes,
} from '../../tools/flights/read-source.mjs';
import { decodeFlights } from '../../src/data/decode-flights.ts';
import { flightRecords } from '../../src/data/flights.ts';
import { readFlights } from '../../src/data/read-flights.ts';

const KILOBYTE = 1000;

let source: Awaited<ReturnType<typeof readFlightColumns>>;
beforeAll(async () => {
  source = await readFlightColumns(await readSourceBytes(SOURCE_FILE));
}, 60_000);

describe('make-flights', () => {
  it('makes the committed files, byte for byte', () => {
    for (const [name, bytes] of committedFiles(source)) {
      const committed = readFileSync(`public/data/flights/${name}`);
      expect(bytes.equals(committed), `${name}: run node tools/make-flights.mjs, commit it`).toBe(
        true,
      );
    }
  });

  it('keeps what a lesson loads under 100 kB and the day under 150 kB', () => {
    const files = committedFiles(source);
    expect(files.get('evening.bin')?.length).toBeLessThan(100 * KILOBYTE);
    expect(files.get('day.bin')?.length).toBeLessThan(150 * KILOBYTE);
  });

  it('puts all 3,000,000 flights into day files that follow one another in arrival order', () => {
    let count = 0;
    let row = 0;
    let lastArrivalMs = 0;
    for (const { date, bytes } of dayFiles(source)) {
      const flights = decodeFlights(bytes, date);
      const firstMs = flights.epochMs + (flights.arrivalMinutes[0] ?? 0) * 60_000;
      expect(firstMs).toBeGreaterThanOrEqual(lastArrivalMs);
      expect(new Date(flights.epochMs).toISOString().slice(0, 10)).toBe(date);
      expect(flights.delayMinutes).toEqual(source.delayMinutes.subarray(row, row + flights.count));
      lastArrivalMs = flights.epochMs + (flights.arrivalMinutes.at(-1) ?? 0) * 60_000;
      count += flights.count;
      row += flights.count;
    }
    expect(count).toBe(3_000_000);
  }, 60_000);

  it('refuses a source that is not the one it knows', async () => {
    await expect(readSourceBytes('package.json')).rejects.toThrow(
      /package\.json: git sha1 is [0-9a-f]{40}, expected 9c4e0b48.*npm ci/,
    );
    await expect(readSourceBytes('absent.parquet')).rejects.toThrow(/ENOENT.*npm ci/);
  });
});

describe('the summary', () => {
  it('agrees with a count over the decoded evening', () => {
    const { evening } = JSON.parse(readFileSync('public/data/flights/summary.json', 'utf8'));
    const delays = flightRecords(readFlights('evening')).map((r) => r.value.delayMinutes);
    const sorted = delays.sort((a, b) => a - b);
    expect(evening.count).toBe(delays.length);
    expect(evening.earlyCount).toBe(delays.filter((delay) => delay < 0).length);
    expect(evening.overAnHourShare).toBe(delays.filter((delay) => delay > 60).length / 2000);
    expect(evening.delayMinutesMedian).toBe(sorted[999]);
    expect(evening.delayMinutesP90).toBe(sorted[1799]);
    expect(evening.delayMinutesP99).toBe(sorted[1979]);
  });
});

describe('lowerBound', () => {
  it('finds the first row at a minute or later', () => {
    const minutes = Int32Array.of(1, 3, 3, 7);
    expect([0, 1, 2, 3, 4, 7, 8].map((minute) => lowerBound(minutes, minute))).toEqual([
      0, 0, 1, 1, 3, 3, 4,
    ]);
  });
});
