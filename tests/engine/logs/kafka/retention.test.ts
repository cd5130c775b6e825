import { describe, expect, test } from 'vitest';
import { PartitionLog, Random, deleteOldSegments, fetchRecords, resetOffset } from '#engine';
import { forEachSeed } from '../../stream-notation.ts';
import { logOf, read, show } from './log-notation.ts';

const DAY_MS = 86_400_000;

describe('retention by time', () => {
  test('deletes whole segments, by their newest record', () => {
    const log = logOf('a=1 a=2 | a=3 a=4 | a=5');
    // Two days and a bit: the first segment's newest record is at 1 s of day 0.
    const facts = deleteOldSegments(log, { retentionMs: DAY_MS }, DAY_MS + 1001);
    expect(facts).toEqual([
      {
        type: 'segment-deleted',
        atMs: DAY_MS + 1001,
        reason: 'retention.ms',
        fromOffset: 0,
        untilOffset: 2,
      },
    ]);
    expect(show(log)).toBe('2:a=3 3:a=4 | 4:a=5');
    expect(log.startOffset).toBe(2);
  });

  test('is strict: what is exactly as old as allowed stays', () => {
    const log = logOf('a=1 | a=2');
    expect(deleteOldSegments(log, { retentionMs: DAY_MS }, DAY_MS)).toEqual([]);
  });

  test('a timestamp in the future keeps its segment and all behind it', () => {
    const log = new PartitionLog({ segmentBytes: 2 });
    for (const timestampMs of [99 * DAY_MS, 0, 0]) {
      log.append({ records: [{ key: 'k', value: 1, timestampMs }] }, 0);
    }
    log.advanceHighWatermark(3);
    expect(deleteOldSegments(log, { retentionMs: DAY_MS }, 10 * DAY_MS)).toEqual([]);
  });

  test('takes even the active segment, and offsets go on from where they were', () => {
    const log = logOf('a=1 a=2');
    deleteOldSegments(log, { retentionMs: 0 }, DAY_MS);
    expect([log.startOffset, log.endOffset, show(log)]).toEqual([2, 2, '']);
    expect(log.append({ records: [{ key: 'a', value: 3, timestampMs: 0 }] }, 0)).toMatchObject({
      baseOffset: 2,
    });
  });

  test('does not touch what is above the high watermark', () => {
    const log = logOf('a=1 | a=2');
    log.advanceHighWatermark(0);
    expect(deleteOldSegments(log, { retentionMs: 0 }, 9 * DAY_MS)).toEqual([]);
  });
});

test('retention by size keeps at least that many bytes', () => {
  // Each record has 2 bytes: key and number.
  const log = logOf('a=1 a=2 | a=3 a=4 | a=5');
  deleteOldSegments(log, { retentionMs: -1, retentionBytes: 6 }, 0);
  expect(show(log)).toBe('2:a=3 3:a=4 | 4:a=5');
  deleteOldSegments(log, { retentionMs: -1, retentionBytes: 5 }, 0);
  expect(show(log)).toBe('2:a=3 3:a=4 | 4:a=5');
});

test('a reader that was away longer than the retention falls off the end, silently', () => {
  const log = logOf('a=1 a=2 | a=3 a=4 | a=5');
  const committed = 1;
  deleteOldSegments(log, { retentionMs: DAY_MS }, DAY_MS + 2000);
  expect(fetchRecords(log, { offset: committed, isolation: 'read_uncommitted' })).toEqual({
    type: 'out-of-range',
    startOffset: 2,
    endOffset: 5,
  });
  const reset = { isolation: 'read_uncommitted', nowMs: 0 } as const;
  // earliest misses offset 1; latest, the default, misses all that is retained as well.
  expect(resetOffset(log, 'earliest', reset)).toBe(2);
  expect(resetOffset(log, 'latest', reset)).toBe(5);
  expect(read(log, 'read_uncommitted', 2)).toBe('2:a=3 3:a=4 4:a=5 → 5');
});

test('no record younger than the retention is ever deleted', () => {
  forEachSeed(100, (seed) => {
    const random = new Random(seed);
    const log = new PartitionLog({ segmentBytes: random.between(4, 20) });
    const times: number[] = [];
    let nowMs = 0;
    for (let step = 0; step < 40; step += 1) {
      nowMs += random.below(100);
      times.push(nowMs);
      log.append({ records: [{ key: 'k', value: step, timestampMs: nowMs }] }, nowMs);
      log.advanceHighWatermark(log.endOffset);
      deleteOldSegments(log, { retentionMs: 500 }, nowMs);
      const young = times.findIndex((time) => nowMs - time <= 500);
      expect(log.startOffset).toBeLessThanOrEqual(young);
    }
  });
});

test('a limit below -1 is refused', () => {
  expect(() => deleteOldSegments(logOf('a=1'), { retentionMs: -2 }, 0)).toThrow(/or -1/);
});
