import { describe, expect, test } from 'vitest';
import { Random } from '../../../engine/core/random.ts';
import { TimerQueue } from '../../../engine/state/timers.ts';
import { forEachSeed } from '../stream-notation.ts';
import { testContext } from './state-notation.ts';
import type { TestContext } from './state-notation.ts';

/**
 * Timers in one line: `a@5` sets one for key a at 5 ms, `a@5-` deletes it, `>7` fires what is due
 * at 7. Returns what fired.
 */
function timers(text: string): string[] {
  const context = testContext();
  const queue = new TimerQueue(context, 0);
  return text.split(' ').flatMap((word) => {
    if (word.startsWith('>')) return fireAll(queue, context, Number(word.slice(1)));
    const [key = '', time = ''] = word.split('@');
    context.currentKey = context.keys.intern(key);
    if (time.endsWith('-')) queue.delete(Number(time.slice(0, -1)));
    else queue.register(Number(time));
    return [];
  });
}

function fireAll(queue: TimerQueue, context: TestContext, untilMs: number): string[] {
  const fired: string[] = [];
  for (;;) {
    const timeMs = queue.fireNext(untilMs, -1);
    if (timeMs === undefined) return fired;
    fired.push(`${String(context.keys.valueOf(context.currentKey))}@${timeMs}`);
  }
}

describe('timers', () => {
  test('one timer for one key and time, however often it is registered', () => {
    expect(timers('a@5 a@5 a@5 >9')).toEqual(['a@5']);
    expect(timers('a@5 b@5 c@5 >9')).toEqual(['a@5', 'b@5', 'c@5']);
  });

  test('fire in the order of time, then of registration, when time has reached them', () => {
    expect(timers('b@7 a@5 c@5 d@9 >7')).toEqual(['a@5', 'c@5', 'b@7']);
    expect(timers('a@5 >4')).toEqual([]);
  });

  test('a deleted timer does not fire, and can be set again behind the others', () => {
    expect(timers('a@5 b@5 a@5- >9')).toEqual(['b@5']);
    expect(timers('a@5 b@5 a@5- a@5 >9')).toEqual(['b@5', 'a@5']);
    expect(timers('a@5 a@6- b@5- >9')).toEqual(['a@5']);
  });

  test('times behind zero are times', () => {
    expect(timers('a@-5 b@0 c@-9007199254740991 >0')).toEqual([
      'c@-9007199254740991',
      'a@-5',
      'b@0',
    ]);
  });

  test('agree with a sorted list whatever is registered, deleted, fired and restored', () => {
    forEachSeed(60, (seed) => compareWithList(new Random(seed)));
  });

  test('do not pile up when a key moves its timer with every record', () => {
    const context = testContext(undefined, false);
    const queue = new TimerQueue(context, 0);
    context.currentKey = context.keys.intern('a');
    for (let step = 0; step < 100_000; step += 1) {
      if (step > 0) queue.delete(1_000_000 + step - 1);
      queue.register(1_000_000 + step);
    }
    expect(queue.size).toBe(1);
    expect(queue.heldCount).toBeLessThan(100);
    expect(queue.snapshot().entries.length).toBe(1);
    expect(queue.peekTimeMs()).toBe(1_099_999);
  });
});

interface Timer {
  readonly key: number;
  readonly timeMs: number;
}

function compareWithList(random: Random): void {
  let context = testContext(undefined, random.chance(0.5));
  let queue = new TimerQueue(context, 0);
  let model: Timer[] = [];
  for (let step = 0; step < 500; step += 1) {
    const key = random.below(12);
    const timeMs = random.between(-20, 40);
    context.currentKey = key;
    const known = model.some((timer) => timer.key === key && timer.timeMs === timeMs);
    const choice = random.fraction();
    if (choice < 0.6) {
      expect(queue.register(timeMs)).toBe(!known);
      if (!known) model.push({ key, timeMs });
    } else if (choice < 0.9) {
      queue.delete(timeMs);
      model = model.filter((timer) => timer.key !== key || timer.timeMs !== timeMs);
    } else if (choice < 0.97) {
      const due = model.filter((timer) => timer.timeMs <= timeMs);
      due.sort((left, right) => left.timeMs - right.timeMs);
      for (const timer of due) {
        expect(queue.fireNext(timeMs, -1)).toBe(timer.timeMs);
        expect(context.currentKey).toBe(timer.key);
      }
      expect(queue.fireNext(timeMs, -1)).toBe(undefined);
      model = model.filter((timer) => timer.timeMs > timeMs);
    } else {
      const snapshot = queue.snapshot();
      expect(snapshot.entries.map(([at, of]) => ({ key: of, timeMs: at }))).toEqual(model);
      context = testContext(undefined, context.recorder.isOn);
      queue = new TimerQueue(context, 0);
      queue.restore(snapshot);
    }
    expect(queue.size).toBe(model.length);
    const earliest = Math.min(Infinity, ...model.map((timer) => timer.timeMs));
    expect(queue.peekTimeMs()).toBe(earliest);
  }
}
