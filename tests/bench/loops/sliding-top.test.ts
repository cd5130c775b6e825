import { describe, expect, it } from 'vitest';
import { makeWorkload, toRows } from '../workload-data.ts';
import type { Row } from '../workload-data.ts';
import { slidingTopLimit } from './sliding-top-limit.ts';
import { slidingTopLoop } from './sliding-top.ts';
import type { RankedCount, SlidingTopOptions, SlidingTopResult } from './sliding-top.ts';
import { columnsOf, letterOf, rowsOf } from './stream-rows.ts';

const options = { windowMs: 30, slideMs: 10, delayMs: 5, top: 2 };

function show({ rows, lateCount }: SlidingTopResult): string {
  const shown = rows.map(({ windowEnd, key, count }) => `${windowEnd}:${letterOf(key)}${count}`);
  return `${shown.join(' ')} late ${lateCount}`;
}

/** Each record put into each of its windows that is still open; nothing else. */
function naive(rows: readonly Row[], { windowMs, slideMs, delayMs, top }: SlidingTopOptions) {
  const windows = new Map<number, Map<number, number>>();
  let watermark = -Infinity;
  for (const { ts, key } of rows) {
    const last = ts - (ts % slideMs) + windowMs;
    for (let end = last; end > ts; end -= slideMs) {
      if (end - 1 <= watermark) continue;
      const counts = windows.get(end) ?? new Map<number, number>();
      windows.set(end, counts.set(key, (counts.get(key) ?? 0) + 1));
    }
    watermark = Math.max(watermark, ts - delayMs - 1);
  }
  const ends = [...windows.keys()].sort((a, b) => a - b);
  return ends.flatMap((windowEnd): RankedCount[] =>
    [...(windows.get(windowEnd) ?? [])]
      .sort(([a, m], [b, n]) => n - m || a - b)
      .slice(0, top)
      .map(([key, count], rank) => ({ windowEnd, rank, key, count })),
  );
}

describe.each([
  ['the loop', (text: string) => slidingTopLoop(rowsOf(text), options)],
  ['the limit', (text: string) => slidingTopLimit(columnsOf(rowsOf(text)), options)],
])('%s', (_, run) => {
  it.each([
    ['counts a record in each of its windows', 'a@25', '30:a1 40:a1 50:a1 late 0'],
    [
      'names the largest counts, equal ones in order of key',
      'b@1 a@2 c@3 c@4',
      '10:c2 10:a1 20:c2 20:a1 30:c2 30:a1 late 0',
    ],
    [
      'leaves a late record out of the windows that are over only',
      'a@1 a@20 a@2',
      '10:a1 20:a2 30:a3 40:a1 50:a1 late 0',
    ],
    ['drops a record that is behind all its windows', 'a@36 a@5', '40:a1 50:a1 60:a1 late 1'],
    ['goes on after a gap', 'a@1 a@99', '10:a1 20:a1 30:a1 100:a1 110:a1 120:a1 late 0'],
  ])('%s', (_title, input, expected) => {
    expect(show(run(input))).toBe(expected);
  });
});

describe('loop, limit and the naive way', () => {
  it('agree on a workload with late records', () => {
    const columns = makeWorkload({ count: 30_000, seed: 3 });
    const rows = toRows(columns);
    const w3 = { windowMs: 60_000, slideMs: 10_000, delayMs: 5_000, top: 5 };
    const expected = naive(rows, w3);
    expect(expected.length).toBeGreaterThan(50);
    expect(slidingTopLoop(rows, w3).rows).toEqual(expected);
    expect(slidingTopLimit(columns, w3).rows).toEqual(expected);
  });
});
