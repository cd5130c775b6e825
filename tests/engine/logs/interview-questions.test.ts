import { describe, expect, test } from 'vitest';
import {
  KinesisStream,
  TumblingEventTimeWindows,
  WatermarkStrategy,
  appendSink,
  kafkaPartition,
  kafkaSource,
  shardsNeeded,
  simulate,
  simulateReaders,
} from '#engine';
import type { AggregateFunction, LogInput, ReaderResult } from '#engine';
import { copyScenario, valuesOf } from '../flink/log-timeline.ts';
import { consumerOf, filled, processedText, runGroup } from './group-notation.ts';
import { topicOf } from './topic-notation.ts';

/** Questions about ingestion that have one right answer, answered by running them. */
describe('keys and partitions', () => {
  /** A key whose hash is 10 modulo 12: partition 2 of 4, and 4 of 6. */
  const key = 'k10';

  test('hash 10, 4 partitions become 6: from 2 to 4, and the old records stay', () => {
    expect([kafkaPartition(key, 4), kafkaPartition(key, 6)]).toEqual([10 % 4, 10 % 6]);
    const log = topicOf(`${key}=1 +6 ${key}=2`, { partitions: 4 }).toLogInput({
      isolation: 'read_uncommitted',
    });
    expect(log.partitions.map((records) => records.map(({ value }) => value))).toEqual([
      [],
      [],
      [1],
      [],
      [2],
      [],
    ]);
  });

  test('so a group can process the newer record of a key before the older one', () => {
    const log = topicOf(`${key}=1 +6 ${key}=2`, { partitions: 4 }).toLogInput({
      isolation: 'read_uncommitted',
    });
    // Range gives A partitions 0 to 2, and B 3 to 5.
    const consumers = [consumerOf('A', { processMs: 9000 }), consumerOf('B')];
    const run = runGroup({ topics: { t: log }, consumers, initialRebalanceDelayMs: 500 });
    expect(processedText(run, 6)).toBe('B4.0 A2.0');
  });
});

describe('a poll returned 5 to 9; the consumer dies after 5 and 6', () => {
  const dying = (arrow: number): ReturnType<typeof consumerOf> =>
    consumerOf('A', { crashAtArrow: arrow, restartAfterMs: 1000 });

  test('committed before: 7 to 9 are lost', () => {
    // Arrows: a poll, a commit and five records; a poll, a commit, 5 and 6.
    const run = runGroup({ consumers: [dying(11)], commit: { type: 'before-processing' } });
    expect(processedText(run)).toBe('A0 A1 A2 A3 A4 A5 A6');
    expect(run.skipped.map(({ offset }) => offset)).toEqual([7, 8, 9]);
    expect(run.repeated).toEqual([]);
  });

  test('committed after: 5 and 6 are processed twice', () => {
    const run = runGroup({ consumers: [dying(10)], commit: { type: 'after-processing' } });
    expect(run.repeated.map(({ offset }) => offset)).toEqual([5, 6]);
    expect(run.skipped).toEqual([]);
  });

  test('auto-commit, every 5 s: at the next poll, so 5 and 6 are processed twice as well', () => {
    const commit = { type: 'auto', intervalMs: 100 } as const;
    // Arrows: a poll and five records; a commit, a poll, 5 and 6.
    const run = runGroup({ consumers: [dying(10)], commit });
    expect(run.repeated.map(({ offset }) => offset)).toEqual([5, 6]);
    expect(run.skipped).toEqual([]);
  });
});

