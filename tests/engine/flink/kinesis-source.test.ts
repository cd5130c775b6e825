import { describe, expect, test } from 'vitest';
import {
  ConfigError,
  HASH_KEY_LIMIT,
  KinesisStream,
  TraceReader,
  TumblingEventTimeWindows,
  WatermarkStrategy,
  appendSink,
  explainSilence,
  hours,
  kinesisLogInput,
  kinesisSource,
  simulate,
} from '#engine';
import type { LogInput, Trace } from '#engine';
import { copyScenario, copyTimeline, logTimeline, valuesOf } from './log-timeline.ts';

/** Shard of a hash key: the lower half of all keys, or the upper. */
const LOWER = 0n;
const UPPER = HASH_KEY_LIMIT - 1n;

const TRIM_HORIZON = { stream: 'in', initialPosition: 'TRIM_HORIZON' } as const;

function put(
  stream: KinesisStream,
  value: number,
  atMs: number,
  hashKey = LOWER,
  sizeBytes = 1,
): void {
  const entry = { partitionKey: 'k', value, explicitHashKey: hashKey, sizeBytes };
  expect(stream.putRecord(entry, atMs).type).toBe('stored');
}

/** Shard 0 is split at second 3 into shards 1 and 2; a record a second, 1 to 6. */
function splitStream(): LogInput {
  const stream = new KinesisStream({ shards: 1 });
  put(stream, 1, 1000);
  put(stream, 2, 2000);
  stream.splitShard('shardId-000000000000', 3000);
  put(stream, 3, 4000, LOWER);
  put(stream, 4, 5000, UPPER);
  put(stream, 5, 6000, LOWER);
  put(stream, 6, 20_000, UPPER);
  return kinesisLogInput(stream, { isBounded: false });
}

describe('resharding', () => {
  test('children are found at the next look, after their parent has been read to its end', () => {
    expect(copyTimeline(kinesisSource<number>(TRIM_HORIZON), splitStream(), {})).toEqual([
      '1s: in-0 from 1, in-0 read @1',
      '2s: in-0 read @2',
      '3s: in-0 finished',
      '11s: in-1 from 3, in-1 read @3, in-1 read @5, in-2 from 4, in-2 read @4',
      '20s: in-2 read @6',
    ]);
  });

  test('a job that comes late reads the parent first, whoever reads the children', () => {
    const late = { startMs: 30_000, parallelism: 2 };
    const lines = copyTimeline(kinesisSource<number>(TRIM_HORIZON), splitStream(), late);
    expect(lines).toEqual([
      '30s: in-0 from 1, in-0 read @1, in-0 read @2, in-0 finished, in-1 from 3, in-2 from 4, ' +
        'in-1 read @3, in-2 read @4, in-1 read @5, in-2 read @6',
    ]);
  });

  test('a child that waits for its parent does not hold the watermark', () => {
    const run = simulate({
      ...copyScenario(kinesisSource<number>(TRIM_HORIZON), splitStream(), { startMs: 30_000 }),
      // Slow enough for a watermark between the two records of the parent.
      costs: { serviceMs: { in: 500 } },
      job: (env) => {
        const source = kinesisSource<number>(TRIM_HORIZON);
        env
          .fromSource(source, WatermarkStrategy.forMonotonousTimestamps<number>(), 'in')
          .keyBy(() => 'all')
          .window(TumblingEventTimeWindows.of(60_000))
          .reduce((left, right) => left + right)
          .sinkTo(appendSink({ name: 'out' }));
      },
    });
    const reader = new TraceReader(run.trace as Trace);
    const row = reader.nextRow(0, ['watermark-received']);
    const [silence] = explainSilence(reader, row).subtasks;
    expect(silence?.heldBy).toMatchObject({ split: 0, why: 'behind' });
  });

  test('LATEST reads no shard that has closed before', () => {
    const source = kinesisSource<number>({ stream: 'in' });
    expect(copyTimeline(source, splitStream(), { startMs: 5500 })).toEqual([
      '5.5s: in-1 from 4, in-2 from 5',
      '6s: in-1 read @5',
      '20s: in-2 read @6',
    ]);
  });

  test('AT_TIMESTAMP begins with the shards that were open then', () => {
    const source = kinesisSource<number>({ stream: 'in', initialPosition: { timestampMs: 4500 } });
    const run = simulate(copyScenario(source, splitStream(), { startMs: 30_000 }));
    expect(valuesOf(run)).toEqual([5, 4, 6]);
  });

  test('after each crash the children still wait for their parent', () => {
    const log = splitStream();
    const source = kinesisSource<number>(TRIM_HORIZON);
    const straight = simulate(copyScenario(source, log, { checkpointMs: 700 }));
    for (let afterStep = 1; afterStep <= straight.stepCount; afterStep += 1) {
      const faults = [
        { type: 'subtask-failure', operator: 'in', index: 0, when: { afterStep } },
      ] as const;
      const run = simulate(copyScenario(source, log, { checkpointMs: 700, faults }));
      const lines = logTimeline(run).join(', ').split(', ');
      const lastParent = lines.findLastIndex((line) => /in-0 read/.test(line));
      const firstChild = lines.findIndex((line) => /in-[12] read/.test(line));
      expect(new Set(valuesOf(run)), `afterStep ${afterStep}`).toEqual(new Set([1, 2, 3, 4, 5, 6]));
      const isRewound = lines.slice(firstChild).some((line) => /in-0 back/.test(line));
      if (!isRewound) expect(lastParent, `afterStep ${afterStep}`).toBeLessThan(firstChild);
    }
  });

  test('shards are dealt by where the middle of their hash keys lies', () => {
    const stream = new KinesisStream({ shards: 4 });
    put(stream, 1, 1000);
    const source = kinesisSource<number>(TRIM_HORIZON);
    const { trace } = simulate(copyScenario(source, kinesisLogInput(stream), { parallelism: 2 }));
    const readers = trace?.header.splits.map(
      ({ subtask }) => trace.header.subtasks[subtask]?.index,
    );
    expect(readers).toEqual([0, 0, 1, 1]);
  });
});

