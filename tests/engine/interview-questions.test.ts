import { describe, expect, test } from 'vitest';
import {
  KIND,
  TraceReader,
  TumblingEventTimeWindows,
  WatermarkStrategy,
  catchUpSeconds,
  logSource,
  minutes,
  seconds,
  simulate,
  sumsOf,
  tableOf,
  transactionalSink,
  visibleWrites,
} from '#engine';
import { col } from '#engine/spark';
import type { SparkSession } from '#engine/spark';
import { count, traceOf } from './stream-notation.ts';
import { rowsOf, runCounting } from './flink/counting-job.ts';
import { ITEM, runQuery, watermarks, written } from './spark/batch-notation.ts';

/** Questions about failures, both engines and capacity that have one right answer: run them. */
describe('offsets 0 to 9, a checkpoint after 4, a crash after 7', () => {
  const arrivals = Array.from({ length: 10 }, (_, offset) => `a@${offset + 1}`).join(' ');
  const run = runCounting({
    partitions: [arrivals],
    // The clock starts with the first record, at 1 s.
    configuration: { 'execution.checkpointing.interval': 4500 },
    faults: [{ type: 'subtask-failure', operator: 'count', index: 0, when: { atMs: 8500 } }],
  });
  const appended = rowsOf(run, 'append').split(' ');

  test('a plain sink has 13 rows: 5, 6 and 7 twice', () => {
    expect(appended).toHaveLength(13);
    const twice = appended.filter((text, at) => appended.indexOf(text) !== at);
    // Offset 5 is the sixth record.
    expect(twice).toEqual(['a=6', 'a=7', 'a=8']);
  });

  test('in transactions: 10 for who reads what is committed, 13 for who reads all', () => {
    const trace = traceOf(run);
    const place = trace.header.sinks.findIndex(({ name }) => name === 'transactional');
    const info = trace.header.sinks[place]!;
    const sink = new TraceReader(trace).frameAt(trace.rowCount - 1).sinks[place]!;
    expect(visibleWrites(info, sink, 'read-committed')).toHaveLength(10);
    // What was aborted is not there for anybody who respects control records; it was written.
    expect(sink.writes).toHaveLength(13);
  });

  test('upserting whole rows is right, adding one each time counts three too many', () => {
    expect(tableOf(run.sinks['upsert'] ?? [])).toEqual([
      { key: 'a', row: { key: 'a', count: 10 } },
    ]);
    expect(sumsOf(run.sinks['increment'] ?? [])).toEqual([{ key: 'a', row: 13 }]);
  });
});

test('the watermark moves with each record: 8 and 9 are late, which micro-batches count', () => {
  expect(count('1 4 12 16 8 9 17', { sizeS: 10, delayS: 5 })).toEqual([
    '[0,10) k=2',
    '8 dropped',
    '9 dropped',
  ]);
});

describe('micro-batches', () => {
  const read = (spark: SparkSession, log: string) =>
    spark.readStream.schema(ITEM).load(log).withWatermark('time', '5 seconds');

  test('a stream that has never produced holds an outer join for ever', () => {
    const joined = (spark: SparkSession): void => {
      const left = read(spark, 'a').select('key', 'time');
      const right = read(spark, 'b').select(col('key').as('other'), col('time').as('at'));
      const condition = col('key')
        .equalTo(col('other'))
        .and(col('time').equalTo(col('at')));
      left.join(right, condition, 'left_outer').writeStream.start();
    };
    const run = runQuery({ a: '1 | 100 | 1000', b: '' }, joined);
    expect(run.rows).toEqual([]);
    expect(watermarks(run)).toMatch(/^0( 0)*$/);
  });

  test('dropDuplicates with the event time in the key lets an id pass at another time', () => {
    const run = runQuery({ in: 'g@1 g@2 g@1' }, (spark) =>
      read(spark, 'in').dropDuplicates('key', 'time').select('key', 'time').writeStream.start(),
    );
    expect(written(run)).toMatch(/^0: g 1s, g 2s/);
    const within = runQuery({ in: 'g@1 g@2 g@1' }, (spark) =>
      read(spark, 'in').dropDuplicatesWithinWatermark('key').select('key').writeStream.start(),
    );
    expect(within.rows).toEqual([{ key: 'g' }]);
  });
});

/** Ms from a window's end until its committed row can be read, for a job started at `startMs`. */
function visibleAfterMs(startMs: number): number {
  const records = Array.from({ length: 1200 }, (_, at) => {
    const atMs = startMs + at * 100;
    return { value: { key: 'a' }, timestampMs: atMs, arrivalMs: atMs };
  });
  const run = simulate({
    name: 'board',
    seed: 1,
    logs: { in: { partitions: [records] } },
    cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
    faults: [],
    trace: 'full',
    job: (env) => {
      env.configure({ 'execution.checkpointing.interval': 30_000 });
      const strategy = WatermarkStrategy.forBoundedOutOfOrderness<{ key: string }>(seconds(10));
      env
        .fromSource(logSource<{ key: string }>('in'), strategy, 'in')
        .keyBy(({ key }) => key)
        .window(TumblingEventTimeWindows.of(minutes(1)))
        .reduce((left) => left)
        .sinkTo(transactionalSink({ name: 'board' }));
    },
  });
  const { columns } = traceOf(run);
  const row = columns.kind.indexOf(KIND['transaction-committed']);
  return (columns.atMs[row] as number) - 60_000;
}

test('60 s windows, 10 s delay, watermarks each 0.2 s, commits each 30 s: 40.2 s at worst', () => {
  // Where the checkpoints lie against the end of the window is chance: try it all.
  const waits = Array.from({ length: 61 }, (_, at) => visibleAfterMs(1000 + at * 500));
  expect(Math.max(...waits)).toBeGreaterThan(39_500);
  expect(Math.max(...waits)).toBeLessThanOrEqual(40_200);
  expect(Math.min(...waits)).toBeLessThan(11_000);
});

describe('capacity', () => {
  test('10 minutes down at 50,000 a second, 80,000 at best: 1,000 s to catch up', () => {
    expect(catchUpSeconds(10 * 60 * 50_000, 80_000, 50_000)).toBe(1000);
  });

  test('a key of 80,000 a second on a subtask of 30,000: no parallelism helps', () => {
    expect(catchUpSeconds(1, 30_000, 80_000)).toBe(Infinity);
  });
});
