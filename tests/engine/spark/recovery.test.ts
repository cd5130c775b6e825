import { describe, expect, test } from 'vitest';
import {
  CRASH_POINTS,
  Trigger,
  col,
  count,
  simulateMicroBatches,
  sum,
  window,
} from '#engine/spark';
import type {
  BatchFault,
  CrashPoint,
  ExternalTable,
  MicroBatchRun,
  MicroBatchScenario,
  Row,
  SparkSession,
} from '#engine/spark';
import { ITEM, rowText, runQuery, scenarioOf, watermarks, written } from './batch-notation.ts';

const INPUT = 'a@1 b@2 a@4 | b@12 a@8 | a@9 b@17 | a@3 b@25 | a@31 | b@60 |';

type Write =
  'memory' | 'kafka' | ((rows: readonly Row[], id: number, table: ExternalTable) => void);

const counts =
  (write: Write = 'memory', mode = 'append') =>
  (spark: SparkSession): void => {
    const writer = spark.readStream
      .schema(ITEM)
      .load('in')
      .withWatermark('time', '5 seconds')
      .groupBy(window(col('time'), '10 seconds'), 'key')
      .agg(count().as('count'), sum('value').as('sum'))
      .writeStream.outputMode(mode);
    if (typeof write === 'string') writer.format(write).start();
    else writer.foreachBatch((rows, id, table) => write(rows, id, table('out'))).start();
  };

const crash = (batchId: number, at: CrashPoint, attempt = 0): BatchFault => ({
  type: 'driver-failure',
  batchId,
  at,
  attempt,
});

const texts = (run: MicroBatchRun): string[] => run.rows.map(rowText).sort();
const run = (write: Write, faults: readonly BatchFault[] = [], mode = 'append'): MicroBatchRun =>
  runQuery({ in: INPUT }, counts(write, mode), { faults, pace: 'always waiting' });

describe('a crash at every arrow of every batch', () => {
  const plain = run('memory');
  const batchIds = plain.progress.map(({ batchId }) => batchId);
  const everywhere = batchIds.flatMap((batchId) =>
    CRASH_POINTS.map((at) => [batchId, at] as const),
  );

  test.each(everywhere)('batch %i, %s: a sink that knows its batches has each once', (id, at) => {
    const struck = run('memory', [crash(id, at)]);
    // Rows only wait longer when a batch without data was forgotten; what comes out is the same
    // for as long as the same rows are late.
    const same = struck.progress.length === plain.progress.length;
    if (same) expect(texts(struck)).toEqual(texts(plain));
    expect(new Set(texts(struck)).size).toBe(texts(struck).length);
  });

  test.each(everywhere)('batch %i, %s: state is as if nothing had happened', (id, at) => {
    const update = (faults: readonly BatchFault[]): string[] => {
      // The last value of each group, as a table by key shows it.
      const { tables } = run(
        (rows, _id, table) => table.upsert(['window', 'key'], rows),
        faults,
        'complete',
      );
      return (tables['out'] ?? []).map(rowText).sort();
    };
    expect(update([crash(id, at), crash(id, at, 1)])).toEqual(update([]));
  });
});

