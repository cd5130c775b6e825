import { describe, expect, test } from 'vitest';
import {
  ConfigError,
  HASH_KEY_LIMIT,
  KinesisStream,
  Random,
  SHARD_LIMITS,
  coversAll,
  shardsNeeded,
} from '#engine';
import type { GetRecordsResult, IteratorPosition, ShardIterator } from '#engine';
import { forEachSeed } from '../../stream-notation.ts';

const SHARD = 'shardId-000000000000';
const MEBIBYTE = 2 ** 20;
const HOUR_MS = 3_600_000;
const HORIZON: IteratorPosition = { type: 'TRIM_HORIZON' };

/** Puts `count` records of `sizeBytes` with one key at once; how many were stored. */
function put(stream: KinesisStream, count: number, sizeBytes: number, nowMs: number): number {
  const entries = Array.from({ length: count }, (_, value) => ({
    partitionKey: 'k',
    value,
    sizeBytes,
  }));
  return entries.filter((entry) => stream.putRecord(entry, nowMs).type === 'stored').length;
}

function read(stream: KinesisStream, iterator: ShardIterator, nowMs: number): string {
  const result = stream.getRecords(iterator, nowMs);
  return result.type === 'failed' ? result.errorCode : String(result.records.length);
}

const valuesOf = (result: GetRecordsResult): unknown[] =>
  result.type === 'records' ? result.records.map((record) => record.value) : [];

describe('a shard takes in, each second,', () => {
  test('1,000 records', () => {
    const stream = new KinesisStream({ shards: 1 });
    expect(put(stream, 1200, 10, 0)).toBe(1000);
    expect(put(stream, 1, 10, 999)).toBe(0);
    expect(put(stream, 1200, 10, 1000)).toBe(1000);
  });

  test('1 MB', () => {
    const stream = new KinesisStream({ shards: 1 });
    expect(put(stream, 8, MEBIBYTE / 4, 0)).toBe(4);
    expect(stream.facts.filter((fact) => fact.type === 'write-throttled')).toHaveLength(4);
  });

  test('however cold the other shards are: a hot key does not spread', () => {
    const stream = new KinesisStream({ shards: 4 });
    expect(put(stream, 1200, 10, 0)).toBe(1000);
    expect(stream.shards.filter((shard) => shard.records.length > 0)).toHaveLength(1);
  });
});

describe('a shard gives out', () => {
  test('5 calls a second', () => {
    const stream = new KinesisStream({ shards: 1 });
    const iterator = stream.getShardIterator(SHARD, HORIZON, 0);
    const calls = [0, 1, 2, 3, 4, 5, 1000].map((nowMs) => read(stream, iterator, nowMs));
    expect(calls.slice(4)).toEqual(['0', 'ProvisionedThroughputExceededException', '0']);
  });

  test('10 MB in one call, and then nothing for 5 seconds', () => {
    const stream = new KinesisStream({ shards: 1 });
    for (let second = 0; second < 12; second += 1) put(stream, 1, MEBIBYTE, second * 1000);
    const iterator = stream.getShardIterator(SHARD, HORIZON, 20_000);
    const calls = [20, 21, 22, 23, 24, 25].map((second) => read(stream, iterator, second * 1000));
    expect(calls).toEqual(['10', ...Array.from({ length: 4 }, () => expect.any(String)), '10']);
    expect(calls.slice(1, 5)).toEqual(
      Array.from({ length: 4 }, () => 'ProvisionedThroughputExceededException'),
    );
  });

  test('10,000 records in one call', () => {
    const stream = new KinesisStream({ shards: 1 });
    for (let second = 0; second < 12; second += 1) put(stream, 1000, 1, second * 1000);
    const iterator = stream.getShardIterator(SHARD, HORIZON, 20_000);
    expect(read(stream, iterator, 20_000)).toBe(String(SHARD_LIMITS.readRecordsPerCall));
  });

  test('2 MB/s to each fan-out consumer, whatever the others do', () => {
    const stream = new KinesisStream({ shards: 1 });
    for (let second = 0; second < 4; second += 1) put(stream, 1, MEBIBYTE, second * 1000);
    const iterator = stream.getShardIterator(SHARD, HORIZON, 9000);
    for (const consumer of ['one', 'two']) {
      stream.registerConsumer(consumer);
      expect(valuesOf(stream.subscribeToShard(consumer, iterator, 9000))).toHaveLength(4);
      expect(valuesOf(stream.subscribeToShard(consumer, iterator, 9001))).toHaveLength(0);
    }
    expect(read(stream, iterator, 9000)).toBe('4');
  });

  test('to at most 20 fan-out consumers', () => {
    const stream = new KinesisStream({ shards: 1 });
    for (let at = 0; at < 20; at += 1) stream.registerConsumer(`c${at}`);
    expect(() => stream.registerConsumer('c20')).toThrow(/at most 20 fan-out consumers/);
  });
});

test('[P] 12: 5 MB/s and 7,000 records/s need 7 shards; three that poll need 8', () => {
  const load = { megabytesPerSecond: 5, recordsPerSecond: 7000 };
  expect(shardsNeeded({ ...load, pollingReaders: 0 })).toBe(7);
  expect(shardsNeeded({ ...load, pollingReaders: 2 })).toBe(7);
  expect(shardsNeeded({ ...load, pollingReaders: 3 })).toBe(8);
});

