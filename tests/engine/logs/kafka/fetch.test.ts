import { describe, expect, test } from 'vitest';
import { PartitionLog, Random, fetchRecords, resetOffset } from '#engine';
import type { OffsetReset } from '#engine';
import { forEachSeed } from '../../stream-notation.ts';
import { logOf, mark, produce, read } from './log-notation.ts';

const newLog = (): PartitionLog => new PartitionLog({ segmentBytes: 1_000_000 });

describe('read_committed', () => {
  const log = newLog();
  produce(log, '1@0#0t a=1');
  produce(log, '2@0#0t b=1');
  produce(log, '3@0#0 c=1');
  const beforeEnd = read(log, 'read_committed');
  mark(log, '2@1 abort');
  const afterAbort = read(log, 'read_committed');
  mark(log, '1@1 commit');

  test('waits for the oldest open transaction, even with what is not part of any', () => {
    expect(beforeEnd).toBe('→ 0');
    expect(afterAbort).toBe('→ 0');
  });

  test('then skips the aborted records and the markers, which have offsets too', () => {
    expect(read(log, 'read_committed')).toBe('0:a=1 2:c=1 → 5');
    expect(fetchRecords(log, { offset: 0, isolation: 'read_committed' })).toMatchObject({
      hidden: [
        { offset: 1, reason: 'aborted' },
        { offset: 3, reason: 'marker' },
        { offset: 4, reason: 'marker' },
      ],
    });
  });

  test('is not the default: read_uncommitted shows what was aborted', () => {
    expect(read(log, 'read_uncommitted')).toBe('0:a=1 1:b=1 2:c=1 → 5');
  });

  test('hides what was aborted also when it begins in the middle', () => {
    expect(read(log, 'read_committed', 1)).toBe('2:c=1 → 5');
  });

  test('the same producer can abort and then commit', () => {
    const both = newLog();
    produce(both, '1@0#0t a=1');
    mark(both, '1@1 abort');
    produce(both, '1@1#0t a=2');
    mark(both, '1@2 commit');
    expect(read(both, 'read_committed')).toBe('2:a=2 → 4');
  });
});

test('a decided transaction is stable only when its marker is replicated', () => {
  const log = newLog();
  produce(log, '1@0#0t a=1');
  mark(log, '1@1 commit');
  log.advanceHighWatermark(1);
  expect(log.lastStableOffset).toBe(0);
  log.advanceHighWatermark(2);
  expect(log.lastStableOffset).toBe(2);
});

test('a fetch stops at the number of records asked for', () => {
  const log = logOf('a=1 a=2 a=3');
  const first = fetchRecords(log, { offset: 0, isolation: 'read_uncommitted', maxRecords: 2 });
  expect(first).toMatchObject({ nextOffset: 2 });
});

test('nothing above the high watermark is shown', () => {
  const log = logOf('a=1 a=2 a=3');
  log.advanceHighWatermark(2);
  expect(read(log, 'read_uncommitted')).toBe('0:a=1 1:a=2 → 2');
});

describe('auto.offset.reset', () => {
  const log = logOf('a=1 a=2 a=3 a=4');
  const start = (reset: OffsetReset): number | undefined =>
    resetOffset(log, reset, { isolation: 'read_uncommitted', nowMs: 4000 });

  test.each<[OffsetReset, number | undefined]>([
    ['earliest', 0],
    ['latest', 4],
    ['none', undefined],
    ['by_duration:2000', 2],
    ['by_duration:9000', 0],
    ['by_duration:0', 4],
  ])('%s begins at %s', (reset, offset) => {
    expect(start(reset)).toBe(offset);
  });

  test('refuses what Kafka does not know', () => {
    expect(() => start('newest' as OffsetReset)).toThrow(/auto.offset.reset must be/);
  });

  test('a position outside of the log is out of range', () => {
    expect(read(log, 'read_uncommitted', 5)).toBe('out of [0,4]');
  });
});

test('read_committed shows exactly what was committed, in order, whoever interleaves', () => {
  forEachSeed(200, (seed) => {
    const random = new Random(seed);
    const log = newLog();
    const epochs = [0, 0, 0];
    const sequences = [0, 0, 0];
    const open: string[][] = [[], [], []];
    const committed = new Set<string>();
    const shown: string[] = [];
    let position = 0;
    const poll = (): void => {
      const result = fetchRecords(log, { offset: position, isolation: 'read_committed' });
      if (result.type !== 'records') throw new Error('out of range');
      shown.push(...result.records.map((record) => String(record.value)));
      position = result.nextOffset;
    };
    for (let step = 0; step < 40; step += 1) {
      const at = random.below(3);
      const roll = random.below(4);
      if (roll < 2) {
        produce(log, `${at}@${epochs[at]}#${sequences[at]}t k=${step}`);
        (sequences[at] as number) += 1;
        open[at]?.push(String(step));
      } else if (roll === 2 && (open[at] as string[]).length > 0) {
        (epochs[at] as number) += 1;
        sequences[at] = 0;
        const marker = random.chance(0.5) ? 'commit' : 'abort';
        mark(log, `${at}@${epochs[at]} ${marker}`);
        for (const value of open[at] as string[]) if (marker === 'commit') committed.add(value);
        open[at] = [];
      }
      if (random.chance(0.3)) poll();
      // Nothing that is not yet, or never, committed was shown.
      expect(shown.filter((value) => !committed.has(value))).toEqual([]);
    }
    poll();
    const stable = log.lastStableOffset;
    const all = fetchRecords(log, { offset: 0, isolation: 'read_uncommitted' });
    const expected = all.type === 'records' ? all.records : [];
    expect(shown).toEqual(
      expected
        .filter((record) => record.offset < stable && committed.has(String(record.value)))
        .map((record) => String(record.value)),
    );
  });
});