describe('what runs again', () => {
  test('has the same rows, watermark and time, although more is there now', () => {
    const struck = run('kafka', [crash(1, 'offsets-logged')]);
    expect(struck.progress.map(({ batchId }) => batchId)).toEqual(
      run('kafka').progress.map(({ batchId }) => batchId),
    );
    expect(watermarks(struck)).toBe(watermarks(run('kafka')));
    expect(struck.progress[1]?.sources).toMatchObject([{ startOffset: [3], endOffset: [5] }]);
  });

  test('is planned anew when its offsets were not logged', () => {
    const options = { costs: { batchMs: 1000, restartMs: 5000 }, faults: [crash(1, 'planned')] };
    const struck = runQuery({ in: INPUT }, counts(), options);
    expect(struck.progress[1]?.sources[0]?.endOffset).toEqual([11]);
  });

  test('is twice in a sink that does not know its batches', () => {
    const plain = texts(run('kafka'));
    const at = (point: CrashPoint): number =>
      texts(run('kafka', [crash(3, point)])).length - plain.length;
    expect([at('tasks-finished'), at('sink-committed'), at('committed')]).toEqual([0, 2, 0]);
  });

  test.each([
    ['insert', (rows: readonly Row[], _: number, t: ExternalTable) => t.insert(rows), 2],
    [
      'a batch id',
      (rows: readonly Row[], id: number, t: ExternalTable) => t.insertOnce(id, rows),
      0,
    ],
    [
      'upsert',
      (rows: readonly Row[], _: number, t: ExternalTable) => t.upsert(['window', 'key'], rows),
      0,
    ],
  ] as const)('foreachBatch with %s: rows too many after a crash', (_, write, extra) => {
    const rowsOf = (faults: readonly BatchFault[]): number =>
      run(write, faults).tables['out']?.length ?? 0;
    expect(rowsOf([crash(3, 'sink-committed')]) - rowsOf([])).toBe(extra);
  });

  test('foreachBatch that adds up is too high after a crash', () => {
    const add = (rows: readonly Row[], _: number, table: ExternalTable): void =>
      table.increment(
        ['key'],
        'count',
        rows.map(({ key, count: n }) => ({ key: key!, count: n! })),
      );
    const total = (faults: readonly BatchFault[]): number =>
      (run(add, faults).tables['out'] ?? []).reduce((all, row) => all + Number(row['count']), 0);
    expect(total([crash(3, 'sink-committed')])).toBeGreaterThan(total([]));
  });
});

describe('tasks', () => {
  const failure = { type: 'task-failure', batchId: 3, partition: 0, times: 1 } as const;

  test('tried again, they write again; a sink of batches takes no notice', () => {
    for (const fault of [
      { ...failure, partition: 0 },
      { ...failure, partition: 1 },
      { type: 'speculative-task', batchId: 3, partition: 0 },
      { type: 'executor-failure', batchId: 3, executor: 0 },
    ] as const) {
      expect(texts(run('memory', [fault]))).toEqual(texts(run('memory')));
    }
    const both = [failure, { ...failure, partition: 1 }];
    expect(texts(run('kafka', both)).length - texts(run('kafka')).length).toBe(2);
  });

  test('four failures of one task fail the query', () => {
    const scenario = scenarioOf({ in: INPUT }, counts(), { faults: [{ ...failure, times: 4 }] });
    const failed = simulateMicroBatches(scenario);
    expect(failed.outcome).toBe('failed');
    expect(failed.failure?.message).toMatch(/Task 0 failed 4 times/);
  });
});

describe('another run from the checkpoint', () => {
  const scenario = (more: Partial<MicroBatchScenario> = {}, write: Write = 'memory') =>
    scenarioOf({ in: INPUT }, counts(write), more);

  test('goes on where the first was stopped', () => {
    const whole = texts(simulateMicroBatches(scenario()));
    for (const stopAtMs of [1000, 2000, 3000, 4000]) {
      const first = simulateMicroBatches(scenario({ stopAtMs }));
      const second = simulateMicroBatches(scenario({ restoreFrom: first.checkpoint }));
      expect([stopAtMs, ...[...texts(first), ...texts(second)].sort()]).toEqual([
        stopAtMs,
        ...whole,
      ]);
    }
  });

  test('leaves the checkpoint of the first as it was', () => {
    const { checkpoint } = simulateMicroBatches(scenario({ stopAtMs: 2000 }));
    const before = JSON.stringify(checkpoint);
    simulateMicroBatches(scenario({ restoreFrom: checkpoint }));
    expect(JSON.stringify(checkpoint)).toBe(before);
  });

  test('keeps the number of shuffle partitions', () => {
    const { checkpoint } = simulateMicroBatches(scenario({ stopAtMs: 2000 }));
    const conf = { 'spark.sql.shuffle.partitions': 7 };
    const second = simulateMicroBatches(scenario({ restoreFrom: checkpoint, conf }));
    expect(second.progress[0]?.stateOperators[0]?.numShufflePartitions).toBe(2);
  });

  test('forgets that a batch without data was due', () => {
    // The watermark is 25 when it stops; [10,20) waits for the next rows.
    const logs = { in: 'a@1 | a@30' };
    const first = runQuery(logs, counts(), { faults: [crash(1, 'committed')] });
    expect(written(first)).toBe('0: – | 1: –');
    const second = runQuery(logs, counts());
    expect(written(second)).toBe('0: – | 1: – | 2: [0,10) a 1 1');
  });

  test.each([
    [
      'another key',
      (spark: SparkSession) => countsBy(spark, 'value'),
      /KEY_SCHEMA_NOT_COMPATIBLE.*was \(window not null, string\): got .*long\)/,
    ],
    [
      'sliding windows instead of tumbling ones',
      (spark: SparkSession) => countsBy(spark, 'key', '5 seconds'),
      /KEY_SCHEMA_NOT_COMPATIBLE.*got \(window, string\)/,
    ],
    [
      'no state',
      (spark: SparkSession) => noState(spark),
      /STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA.*it had stateStoreSave/,
    ],
    [
      'another stream',
      (spark: SparkSession) => twoStreams(spark),
      /\[1\] sources .* \[2\] sources/,
    ],
  ])('refuses %s', (_, query, message) => {
    const { checkpoint } = simulateMicroBatches(scenario({ stopAtMs: 2000 }));
    const logs = { in: INPUT, other: '1' };
    expect(() => runQuery(logs, query, { restoreFrom: checkpoint })).toThrow(message);
  });
});

