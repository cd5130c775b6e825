import { expect, it } from 'vitest';
import { makeWorkload, toRows } from '../workload-data.ts';
import { outputHash } from './output-hash.ts';
import { letterOf, rowsOf } from './stream-rows.ts';
import { allocateTable } from './tumbling-count-batch-limit.ts';
import { toResult } from './tumbling-count-limit.ts';
import { tumblingCountMicroBatchLimit } from './tumbling-count-micro-batch-limit.ts';
import { tumblingCountMicroBatchLoop } from './tumbling-count-micro-batch.ts';

it('holds rows to the watermark of the batch before, windows to that of the batch', () => {
  const options = { windowMs: 10, delayMs: 0, batchSize: 2 };
  const counted = (text: string): string =>
    tumblingCountMicroBatchLoop(rowsOf(text), options)
      .map(({ key, windowStart, count }) => `${letterOf(key)}[${windowStart}=${count}`)
      .join(' ');
  // b@2 comes in the batch in which [0 comes out, a@3 in the one after.
  expect(counted('a@1 a@12 b@2 b@13 a@3 a@14')).toBe('a[0=1 b[0=1');
  expect(counted('a@1 a@12 b@2 b@30')).toBe('a[0=1 b[0=1 a[10=1');
});

it('loop and limit agree, also when the limit runs again', () => {
  const options = { windowMs: 10_000, delayMs: 5_000, batchSize: 500 };
  const columns = makeWorkload({ count: 6_300, seed: 3, keyCount: 50 });
  const table = allocateTable(columns, options.windowMs);
  const expected = outputHash(tumblingCountMicroBatchLoop(toRows(columns), options));
  for (let round = 0; round < 2; round += 1) {
    const limit = toResult(tumblingCountMicroBatchLimit(columns, options, table));
    expect(outputHash(limit.rows)).toBe(expected);
  }
});
