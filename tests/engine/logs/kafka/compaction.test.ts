import { describe, expect, test } from 'vitest';
import { PartitionLog, Random, compactLog, fetchRecords } from '#engine';
import { forEachSeed } from '../../stream-notation.ts';
import { logOf, mark, produce, read, show } from './log-notation.ts';

const DAY_MS = 86_400_000;
const NOW_MS = 10 * DAY_MS;
const SETTINGS = { deleteRetentionMs: DAY_MS };

describe('compaction', () => {
  test('keeps the newest of each key at its offset, and not the active segment', () => {
    const log = logOf('a=1 b=1 a=2 | c=1 a=3 | a=4');
    const { cleanedTo } = compactLog(log, SETTINGS, NOW_MS);
    expect(show(log)).toBe('1:b=1 | 3:c=1 4:a=3 | 5:a=4');
    expect(cleanedTo).toBe(5);
    expect(read(log, 'read_uncommitted')).toBe('1:b=1 3:c=1 4:a=3 5:a=4 → 6');
  });

  test('does not move the start of the log', () => {
    const log = logOf('a=1 a=2 | a=3');
    compactLog(log, SETTINGS, NOW_MS);
    expect(log.startOffset).toBe(0);
  });

  test('drops records without a key', () => {
    const log = logOf('=1 a=1 | b=1');
    const { facts } = compactLog(log, SETTINGS, NOW_MS);
    expect(show(log)).toBe('1:a=1 | 2:b=1');
    expect(facts.map((fact) => fact.reason)).toEqual(['no-key']);
  });

  test('a tombstone is kept for delete.retention.ms from the first pass that meets it', () => {
    const log = logOf('a=1 a= b=1 | b=2 c=1 | c=2');
    compactLog(log, SETTINGS, NOW_MS);
    expect(show(log)).toBe('1:a= | 3:b=2 4:c=1 | 5:c=2');
    compactLog(log, SETTINGS, NOW_MS + DAY_MS - 1);
    expect(show(log)).toContain('1:a=');
    compactLog(log, SETTINGS, NOW_MS + DAY_MS);
    expect(show(log)).toBe('3:b=2 4:c=1 | 5:c=2');
  });

  test('a value that comes back after its tombstone stays', () => {
    const log = logOf('a=1 a= a=2 | b=1');
    compactLog(log, SETTINGS, NOW_MS);
    expect(show(log)).toBe('2:a=2 | 3:b=1');
  });

  test('leaves what is younger than min.compaction.lag.ms', () => {
    const log = logOf('a=1 a=2 | a=3 a=4 | b=1');
    compactLog(log, { ...SETTINGS, minCompactionLagMs: DAY_MS }, 2 * DAY_MS);
    expect(show(log)).toBe('1:a=2 | 2:a=3 3:a=4 | 4:b=1');
  });

  test('a second pass finds newer values of what was clean before', () => {
    const log = logOf('a=1 b=1 | c=1');
    compactLog(log, SETTINGS, NOW_MS);
    for (const [key, day] of [
      ['a', 5],
      ['d', 7],
    ] as const) {
      log.append({ records: [{ key, value: 9, timestampMs: day * DAY_MS }] }, 0);
    }
    log.advanceHighWatermark(log.endOffset);
    compactLog(log, SETTINGS, NOW_MS);
    expect(show(log)).toBe('1:b=1 | 2:c=1 | 3:a=9 | 4:d=9');
  });
});

describe('of transactions', () => {
  /** Closes the segment, so that all before can be compacted. */
  const close = (log: PartitionLog): void => {
    log.append({ records: [{ key: 'z', value: 0, timestampMs: DAY_MS }] }, 0);
    log.advanceHighWatermark(log.endOffset);
  };
  const newLog = (): PartitionLog =>
    new PartitionLog({ segmentBytes: 1_000_000, segmentMs: 3_600_000 });

  test('aborted records go and never win over a committed value', () => {
    const log = newLog();
    produce(log, '1@0#0t a=1');
    mark(log, '1@1 commit');
    produce(log, '1@1#0t a=2');
    mark(log, '1@2 abort');
    close(log);
    const { facts } = compactLog(log, SETTINGS, NOW_MS);
    expect(read(log, 'read_committed')).toBe('0:a=1 4:z=0 → 5');
    expect(facts).toEqual([
      { type: 'record-compacted', atMs: NOW_MS, offset: 2, key: 'a', reason: 'aborted' },
    ]);
  });

  test('an open transaction holds the cleaner back', () => {
    const log = newLog();
    produce(log, '2@0#0 a=1');
    produce(log, '1@0#0t a=2');
    produce(log, '2@0#1 a=3');
    close(log);
    expect(compactLog(log, SETTINGS, NOW_MS).cleanedTo).toBe(1);
    expect(show(log)).toBe('0:a=1 1:a=2 2:a=3 | 3:z=0');
  });

  test('a marker goes when its records are gone and its time has passed', () => {
    const log = newLog();
    produce(log, '1@0#0t a=1');
    mark(log, '1@1 commit');
    produce(log, '2@0#0 a=2');
    produce(log, '2@0#1 b=1');
    close(log);
    // The first pass meets the transaction's record, so the marker is still needed.
    compactLog(log, SETTINGS, NOW_MS);
    expect(show(log)).toBe('1:commit 2:a=2 3:b=1 | 4:z=0');
    compactLog(log, SETTINGS, NOW_MS + 1);
    compactLog(log, SETTINGS, NOW_MS + 1 + DAY_MS);
    // It is the last that is known of producer 1, so it outlives its time.
    expect(show(log)).toBe('1:commit 2:a=2 3:b=1 | 4:z=0');
  });

  test('the last batch of a producer stays, empty: a resend is still recognised', () => {
    const log = newLog();
    produce(log, '1@0#0 a=1');
    produce(log, '2@0#0 a=2');
    produce(log, '2@0#1 b=1');
    close(log);
    compactLog(log, SETTINGS, NOW_MS);
    expect(show(log)).toBe('0:- 1:a=2 2:b=1 | 3:z=0');
  });
});

test('whatever was written, a reader of the compacted log ends with the same newest values', () => {
  forEachSeed(200, (seed) => {
    const random = new Random(seed);
    const log = new PartitionLog({ segmentBytes: random.between(6, 30) });
    const newest = new Map<string, unknown>();
    let nowMs = 0;
    for (let step = 0; step < 60; step += 1) {
      nowMs += 10;
      const key = random.pick(['a', 'b', 'c', 'd']);
      const value = random.chance(0.2) ? null : step;
      log.append({ records: [{ key, value, timestampMs: nowMs }] }, nowMs);
      log.advanceHighWatermark(log.endOffset);
      newest.set(key, value);
      if (random.chance(0.1)) compactLog(log, { deleteRetentionMs: random.below(100) }, nowMs);
    }
    const result = fetchRecords(log, { offset: 0, isolation: 'read_uncommitted' });
    if (result.type !== 'records') throw new Error('out of range');
    const seen = new Map<string, unknown>();
    let previous = -1;
    for (const { key, value, offset } of result.records) {
      expect(offset).toBeGreaterThan(previous);
      previous = offset;
      seen.set(key as string, value);
    }
    for (const [key, value] of newest) {
      // A deleted key may be gone altogether; every other has its newest value.
      if (value === null) expect(seen.get(key) ?? null).toBeNull();
      else expect(seen.get(key)).toBe(value);
    }
    expect(result.nextOffset).toBe(60);
  });
});

test('a negative time is refused', () => {
  expect(() => compactLog(logOf('a=1'), { deleteRetentionMs: -1 }, 0)).toThrow(/at least 0/);
});
