import { describe, expect, test } from 'vitest';
import {
  WatermarkStrategy,
  dashboardSink,
  databaseSink,
  fileSink,
  lakeSink,
  logSource,
  seconds,
  simulateBatch,
  topicSink,
  transactionalSink,
} from '#engine';
import type { BatchRun, BatchScenario, Sink, StageFault } from '#engine';
import { stream } from '../stream-notation.ts';
import type { Item } from '../stream-notation.ts';
import { told } from './batch-notation.ts';

interface Row {
  readonly id: string;
  readonly key: string;
}

const PARTITIONS = ['a@1 b@2 a@3', 'c@4 a@5 b@6'];
const ROWS = ['a1', 'a3', 'a5', 'b2', 'b6', 'c4'];
const insert = { type: 'insert', onConflict: 'fail' } as const;
const upsert = { type: 'upsert' } as const;
const MINUTE = { transactionTimeoutMs: 60_000 };
const exactly = { delivery: 'exactly-once' } as const;
const table = { name: 'out', primaryKey: ['id'] } as const;

/** Each shows a row once, whatever fails. */
const EXACTLY_ONCE: readonly (readonly [name: string, sink: Sink<Row>])[] = [
  ['a transactional topic', transactionalSink<Row>({ name: 'out' })],
  ['a Kafka topic', topicSink<Row>({ name: 'out', partitions: 2, ...MINUTE, ...exactly })],
  ['part files', fileSink<Row>({ name: 'out', bucket: ({ key }) => key })],
  ['a lake table', lakeSink<Row>({ name: 'out', partitionBy: ['key'] })],
  ['a database with a ledger', databaseSink<Row>({ ...table, write: insert, ...exactly })],
  ['a database table written by key', databaseSink<Row>({ ...table, write: upsert })],
  ['a dashboard', dashboardSink<Row>(table)],
];

function run(sink: Sink<Row>, overrides: Partial<BatchScenario> = {}): BatchRun {
  return simulateBatch({
    name: 'sinks',
    seed: 1,
    logs: { in: { partitions: PARTITIONS.map(stream) } },
    cluster: { taskManagers: 2, slotsPerTaskManager: 1 },
    trace: 'full',
    job: (env) => {
      env.setParallelism(2).configure({
        'restart-strategy.type': 'fixed-delay',
        'restart-strategy.fixed-delay.attempts': 10,
        'restart-strategy.fixed-delay.delay': seconds(1),
      });
      env
        .fromSource(logSource<Item>('in'), WatermarkStrategy.noWatermarks<Item>(), 'in')
        .keyBy((item) => item.key)
        .map(({ key, atMs }) => ({ id: `${key}${atMs / 1000}`, key }))
        .name('name')
        .sinkTo(sink);
    },
    ...overrides,
  });
}

/** What a reader finds, in the order of the rows. */
function found(finished: BatchRun): string[] {
  if (finished.failure !== undefined) throw new Error(finished.failure.message);
  const rows = finished.stores['out']!.tables()[0]?.rows ?? [];
  return rows.map(({ id }) => String(id)).sort();
}

describe.each(EXACTLY_ONCE)('%s', (name, sink) => {
  test('has every row once', () => {
    expect(found(run(sink))).toEqual(ROWS);
  });

  test('has every row once, whenever a machine dies', () => {
    const { stepCount } = run(sink);
    for (let step = 1; step <= stepCount; step += 1) {
      for (const taskManager of [0, 1]) {
        const when = { afterStep: step };
        const crash: StageFault = { type: 'task-manager-crash', taskManager, when };
        expect([step, ...found(run(sink, { faults: [crash] }))]).toEqual([step, ...ROWS]);
      }
    }
  });

  test('shows nothing of a job that has failed', () => {
    const isShownAtOnce = ['a database table written by key', 'a dashboard'].includes(name);
    // The last step is that of the last task's end.
    const failed = run(sink, { stepCountMax: run(sink).stepCount });
    expect(failed.outcome).toBe('failed');
    const rows = failed.stores['out']!.tables()[0]?.rows ?? [];
    expect(rows.length > 0).toBe(isShownAtOnce);
  });
});

test('a lake table gets all files of a batch in one commit', () => {
  const sink = lakeSink<Row>({ name: 'out', partitionBy: ['key'] });
  expect(told(run(sink), 'table-committed')).toHaveLength(1);
});