describe('limits', () => {
  /** 8 MiB wait in one shard, which gives 2 MiB a second. */
  function backlog(): LogInput {
    const stream = new KinesisStream({ shards: 1 });
    for (let second = 0; second < 12; second += 1)
      put(stream, second, second * 1000, LOWER, 2 ** 20);
    return kinesisLogInput(stream, { isBounded: false });
  }

  test('a reader that catches up is throttled after 10 MB, for the seconds that these cost', () => {
    const source = kinesisSource<number>(TRIM_HORIZON);
    const lines = copyTimeline(source, backlog(), { startMs: 60_000 });
    expect(lines[0]).toMatch(/^60s: in-0 from 1, (in-0 read @\d+, ){10}in-0 throttled$/);
    expect(lines.at(-1)).toBe('65s: in-0 read @11, in-0 read @12');
    expect(lines.slice(1, -1).every((line) => line.endsWith('s: in-0 throttled'))).toBe(true);
  });

  test('other polling readers of a shard halve its speed', () => {
    const source = kinesisSource<number>({ ...TRIM_HORIZON, otherPollingReaders: 1 });
    const lines = copyTimeline(source, backlog(), { startMs: 60_000 });
    expect(lines.at(-1)).toBe('70s: in-0 read @11, in-0 read @12');
  });

  test('with enhanced fan-out it has 2 MB/s of its own, and is never refused', () => {
    const source = kinesisSource<number>({ ...TRIM_HORIZON, readerType: 'EFO' });
    const lines = copyTimeline(source, backlog(), { startMs: 60_000 });
    expect(lines.join()).not.toMatch(/throttled/);
    expect(lines.at(-1)).toMatch(/^65.*read @12$/);
  });

  test('with nothing to read it polls every 250 ms', () => {
    const stream = new KinesisStream({ shards: 1 });
    put(stream, 1, 1000);
    put(stream, 2, 1300);
    const log = kinesisLogInput(stream, { isBounded: false });
    expect(copyTimeline(kinesisSource(TRIM_HORIZON), log, {})).toEqual([
      '1s: in-0 from 1, in-0 read @1',
      '1.5s: in-0 read @2',
    ]);
  });
});

describe('expired positions', () => {
  test('restored after 30 h from a stream of 24 h, a job misses 6 h and says nothing', () => {
    const stream = new KinesisStream({ shards: 1 });
    for (let hour = 0; hour <= 30; hour += 1) put(stream, hour, hours(hour));
    const log = kinesisLogInput(stream, { isBounded: false });
    const source = kinesisSource<number>(TRIM_HORIZON);
    const stopping = { type: 'stop-with-savepoint', when: { atMs: 1 } } as const;
    const { savepoint } = simulate(copyScenario(source, log, { operations: [stopping] }));
    if (savepoint === undefined) throw new TypeError('a savepoint');
    const run = simulate(
      copyScenario(source, log, { restoreFrom: savepoint, startMs: hours(30) + 1 }),
    );
    expect(run.failure).toBeUndefined();
    expect(logTimeline(run)[0]).toMatch(/back to 2, in-0 2→8 earliest, missed 6, in-0 read @8/);
    expect(valuesOf(run)).toEqual(Array.from({ length: 24 }, (_, hour) => hour + 7));
  });
});

test.each([
  [{ shardDiscoveryIntervalMs: 0 }, /shardDiscoveryIntervalMs must be positive/],
  [{ otherPollingReaders: 1.5 }, /otherPollingReaders must be a count/],
])('refuses %j', (settings, message) => {
  expect(() => kinesisSource({ stream: 'in', ...settings })).toThrow(ConfigError);
  expect(() => kinesisSource({ stream: 'in', ...settings })).toThrow(message);
});
