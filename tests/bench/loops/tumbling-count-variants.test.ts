import { describe, expect, it } from 'vitest';
import { makeWorkload, toRows } from '../workload-data.ts';
import { outputHash } from './output-hash.ts';
import { columnsOf, letterOf, rowsOf } from './stream-rows.ts';
import { tumblingCountCheckpointsLoop } from './tumbling-count-checkpoints.ts';
import { allocateOutput, toResult, tumblingCountLimit } from './tumbling-count-limit.ts';
import { tumblingCountPartitionsLoop } from './tumbling-count-partitions.ts';
import {
  tumblingCountCheckpointsLimit,
  tumblingCountPartitionsLimit,
} from './tumbling-count-variants-limit.ts';
import { tumblingCountLoop } from './tumbling-count.ts';
import type { WindowCount } from './tumbling-count.ts';

const columns = makeWorkload({ count: 30_000, seed: 3 });
const rows = toRows(columns);
const w2 = { windowMs: 10_000, delayMs: 5_000 };
const checkpointed = { ...w2, checkpointRecords: 7_000 };
const partitioned = { ...w2, partitionCount: 4 };

function limitRows(
  limit: (out: ReturnType<typeof allocateOutput>) => { readonly rowCount: number },
): readonly WindowCount[] {
  const out = allocateOutput(rows.length);
  const { rowCount } = limit(out);
  return toResult({ ...out, rowCount, startMs: columns.startMs, lateCount: 0 }).rows;
}

describe('W2 with checkpoints', () => {
  const whole = tumblingCountCheckpointsLoop(rows, checkpointed);
  const expected = outputHash(tumblingCountLoop(rows, w2).rows);

  it('gives the same rows as without', () => {
    expect(outputHash(whole.rows)).toBe(expected);
    const limit = limitRows((out) => tumblingCountCheckpointsLimit(columns, checkpointed, out));
    expect(outputHash(limit)).toBe(expected);
  });

  it('goes on from its last checkpoint to the same end', () => {
    expect(whole.checkpointCount).toBe(4);
    expect(whole.checkpoint.offset).toBe(28_000);
    const rest = tumblingCountCheckpointsLoop(rows, checkpointed, whole.checkpoint);
    expect(rest.rows.length).toBeGreaterThan(0);
    expect(rest.rows).toEqual(whole.rows.slice(-rest.rows.length));
  });

  it('keeps its checkpoint as it was', () => {
    const count = (): number => {
      const windows = [...whole.checkpoint.windows.values()].flatMap((keys) => [...keys.values()]);
      return windows.reduce((sum, accumulator) => sum + accumulator.count, 0);
    };
    const before = count();
    tumblingCountCheckpointsLoop(rows, checkpointed, whole.checkpoint);
    expect(count()).toBe(before);
  });

  it('holds what was counted but is not out', () => {
    const short = { windowMs: 10, delayMs: 5, checkpointRecords: 2 };
    const { checkpoint } = tumblingCountCheckpointsLimit(
      columnsOf(rowsOf('a@1 b@2 c@3')),
      short,
      allocateOutput(3),
    );
    expect([...(checkpoint?.counts.slice(0, 3) ?? [])]).toEqual([1, 1, 0]);
  });
});

describe('W2 over partitions', () => {
  const options = { windowMs: 10, delayMs: 5, partitionCount: 2 };

  it.each([
    ['waits for the slowest partition', 'a@1 b@2 a@99 b@3', '0a1 0b2 90a1 late 0'],
    ['drops what is behind all of them', 'a@50 b@50 a@1 b@51', '50a1 50b2 late 1'],
  ])('%s', (_, input, expected) => {
    const { rows: out, lateCount } = tumblingCountPartitionsLoop(rowsOf(input), options);
    const shown = out.map(
      ({ windowStart, key, count }) => `${windowStart}${letterOf(key)}${count}`,
    );
    expect(`${shown.join(' ')} late ${lateCount}`).toBe(expected);
  });

  it('is W2 when there is only one', () => {
    const one = tumblingCountPartitionsLoop(rows, { ...w2, partitionCount: 1 });
    expect(outputHash(one.rows)).toBe(outputHash(tumblingCountLimitRows()));
  });

  it('gives the same rows by loop and limit', () => {
    const loop = tumblingCountPartitionsLoop(rows, partitioned);
    const limit = limitRows((out) => tumblingCountPartitionsLimit(columns, partitioned, out));
    expect(loop.lateCount).toBeGreaterThan(5);
    expect(outputHash(limit)).toBe(outputHash(loop.rows));
  });
});

function tumblingCountLimitRows(): readonly WindowCount[] {
  return limitRows((out) => tumblingCountLimit(columns, w2, out));
}
