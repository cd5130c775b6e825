import { describe, expect, it } from 'vitest';
import type { Row, WorkloadColumns } from '../workload-data.ts';
import { makeWorkload, toRows } from '../workload-data.ts';
import { outputHash } from './output-hash.ts';
import type { TumblingCountResult } from './tumbling-count.ts';
import { tumblingCountLoop } from './tumbling-count.ts';
import { allocateOutput, toResult, tumblingCountLimit } from './tumbling-count-limit.ts';

const options = { windowMs: 10, delayMs: 5 };

/** `a@12=3`: key a, timestamp 12, value 3. */
function rowsOf(text: string): Row[] {
  return text.split(' ').map((record) => {
    const [, key = '', ts, value] = /^(.)@(\d+)=(\d+)$/.exec(record) ?? [];
    return { key: key.charCodeAt(0) - 97, ts: Number(ts), value: Number(value) };
  });
}

function columnsOf(rows: readonly Row[]): WorkloadColumns {
  return {
    startMs: 0,
    keyCount: 26,
    timestampMs: Int32Array.from(rows, (row) => row.ts),
    key: Int32Array.from(rows, (row) => row.key),
    value: Int32Array.from(rows, (row) => row.value),
  };
}

function show({ rows, lateCount }: TumblingCountResult): string {
  const shown = rows.map(
    ({ key, windowStart, count, sum }) =>
      `[${windowStart} ${String.fromCharCode(97 + key)} ${count}×${sum}]`,
  );
  return `${shown.join(' ')} late ${lateCount}`;
}

describe.each([
  ['the loop', (text: string) => tumblingCountLoop(rowsOf(text), options)],
  ['the limit', (text: string) => toResult(tumblingCountLimit(columnsOf(rowsOf(text)), options))],
])('%s', (_, run) => {
  it.each([
    [
      'counts and sums per key and window',
      'a@1=3 b@2=4 a@9=5 a@10=6',
      '[0 a 2×8] [0 b 1×4] [10 a 1×6] late 0',
    ],
    [
      'keeps a window open until the watermark reaches its last ms',
      'a@14=1 a@9=1',
      '[0 a 1×1] [10 a 1×1] late 0',
    ],
    [
      'drops a record of a window that the watermark has passed',
      'a@15=1 a@9=1',
      '[10 a 1×1] late 1',
    ],
    [
      'takes a record behind the watermark into a window still open',
      'a@24=1 a@18=1 a@10=1',
      '[10 a 2×2] [20 a 1×1] late 0',
    ],
    [
      'lets windows out in order of time',
      'a@5=1 a@12=1 a@99=1',
      '[0 a 1×1] [10 a 1×1] [90 a 1×1] late 0',
    ],
    [
      'does not let a late record back into a window',
      'a@1=1 a@40=1 a@1=1 a@99=1',
      '[0 a 1×1] [40 a 1×1] [90 a 1×1] late 1',
    ],
    [
      'lets the last windows out at the end of the input',
      'a@1=1 a@11=2',
      '[0 a 1×1] [10 a 1×2] late 0',
    ],
  ])('%s', (_title, input, expected) => {
    expect(show(run(input))).toBe(expected);
  });
});

describe('loop and limit', () => {
  it('agree on a workload with late records', () => {
    const columns = makeWorkload({ count: 50_000, seed: 3 });
    const w2 = { windowMs: 10_000, delayMs: 5_000 };
    const loop = tumblingCountLoop(toRows(columns), w2);
    const limit = toResult(tumblingCountLimit(columns, w2));
    expect(loop.lateCount).toBeGreaterThan(10);
    expect(limit.lateCount).toBe(loop.lateCount);
    expect(outputHash(limit.rows)).toBe(outputHash(loop.rows));
    const counted = loop.rows.reduce((sum, row) => sum + row.count, 0);
    expect(counted + loop.lateCount).toBe(50_000);
  });

  it('gives the same again into memory that was used before', () => {
    const columns = makeWorkload({ count: 20_000, seed: 4 });
    const w2 = { windowMs: 10_000, delayMs: 5_000 };
    const out = allocateOutput(20_000);
    const hash = (): string => outputHash(toResult(tumblingCountLimit(columns, w2, out)).rows);
    expect(hash()).toBe(hash());
  });

  it('refuses a window that the start of the workload is not aligned with', () => {
    const columns = { ...columnsOf(rowsOf('a@1=1')), startMs: 5 };
    expect(() => tumblingCountLimit(columns, options)).toThrow(
      'multiple of the window, 10 ms: got 5',
    );
  });
});

describe('outputHash', () => {
  const row = { key: 1, windowStart: 10, count: 2, sum: 3 };
  const other = { ...row, key: 2 };

  it('does not depend on order', () => {
    expect(outputHash([other, row])).toBe(outputHash([row, other]));
  });

  it('changes with each field, and when a row comes twice', () => {
    const changed = [
      [row],
      [row, row],
      ...(['key', 'windowStart', 'count', 'sum'] as const).map((name) => [{ ...row, [name]: 7 }]),
    ];
    expect(new Set(changed.map(outputHash)).size).toBe(changed.length);
  });
});