describe('resharding', () => {
  test('a split closes the parent, which can still be read, and then names its children', () => {
    const stream = new KinesisStream({ shards: 1 });
    put(stream, 2, 1, 0);
    const children = stream.splitShard(SHARD, 1000);
    expect(children).toEqual(['shardId-000000000001', 'shardId-000000000002']);
    put(stream, 1, 1, 1000);
    const iterator = stream.getShardIterator(SHARD, HORIZON, 2000);
    const result = stream.getRecords(iterator, 2000);
    expect(valuesOf(result)).toEqual([0, 1]);
    expect(result).toMatchObject({ childIds: children });
    expect(result).not.toHaveProperty('next');
  });

  test('a merge gives the child two parents', () => {
    const stream = new KinesisStream({ shards: 2 });
    const child = stream.mergeShards('shardId-000000000001', SHARD, 0);
    expect(stream.openShards).toMatchObject([
      { shardId: child, parentIds: ['shardId-000000000001', SHARD] },
    ]);
  });

  test('a closed shard is not reshaped again, and strangers do not exist', () => {
    const stream = new KinesisStream({ shards: 1 });
    stream.splitShard(SHARD, 0);
    expect(() => stream.splitShard(SHARD, 1)).toThrow(/only an open shard/);
    expect(() => stream.splitShard('shardId-9', 1)).toThrow(/a shard must exist: got shardId-9/);
  });

  test('whatever is done, open shards cover all keys, and each key keeps its order', () => {
    forEachSeed(80, (seed) => {
      const random = new Random(seed);
      const stream = new KinesisStream({ shards: random.between(1, 4) });
      for (let step = 0; step < 40; step += 1) {
        const nowMs = step * 10;
        const open = [...stream.openShards].sort((a, b) =>
          a.range.start < b.range.start ? -1 : 1,
        );
        const at = random.below(open.length);
        const shard = open[at];
        const next = open[at + 1];
        if (shard === undefined) continue;
        const roll = random.below(10);
        if (roll === 0) stream.splitShard(shard.shardId, nowMs);
        if (roll === 1 && next !== undefined) {
          stream.mergeShards(next.shardId, shard.shardId, nowMs);
        }
        stream.putRecord({ partitionKey: random.pick(['a', 'b', 'c']), value: step }, nowMs);
        expect(coversAll(stream.openShards.map(({ range }) => range))).toBe(true);
      }
      // Parents before children: reading in this order gives each key in order.
      const done = new Set<string>();
      const last = new Map<string, number>();
      for (let round = 0; done.size < stream.shards.length; round += 1) {
        for (const { shardId, parentIds, records } of stream.shards) {
          if (done.has(shardId) || !parentIds.every((parent) => done.has(parent))) continue;
          done.add(shardId);
          for (const { partitionKey, value } of records) {
            expect(value as number).toBeGreaterThan(last.get(partitionKey) ?? -1);
            last.set(partitionKey, value as number);
          }
        }
        expect(round).toBeLessThan(100);
      }
    });
  });
});

describe('an iterator', () => {
  const stream = new KinesisStream({ shards: 1 });
  for (const nowMs of [0, 1000, 2000]) put(stream, 1, 1, nowMs);
  const indexAt = (position: IteratorPosition, nowMs = 1500): number =>
    stream.getShardIterator(SHARD, position, nowMs).index;

  test.each<[IteratorPosition, number]>([
    [HORIZON, 0],
    [{ type: 'LATEST' }, 2],
    [{ type: 'AT_SEQUENCE_NUMBER', sequenceNumber: 2 }, 1],
    [{ type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: 2 }, 2],
    [{ type: 'AT_TIMESTAMP', timestampMs: 1 }, 1],
  ])('%o begins at record %i', (position, index) => {
    expect(indexAt(position)).toBe(index);
  });

  test('expires after 5 minutes', () => {
    const iterator = stream.getShardIterator(SHARD, HORIZON, 0);
    expect(read(stream, iterator, 300_000)).toBe('3');
    expect(read(stream, iterator, 300_001)).toBe('ExpiredIteratorException');
  });
});

describe('retention', () => {
  test('[P] 13: restored from 30 h ago, with 24 h kept: no error, 6 h are missing', () => {
    const stream = new KinesisStream({ shards: 1 });
    for (let hour = 0; hour < 30; hour += 1) put(stream, 1, 1, hour * HOUR_MS);
    const nowMs = 30 * HOUR_MS;
    const position = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: 0 } as const;
    const iterator = stream.getShardIterator(SHARD, position, nowMs);
    expect(valuesOf(stream.getRecords(iterator, nowMs))).toHaveLength(24);
    expect(stream.facts).toContainEqual({
      type: 'position-expired',
      atMs: nowMs,
      shardId: SHARD,
      missed: 6,
    });
  });

  test('TRIM_HORIZON asks for no more than there is', () => {
    const stream = new KinesisStream({ shards: 1 });
    put(stream, 1, 1, 0);
    stream.getShardIterator(SHARD, HORIZON, 25 * HOUR_MS);
    expect(stream.facts).toEqual([]);
  });

  test.each([23, 8761])('cannot be %i hours', (retentionHours) => {
    expect(() => new KinesisStream({ shards: 1, retentionHours })).toThrow(ConfigError);
  });
});

test('an explicit hash key goes to the shard that holds it', () => {
  const stream = new KinesisStream({ shards: 2 });
  const result = stream.putRecord(
    { partitionKey: 'k', value: 1, explicitHashKey: HASH_KEY_LIMIT - 1n },
    0,
  );
  expect(result).toMatchObject({ shardId: 'shardId-000000000001' });
  expect(() => stream.putRecords([], 0)).toThrow(/1 to 500 records/);
});
