import { describe, expect, test } from 'vitest';
import { Random, StickyPartitioner, batchRecords, kafkaPartition } from '#engine';
import type { BatchReady, BatchSettings, RecordToSend } from '#engine';
import { drawPartition } from '../../../../engine/logs/kafka/sticky-partitioner.ts';
import { forEachSeed } from '../../stream-notation.ts';

const settings = (more: Partial<BatchSettings> = {}): BatchSettings => ({
  partitionCount: 3,
  batchBytes: 4,
  lingerMs: 5,
  random: new Random(1),
  ...more,
});

/** Values of one byte, one a millisecond, without a key unless one is given. */
const send = (count: number, more: Partial<RecordToSend> = {}): RecordToSend[] =>
  Array.from({ length: count }, (_, value) => ({
    key: null,
    value: value % 10,
    timestampMs: 0,
    sendMs: value,
    ...more,
  }));

/** `5 p2 0123 linger`. */
const show = (batches: readonly BatchReady[]): string[] =>
  batches.map(({ atMs, partition, records, reason }) => {
    return `${atMs} p${partition} ${records.map((record) => record.value).join('')} ${reason}`;
  });

test('a batch leaves when it is full, or has lingered since its first record', () => {
  const batches = batchRecords(send(6, { partition: 0 }), settings());
  expect(show(batches)).toEqual(['3 p0 0123 full', '9 p0 45 linger']);
});

test('linger 0 sends what there is; a record larger than a batch goes alone', () => {
  const one = batchRecords(send(2, { partition: 0 }), settings({ lingerMs: 0 }));
  expect(show(one)).toEqual(['0 p0 0 linger', '1 p0 1 linger']);
  const large = batchRecords([{ ...send(1)[0], value: 'large' } as RecordToSend], settings());
  expect(large[0]?.reason).toBe('full');
});

test('without a key, a batch is filled before another partition is drawn', () => {
  const partitions = batchRecords(send(400), settings()).map((batch) => batch.partition);
  expect(batchRecords(send(400), settings()).every((batch) => batch.records.length === 4)).toBe(
    true,
  );
  expect(new Set(partitions)).toEqual(new Set([0, 1, 2]));
});

test('with a key, the hash decides, and the batch only says when', () => {
  const keys = ['ORD', 'LAX', 'JFK', 'SFO'];
  const records = keys.map((key, sendMs) => ({ ...(send(1)[0] as RecordToSend), key, sendMs }));
  for (const { partition, records: stored } of batchRecords(
    records,
    settings({ batchBytes: 99 }),
  )) {
    for (const { key } of stored) expect(partition).toBe(kafkaPartition(key as string, 3));
  }
});

describe('the sticky partitioner', () => {
  test('waits for the batch to be complete, but not beyond twice its size', () => {
    const sticky = new StickyPartitioner({
      partitionCount: 1000,
      stickyBatchBytes: 10,
      random: new Random(3),
    });
    const first = sticky.currentPartition();
    sticky.onAppended(9, true);
    expect(sticky.currentPartition()).toBe(first);
    sticky.onAppended(9, false);
    expect(sticky.currentPartition()).toBe(first);
    sticky.onAppended(0, true);
    const second = sticky.currentPartition();
    expect(second).not.toBe(first);
    sticky.onAppended(20, false);
    expect(sticky.currentPartition()).not.toBe(second);
  });

  test('leaves a partition whose batch lingered out, once it was given enough', () => {
    // 3 bytes each: the second does not fit, so it is half a batch when the size is reached.
    const records = [0, 1, 100].map((sendMs) => ({ ...send(1)[0]!, value: 100 + sendMs, sendMs }));
    const batches = batchRecords(records, settings({ partitionCount: 1000 }));
    const [first, second, third] = batches.map((batch) => batch.partition);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  // The sums of weights that BuiltInPartitioner.loadStatsRangeEnd of kafka-clients 4.1.0 printed.
  test.each([
    [[0, 3, 1], 8],
    [[1, 2, 0], 6],
    [[4, 0, 0], 11],
    [[2, 2, 5], 9],
    [[0, 0, 7], 17],
  ])('draws %o by weights that sum to %i', (queueSizes, sum) => {
    const longest = Math.max(...queueSizes);
    const drawn = Array.from({ length: sum }, (_, random) =>
      drawPartition({ available: [0, 1, 2], queueSizes }, 3, random),
    );
    const counts = [0, 1, 2].map((partition) => drawn.filter((p) => p === partition).length);
    expect(counts).toEqual(queueSizes.map((size) => longest + 1 - size));
  });

  test('avoids partitions without a leader, unless none has one', () => {
    expect(drawPartition({ available: [2] }, 3, 7)).toBe(2);
    expect(drawPartition({ available: [] }, 3, 7)).toBe(1);
  });

  test('looks at no weights when all queues are equal', () => {
    const load = { available: [0, 1, 2], queueSizes: [4, 4, 4] };
    expect([0, 1, 2, 3].map((random) => drawPartition(load, 3, random))).toEqual([0, 1, 2, 0]);
  });
});

test('nothing is lost, and what was sent to a partition keeps its order', () => {
  forEachSeed(100, (seed) => {
    const random = new Random(seed);
    let sendMs = 0;
    const records = Array.from({ length: 50 }, (_, value) => {
      sendMs += random.below(4);
      return {
        key: random.chance(0.5) ? random.pick(['a', 'b']) : null,
        value,
        timestampMs: 0,
        sendMs,
      };
    });
    const batches = batchRecords(records, settings({ batchBytes: random.between(1, 20), random }));
    expect(batches.flatMap((batch) => batch.records)).toHaveLength(50);
    for (const partition of [0, 1, 2]) {
      const values = batches
        .filter((batch) => batch.partition === partition)
        .flatMap((batch) => batch.records.map((record) => record.value as number));
      expect(values).toEqual([...values].sort((a, b) => a - b));
    }
    const times = batches.map((batch) => batch.atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});

describe('is refused:', () => {
  test('a negative linger', () => {
    expect(() => batchRecords([], settings({ lingerMs: -1 }))).toThrow(/lingerMs/);
  });
  test('records out of order', () => {
    expect(() => batchRecords([...send(2)].reverse(), settings())).toThrow(/ordered by sendMs/);
  });
  test('a partition that does not exist', () => {
    expect(() => batchRecords(send(1, { partition: 3 }), settings())).toThrow(/below 3: got 3/);
  });
  test('no partition at all', () => {
    expect(() => batchRecords([], settings({ partitionCount: 0 }))).toThrow(/partitionCount/);
  });
});
