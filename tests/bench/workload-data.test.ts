import { describe, expect, it } from 'vitest';
import { DISORDER_MS, LATER_SHARE, RECORD_GAP_MS, makeWorkload, toRows } from './workload-data.ts';

const count = 200_000;
const columns = makeWorkload({ count, seed: 7 });
/** How far each record lies behind its arrival, in ms. */
const disorderMs = Array.from(columns.timestampMs, (ts, i) => 25_000 + i * RECORD_GAP_MS - ts);

describe('makeWorkload', () => {
  it('gives the same records for the same seed, others for another', () => {
    expect(makeWorkload({ count, seed: 7 })).toEqual(columns);
    expect(makeWorkload({ count, seed: 8 })).not.toEqual(columns);
  });

  it('spreads disorder evenly over the delay', () => {
    const inBound = disorderMs.filter((ms) => ms <= DISORDER_MS);
    const mean = inBound.reduce((sum, ms) => sum + ms, 0) / inBound.length;
    expect(Math.abs(mean - DISORDER_MS / 2)).toBeLessThan(20);
    expect(Math.min(...inBound.slice(0, 50_000))).toBe(0);
  });

  it('makes one record in a thousand later still, by 5 to 20 s', () => {
    const later = disorderMs.filter((ms) => ms > DISORDER_MS);
    expect(Math.abs(later.length / count - LATER_SHARE)).toBeLessThan(0.0002);
    expect(Math.max(...later)).toBeLessThanOrEqual(25_000);
    expect(columns.timestampMs.reduce((a, b) => Math.min(a, b))).toBeGreaterThanOrEqual(0);
  });

  it("follows Zipf's law: the second key comes half as often as the first", () => {
    const seen = [0, 1, 9].map((key) => columns.key.filter((k) => k === key).length);
    const [first = 0, second = 0, tenth = 0] = seen;
    // 1 / H(10,000) of the records are the first key's.
    expect(first / count).toBeCloseTo(1 / 9.7876, 2);
    expect(first / second).toBeCloseTo(2, 0);
    expect(first / tenth).toBeCloseTo(10, -1);
  });

  it('gives rows that say the same as the columns', () => {
    const row = toRows(columns)[123];
    expect(row).toEqual({
      ts: columns.startMs + (columns.timestampMs[123] ?? 0),
      key: columns.key[123],
      value: columns.value[123],
    });
  });
});