describe('5 MB/s and 7,000 records/s on Kinesis', () => {
  const load = { megabytesPerSecond: 5, recordsPerSecond: 7000 };

  test('needs 7 shards; with three polling readers 8, since 15 MB/s are more than 14', () => {
    expect(shardsNeeded({ ...load, pollingReaders: 1 })).toBe(7);
    expect(shardsNeeded({ ...load, pollingReaders: 3 })).toBe(8);
  });

  /** One of `shards` shards for a minute, five records a second. */
  function shardOf(shards: number, mode: 'polling' | 'fan-out'): ReaderResult[] {
    const stream = new KinesisStream({ shards: 1 });
    const sizeBytes = Math.round((5 * 2 ** 20) / shards / 5);
    for (let place = 0; place < 300; place += 1) {
      stream.putRecord({ partitionKey: 'k', value: place, sizeBytes }, place * 200);
    }
    const readers = ['a', 'b', 'c'].map((readerId) => ({ readerId, mode }));
    return simulateReaders(stream, readers, { untilMs: 60_000 });
  }

  test('one of 7 shards falls behind three polling readers, one of 8 does not', () => {
    const behind = (results: readonly ReaderResult[]): number =>
      results.reduce((sum, { backlogCount }) => sum + backlogCount, 0);
    expect(behind(shardOf(7, 'polling'))).toBeGreaterThan(behind(shardOf(8, 'polling')));
    expect(shardOf(7, 'polling').some(({ throttledCount }) => throttledCount > 0)).toBe(true);
    expect(shardOf(7, 'fan-out').every(({ throttledCount }) => throttledCount === 0)).toBe(true);
  });
});

test('the offsets of the group were reset, and the restored job takes no notice', () => {
  const log = topicOf('a=1 a=2 a=3 a=4').toLogInput({
    isolation: 'read_uncommitted',
    isBounded: false,
  });
  const settings = { topic: 'in', 'group.id': 'g' } as const;
  const operations = [{ type: 'stop-with-savepoint', when: { atMs: 2500 } }] as const;
  const { savepoint } = simulate(copyScenario(kafkaSource(settings), log, { operations }));
  if (savepoint === undefined) throw new TypeError('a savepoint');
  const reset = kafkaSource<number>({ ...settings, startingOffsets: { committed: { 0: 0 } } });
  expect(valuesOf(simulate(copyScenario(reset, log, { restoreFrom: savepoint })))).toEqual([3, 4]);
  expect(valuesOf(simulate(copyScenario(reset, log, {})))).toEqual([1, 2, 3, 4]);
});

test('12 partitions and parallelism 16: four subtasks have no split, and no window fires', () => {
  const steps = Array.from({ length: 12 }, (_, partition) => `${partition}:a=1`).join(' ');
  const again = Array.from({ length: 12 }, (_, partition) => `${partition}:a=2`).join(' ');
  const topic = topicOf(`${steps} ${again}`, { partitions: 12 });
  const log = topic.toLogInput({ isolation: 'read_uncommitted', isBounded: false });
  const counting: AggregateFunction<number, number, number> = {
    createAccumulator: () => 0,
    add: (_value, count) => count + 1,
    getResult: (count) => count,
    merge: (left, right) => left + right,
  };
  const counts = (parallelism: number, input: LogInput): unknown[] =>
    valuesOf(
      simulate({
        ...copyScenario(kafkaSource<number>({ topic: 'in' }), input, {}),
        cluster: { taskManagers: 4, slotsPerTaskManager: 4 },
        job: (env) => {
          env
            .fromSource(
              kafkaSource<number>({ topic: 'in' }),
              WatermarkStrategy.forMonotonousTimestamps<number>(),
              'in',
            )
            .setParallelism(parallelism)
            .keyBy(() => 'all')
            .window(TumblingEventTimeWindows.of(10_000))
            .aggregate(counting)
            .sinkTo(appendSink({ name: 'out' }));
        },
      }),
    );
  expect(counts(16, log)).toEqual([]);
  // At second 13 every partition has a second record: [0, 10) is complete at last.
  expect(counts(12, log)[0]).toBe(9);
});

test('an outage of the consumer that is shorter than the retention costs nothing', () => {
  const consumers = [consumerOf('A', { crashAtArrow: 4, restartAfterMs: 30_000 })];
  const run = runGroup({ consumers, topics: { t: filled(10) }, untilMs: 120_000 });
  expect(run.skipped).toEqual([]);
  expect(run.lag.get('t-0')).toBe(0);
});
