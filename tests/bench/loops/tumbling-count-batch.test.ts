import { expect, it } from 'vitest';
import { makeWorkload, toRows } from '../workload-data.ts';
import { outputHash } from './output-hash.ts';
import { allocateTable, tumblingCountBatchLimit } from './tumbling-count-batch-limit.ts';
import { tumblingCountBatchLoop } from './tumbling-count-batch.ts';
import { toResult } from './tumbling-count-limit.ts';

const options = { windowMs: 10_000 };

it('counts and sums per key and window, whatever comes late, key after key', () => {
  const rows = tumblingCountBatchLoop(
    [
      { ts: 12_000, key: 1, value: 3 },
      { ts: 90_000, key: 2, value: 4 },
      { ts: 1_000, key: 1, value: 5 },
      { ts: 13_000, key: 1, value: 6 },
    ],
    options,
  );
  expect(rows.map(({ key, windowStart, count, sum }) => [key, windowStart, count, sum])).toEqual([
    ...[
      [1, 10_000, 2, 9],
      [1, 0, 1, 5],
    ],
    [2, 90_000, 1, 4],
  ]);
});

it('loop and limit agree, also when the limit runs again', () => {
  const columns = makeWorkload({ count: 5_000, seed: 3, keyCount: 50 });
  const table = allocateTable(columns, options.windowMs);
  const expected = outputHash(tumblingCountBatchLoop(toRows(columns), options));
  for (let round = 0; round < 2; round += 1) {
    const limit = toResult(tumblingCountBatchLimit(columns, options, table));
    expect(outputHash(limit.rows)).toBe(expected);
  }
});
