import { describe, expect, test } from 'vitest';
import { KinesisStream, kinesisLogInput, simulateReaders } from '#engine';
import type { ReaderPlan } from '#engine';

const KIBIBYTE = 1024;

/** A shard that gets 1,000 KiB in each of `seconds`, in ten records. */
function busyStream(seconds: number): KinesisStream {
  const stream = new KinesisStream({ shards: 1 });
  for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
    stream.putRecord({ partitionKey: 'k', value: tenth, sizeBytes: 100 * KIBIBYTE }, tenth * 100);
  }
  return stream;
}

const readers = (mode: ReaderPlan['mode'], count: number): ReaderPlan[] =>
  Array.from({ length: count }, (_, at) => ({ readerId: `r${at}`, mode }));

const run = (mode: ReaderPlan['mode'], count: number) =>
  simulateReaders(busyStream(60), readers(mode, count), { untilMs: 60_000 });

describe('three readers of a shard that is written at nearly 1 MB/s', () => {
  test('fall behind when they poll: 3 MB/s are needed and 2 there', () => {
    const results = run('polling', 3);
    expect(results.some((result) => result.throttledCount > 0)).toBe(true);
    expect(Math.max(...results.map((result) => result.delayMsMax))).toBeGreaterThan(2000);
    const got = results.reduce((sum, result) => sum + result.recordCount, 0);
    // 2 MB a second for all of them, and the overshoot of the last call.
    expect(got * 100 * KIBIBYTE).toBeLessThanOrEqual((61 * 2 + 10) * 2 ** 20);
  });

  test('keep up when there are two', () => {
    const results = run('polling', 2);
    expect(results.every((result) => result.delayMsMax <= 2000)).toBe(true);
  });

  test('keep up with fan-out, at the delay of a push', () => {
    for (const result of run('fan-out', 3)) {
      expect(result).toMatchObject({ throttledCount: 0, backlogCount: 0 });
      expect(result.delayMsMax).toBeLessThanOrEqual(70);
    }
  });
});

test('children are read when their parents are finished, and not before', () => {
  const read = (untilMs: number): number | undefined => {
    const stream = busyStream(15);
    stream.splitShard('shardId-000000000000', 15_000);
    stream.putRecord({ partitionKey: 'k', value: 'child' }, 15_000);
    const plan = { readerId: 'r', mode: 'polling', pollMs: 20_000 } as const;
    return simulateReaders(stream, [plan], { untilMs })[0]?.backlogCount;
  };
  // The first call gives one record, the second 10 MB, the third the rest and then the child's.
  expect([20_000, 40_000].map(read)).toEqual([48, 0]);
});

test('a reader that does not wait is refused', () => {
  const plan = { readerId: 'r', mode: 'polling', pollMs: 0 } as const;
  expect(() => simulateReaders(busyStream(1), [plan], { untilMs: 1 })).toThrow(/pollMs/);
});

describe('a stream as the input of a runtime', () => {
  const stream = new KinesisStream({ shards: 1 });
  stream.putRecord({ partitionKey: 'k', value: 1, timestampMs: 5 }, 1000);

  test('is stamped by its arrival, or by the producer when the job reads it so', () => {
    expect(kinesisLogInput(stream).partitions[0]).toEqual([
      { key: 'k', value: 1, timestampMs: 1000, arrivalMs: 1000 },
    ]);
    expect(kinesisLogInput(stream, { timestamps: 'value' }).partitions[0]).toMatchObject([
      { timestampMs: 5 },
    ]);
  });

  test('begins at the oldest record that is retained', () => {
    const nowMs = 25 * 3_600_000;
    expect(kinesisLogInput(stream, { nowMs }).partitions).toEqual([[]]);
  });
});
