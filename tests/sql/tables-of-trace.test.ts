import { expect, test } from 'vitest';
import {
  logSource,
  WatermarkStrategy,
  appendSink,
  databaseSink,
  incrementSink,
  simulate,
  transactionalSink,
  upsertSink,
} from '#engine';
import type { Trace } from '#engine';
import { tablesOfTrace } from '../../src/sql/tables-of-trace.ts';

interface Item {
  readonly key: string;
  readonly n: number;
}

/** A job that writes `a1 b2 a3` to every kind of sink that a table can be made of. */
function run(isOpen: boolean): Trace {
  const records = ['a1', 'b2', 'a3'].map((text, at) => ({
    value: { key: text[0] as string, n: Number(text[1]) },
    arrivalMs: at * 100,
  }));
  const { trace } = simulate({
    name: 'sinks',
    seed: 1,
    logs: { in: { partitions: [records], isBounded: !isOpen } },
    cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
    faults: [],
    trace: 'full',
    job: (env) => {
      env.enableCheckpointing(1000);
      const source = logSource<Item>('in');
      const items = env.fromSource(source, WatermarkStrategy.noWatermarks(), 'source');
      items.sinkTo(appendSink({ name: 'append' }));
      items.sinkTo(upsertSink({ name: 'upsert', key: ({ key }) => key }));
      items.sinkTo(incrementSink({ name: 'sums', key: ({ key }) => key, amount: ({ n }) => n }));
      items.sinkTo(transactionalSink({ name: 'topic' }));
      items.sinkTo(
        databaseSink({
          name: 'database',
          primaryKey: ['key'],
          write: { type: 'upsert' },
        }),
      );
    },
  });
  return trace as Trace;
}

const [a1, b2, a3] = [
  { key: 'a', n: 1 },
  { key: 'b', n: 2 },
  { key: 'a', n: 3 },
];

test('what a reader of each kind of sink finds at the end', () => {
  const trace = run(false);
  expect(tablesOfTrace(trace, trace.rowCount - 1)).toEqual([
    { name: 'append', primaryKey: [], rows: [a1, b2, a3] },
    { name: 'upsert', primaryKey: [], rows: [a3, b2] },
    {
      name: 'sums',
      primaryKey: [],
      rows: [
        { key: 'a', amount: 4 },
        { key: 'b', amount: 2 },
      ],
    },
    { name: 'topic', primaryKey: [], rows: [a1, b2, a3] },
    { name: 'database', primaryKey: ['key'], rows: [a3, b2] },
  ]);
});

test('at a step before the commit, what is not committed is not there', () => {
  const trace = run(false);
  const rows = (row: number): number[] =>
    tablesOfTrace(trace, row).map((table) => table.rows.length);
  const committed = trace.columns.kind.findIndex((_, row) => (rows(row)[3] ?? 0) > 0);
  expect(committed).toBeGreaterThan(0);
  expect(rows(committed - 1)).toEqual([3, 2, 2, 0, 2]);
});
