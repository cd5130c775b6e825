import { describe, expect, test } from 'vitest';
import { KinesisStream, Random, kinesisLogInput, putWithRetries } from '#engine';
import type { PutBatch } from '#engine';
import { forEachSeed } from '../../stream-notation.ts';

const HALF_MEBIBYTE = 2 ** 19;

/** A batch of half-megabyte records with these values and one key. */
const batch = (atMs: number, values: number[], more: Partial<PutBatch> = {}): PutBatch => ({
  atMs,
  entries: values.map((value) => ({ partitionKey: 'k', value, sizeBytes: HALF_MEBIBYTE })),
  ...more,
});

const stored = (stream: KinesisStream): unknown[] =>
  stream.shards.flatMap((shard) => shard.records.map((record) => record.value));

describe('a batch of which a part fails', () => {
  test('is retried for that part only, which then lies behind later records', () => {
    const stream = new KinesisStream({ shards: 1 });
    const batches = [batch(0, [1, 2, 3]), batch(1000, [4])];
    const attempts = putWithRetries(stream, batches, { retryDelayMs: 1500 });
    expect(attempts.map(({ atMs, stored: ok, failed }) => [atMs, ok, failed])).toEqual([
      [0, 2, 1],
      [1000, 1, 0],
      [1500, 1, 0],
    ]);
    expect(stored(stream)).toEqual([1, 2, 4, 3]);
  });

  test('may lose the order within itself: a small record passes where a large one does not', () => {
    const stream = new KinesisStream({ shards: 1 });
    const large = batch(0, [1, 2, 3]).entries;
    const small = { partitionKey: 'k', value: 4, sizeBytes: 1 };
    // 1.2 MB do not fit into a second; the last one does.
    const entries = [...large.slice(0, 1), { ...large[1]!, sizeBytes: 600_000 }, small];
    putWithRetries(stream, [{ atMs: 0, entries }], { retryDelayMs: 1000 });
    expect(stored(stream)).toEqual([1, 4, 2]);
  });
});

test('an answer that is lost stores the batch twice', () => {
  const stream = new KinesisStream({ shards: 1 });
  putWithRetries(stream, [batch(0, [1], { isAnswerLost: true })], { retryDelayMs: 1000 });
  expect(stored(stream)).toEqual([1, 1]);
});

test('nothing is lost, however tight the shard is', () => {
  forEachSeed(60, (seed) => {
    const random = new Random(seed);
    const stream = new KinesisStream({ shards: random.between(1, 3) });
    let value = 0;
    const batches = Array.from({ length: 6 }, (_, at): PutBatch => ({
      atMs: at * random.between(100, 900),
      isAnswerLost: random.chance(0.2),
      entries: Array.from({ length: random.between(1, 5) }, () => ({
        partitionKey: random.pick(['a', 'b', 'c']),
        value: (value += 1),
        sizeBytes: random.between(1, HALF_MEBIBYTE),
      })),
    })).sort((a, b) => a.atMs - b.atMs);
    putWithRetries(stream, batches, { retryDelayMs: 300 });
    const found = new Set(stored(stream));
    expect(found.size).toBe(value);
    const { partitions } = kinesisLogInput(stream);
    expect(partitions.flat().length).toBe(stored(stream).length);
  });
});

test('a retry delay that is not positive is refused', () => {
  const stream = new KinesisStream({ shards: 1 });
  expect(() => putWithRetries(stream, [], { retryDelayMs: 0 })).toThrow(/must be positive/);
});