function read(spark: SparkSession, log = 'in') {
  return spark.readStream.schema(ITEM).load(log).withWatermark('time', '5 seconds');
}

function countsBy(spark: SparkSession, key: string, slide = '10 seconds'): void {
  read(spark)
    .groupBy(window(col('time'), '10 seconds', slide), key)
    .count()
    .writeStream.start();
}

function noState(spark: SparkSession): void {
  read(spark).writeStream.start();
}

function twoStreams(spark: SparkSession): void {
  const both = read(spark).union(read(spark, 'other'));
  both
    .groupBy(window(col('time'), '10 seconds'), 'key')
    .count()
    .writeStream.start();
}

describe('triggers', () => {
  const query =
    (trigger: ReturnType<typeof Trigger.Once>, max?: number) => (spark: SparkSession) => {
      const reader = spark.readStream.schema(ITEM);
      const limited = max === undefined ? reader : reader.option('maxOffsetsPerTrigger', max);
      limited
        .load('in')
        .withWatermark('time', '0 seconds')
        .groupBy(window(col('time'), '10 seconds'))
        .count()
        .writeStream.trigger(trigger)
        .start();
    };

  test('once: one batch of what is there, and none without data', () => {
    const result = runQuery({ in: '1 2 30' }, query(Trigger.Once()));
    expect([result.outcome, written(result)]).toEqual(['finished', '0: –']);
  });

  test('availableNow: what was there, in batches, and the one without data', () => {
    const result = runQuery({ in: '1 2 12 13 30 | 40' }, query(Trigger.AvailableNow(), 2));
    expect(result.outcome).toBe('finished');
    expect(result.progress.map(({ numInputRows }) => numInputRows)).toEqual([2, 2, 1, 0]);
    expect(written(result)).toBe('0: – | 1: – | 2: [0,10) 2 | 3: [10,20) 2');
  });

  test('processing time: at multiples of the interval; a longer batch delays the next', () => {
    const at = (intervalMs: number, batchMs: number): number[] =>
      runQuery({ in: '1 | 2 | 3 | 4' }, query(Trigger.ProcessingTime(intervalMs)), {
        costs: { batchMs },
        conf: { 'spark.sql.streaming.noDataMicroBatches.enabled': false },
      }).progress.map(({ timestampMs }) => timestampMs);
    expect(at(2000, 500)).toEqual([0, 2000, 4000]);
    expect(at(2000, 2500)).toEqual([0, 2500, 5000]);
  });

  test('batches wait for rows, but not for ever', () => {
    const waiting = (spark: SparkSession): void =>
      spark.readStream
        .schema(ITEM)
        .option('minOffsetsPerTrigger', 3)
        .option('maxTriggerDelay', '10 seconds')
        .load('in')
        .writeStream.start();
    const result = runQuery({ in: '1 2 3 | 4 | 5' }, waiting);
    expect(result.progress.map(({ timestampMs }) => timestampMs)).toEqual([0, 10_000]);
  });
});
