import { describe, expect, it } from 'vitest';
import { makeWorkload, toRows } from '../workload-data.ts';
import type { Row } from '../workload-data.ts';
import { numbersHash } from './output-hash.ts';
import { sessionsLimit } from './sessions-limit.ts';
import { sessionsLoop } from './sessions.ts';
import type { SessionCount, SessionOptions, SessionsResult } from './sessions.ts';
import { columnsOf, letterOf, rowsOf } from './stream-rows.ts';

const options = { gapMs: 10, delayMs: 5 };

function show({ rows, lateCount }: SessionsResult): string {
  const shown = [...rows]
    .sort((a, b) => a.start - b.start || a.key - b.key)
    .map(({ key, start, end, count, sum }) => `${letterOf(key)}[${start},${end})${count}×${sum}`);
  return `${shown.join(' ')} late ${lateCount}`;
}

/** Merges one-record sessions until nothing changes; looks at all of them after every record. */
function naive(rows: readonly Row[], { gapMs, delayMs }: SessionOptions): SessionsResult {
  let open: SessionCount[] = [];
  const out: SessionCount[] = [];
  let watermark = -Infinity;
  let lateCount = 0;
  for (const { ts, key, value } of rows) {
    let merged: SessionCount = { key, start: ts, end: ts + gapMs, count: 1, sum: value };
    const touches = (other: SessionCount): boolean =>
      other.key === key && other.start <= merged.end && other.end >= merged.start;
    let kept = open;
    for (let found = kept.find(touches); found !== undefined; found = kept.find(touches)) {
      const other = found;
      kept = kept.filter((session) => session !== other);
      merged = {
        key,
        start: Math.min(merged.start, other.start),
        end: Math.max(merged.end, other.end),
        count: merged.count + other.count,
        sum: merged.sum + other.sum,
      };
    }
    if (merged.end - 1 <= watermark) lateCount++;
    else open = [...kept, merged];
    watermark = Math.max(watermark, ts - delayMs - 1);
    out.push(...open.filter(({ end }) => end - 1 <= watermark));
    open = open.filter(({ end }) => end - 1 > watermark);
  }
  return { rows: [...out, ...open], lateCount };
}

describe.each([
  ['the loop', (text: string) => sessionsLoop(rowsOf(text), options)],
  ['the limit', (text: string) => sessionsLimit(columnsOf(rowsOf(text)), options)],
])('%s', (_, run) => {
  it.each([
    ['takes records within the gap together', 'a@1=2 a@9=3', 'a[1,19)2×5 late 0'],
    ['takes sessions that touch as one', 'a@1 a@11', 'a[1,21)2×2 late 0'],
    ['begins anew behind a gap', 'a@1 a@12', 'a[1,11)1×1 a[12,22)1×1 late 0'],
    ['keeps keys apart', 'a@1 b@2', 'a[1,11)1×1 b[2,12)1×1 late 0'],
    ['merges two sessions that a record between them joins', 'a@1 a@15 a@8', 'a[1,25)3×3 late 0'],
    ['drops a record whose session would be over', 'b@30 a@10 a@1', 'b[30,40)1×1 late 2'],
    [
      'begins anew when the session it would join has come out',
      'a@1 b@16 a@9',
      'a[1,11)1×1 a[9,19)1×1 b[16,26)1×1 late 0',
    ],
    [
      'takes a record that is late by itself into a session still open',
      'a@12 b@26 a@11',
      'a[11,22)2×2 b[26,36)1×1 late 0',
    ],
  ])('%s', (_title, input, expected) => {
    expect(show(run(input))).toBe(expected);
  });
});

describe('loop, limit and the naive way', () => {
  it('agree on a workload with late records and a short gap', () => {
    const columns = makeWorkload({ count: 4_000, seed: 3, keyCount: 50 });
    const rows = toRows(columns);
    const w4 = { gapMs: 200, delayMs: 1_000 };
    const expected = naive(rows, w4);
    const hashOf = ({ rows: sessions }: SessionsResult): string =>
      numbersHash(sessions.map(({ key, start, end, count, sum }) => [key, start, end, count, sum]));
    expect(expected.lateCount).toBeGreaterThan(10);
    expect(expected.rows.length).toBeGreaterThan(500);
    for (const result of [sessionsLoop(rows, w4), sessionsLimit(columns, w4)]) {
      expect(result.lateCount).toBe(expected.lateCount);
      expect(hashOf(result)).toBe(hashOf(expected));
    }
  });
});
