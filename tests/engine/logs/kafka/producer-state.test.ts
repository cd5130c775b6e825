import { describe, expect, test } from 'vitest';
import { PartitionLog, Random } from '#engine';
import { addToSequence } from '../../../../engine/logs/kafka/producer-state.ts';
import { forEachSeed } from '../../stream-notation.ts';
import { mark, produce, records, show } from './log-notation.ts';

const newLog = (): PartitionLog => new PartitionLog({ segmentBytes: 1_000_000 });

/** Sends batches one after another and says what the broker answered. */
function answers(...batches: string[]): string[] {
  const log = newLog();
  return batches.map((batch) => (batch.includes('#') ? produce(log, batch) : mark(log, batch)));
}

describe('a broker', () => {
  test('answers a resend with the offsets of the first time', () => {
    expect(answers('1@0#0 a=1 a=2', '1@0#2 a=3', '1@0#0 a=1 a=2')).toEqual([
      'appended 0-1',
      'appended 2-2',
      'duplicate 0-1',
    ]);
  });

  test('knows the last five batches of a producer, and no more', () => {
    const sent = Array.from({ length: 6 }, (_, at) => `1@0#${at} a=${at}`);
    expect(answers(...sent, '1@0#1 a=1').at(-1)).toBe('duplicate 1-1');
    expect(answers(...sent, '1@0#0 a=0').at(-1)).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
  });

  test('refuses a gap', () => {
    expect(answers('1@0#0 a=1', '1@0#2 a=3')).toEqual([
      'appended 0-0',
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
    ]);
  });

  test('does not take a part of a batch for a resend of it', () => {
    expect(answers('1@0#0 a=1 a=2', '1@0#0 a=1').at(-1)).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
  });

  test('lets a producer that it does not know begin anywhere', () => {
    expect(answers('1@0#7 a=1')).toEqual(['appended 0-0']);
  });

  test('fences an older epoch, and a newer one begins at 0', () => {
    expect(answers('1@0#0 a=1', '1@1#1 a=2', '1@1#0 a=2', '1@0#1 a=3')).toEqual([
      'appended 0-0',
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      'appended 1-1',
      'INVALID_PRODUCER_EPOCH',
    ]);
  });

  test('keeps producers apart', () => {
    expect(answers('1@0#0 a=1', '2@0#0 a=2', '1@0#1 a=3')).toEqual([
      'appended 0-0',
      'appended 1-1',
      'appended 2-2',
    ]);
  });

  test('does not distinguish a new session from new data', () => {
    // [M] question 10: what a restarted producer sends again is stored again.
    expect(answers('1@0#0 a=1', '2@0#0 a=1').at(-1)).toBe('appended 1-1');
  });

  test('refuses data outside a transaction while one is open', () => {
    expect(answers('1@0#0t a=1', '1@0#1 a=2', '1@1 commit', '1@1#0 a=2')).toEqual([
      'appended 0-0',
      'INVALID_TXN_STATE',
      'appended',
      'appended 2-2',
    ]);
  });

  test('refuses a marker of an older epoch', () => {
    expect(answers('1@3#0t a=1', '1@2 commit').at(-1)).toBe('INVALID_PRODUCER_EPOCH');
  });
});

test('sequence numbers begin again at 0 after the largest int', () => {
  expect(addToSequence(2 ** 31 - 1, 1)).toBe(0);
  expect(addToSequence(2 ** 31 - 2, 3)).toBe(1);
  expect(answers(`1@0#${2 ** 31 - 1} a=1`, '1@0#0 a=2')).toEqual(['appended 0-0', 'appended 1-1']);
});

test('an idle producer is forgotten, one in a transaction is not', () => {
  const log = newLog();
  produce(log, '1@0#0 a=1');
  produce(log, '2@0#0t a=1');
  expect(log.producers.expire(1000, 1000)).toEqual([1]);
  expect(produce(log, '1@0#9 a=2')).toBe('appended 2-2');
});

test('whatever is lost or repeated on the way, a session is stored once and in order', () => {
  forEachSeed(200, (seed) => {
    const random = new Random(seed);
    const log = newLog();
    const batches = Array.from({ length: 12 }, (_, at) => `1@0#${at} k=${at}`);
    let acknowledged = 0;
    for (let step = 0; acknowledged < batches.length && step < 2000; step += 1) {
      // Any of the five in flight may arrive, again or for the first time; but the first of all
      // comes alone: a broker lets a producer that it does not know begin anywhere.
      const ahead = acknowledged === 0 ? 0 : random.below(5);
      const at = Math.min(acknowledged + ahead, batches.length - 1);
      const isStored = !/^[A-Z]/.test(produce(log, batches[at] as string));
      const isAnswerLost = random.chance(0.3);
      if (isStored && !isAnswerLost && at === acknowledged) acknowledged += 1;
    }
    const stored = batches.map((_, at) => `${at}:k=${at}`).slice(0, log.endOffset);
    expect(show(log)).toBe(stored.join(' '));
    expect(log.endOffset).toBeGreaterThanOrEqual(acknowledged);
    expect(acknowledged).toBe(batches.length);
  });
});

test('a follower that truncates forgets what it cut off', () => {
  const log = newLog();
  produce(log, '1@0#0 a=1');
  produce(log, '1@0#1 a=2');
  log.truncateTo(1);
  expect(log.endOffset).toBe(1);
  expect(produce(log, '1@0#1 a=2')).toBe('appended 1-1');
});

test('an empty batch is refused', () => {
  expect(() => newLog().append({ records: [] }, 0)).toThrow(/must hold a record/);
  expect(() => new PartitionLog({ segmentBytes: 0 })).toThrow(/segmentBytes must be positive/);
  expect(records('a=1')).toHaveLength(1);
});
