import { expect, test } from 'vitest';
import { NO_TIMESTAMP, Random } from '#engine';
import { KeyTable } from '../../../engine/core/key-table.ts';
import { orderByKeyAndTime, orderByTime } from '../../../engine/batch/record-order.ts';
import { forEachSeed } from '../stream-notation.ts';

/** What a stable comparing sort gives. */
function naive(times: readonly number[]): number[] {
  return times.map((_, place) => place).sort((left, right) => times[left]! - times[right]!);
}

/** Times that lie close together or far apart, nearly in order or not at all. */
function drawTimes(random: Random): number[] {
  const count = random.pick([0, 1, 2, 10, 100, 1000]);
  const span = random.pick([1, 2, 50, 5000, 10_000_000, 2 ** 31, 2 ** 40]);
  const from = random.pick([0, -1000, 993_168_000_000]);
  const disorder = random.pick([0, 10, span]);
  return Array.from({ length: count }, (_, place) => {
    if (random.chance(0.01)) return NO_TIMESTAMP;
    const base = Math.floor((place * span) / Math.max(count, 1));
    return from + base - Math.floor(random.fraction() * disorder);
  });
}

test('orders by time as a stable sort does, whatever the times', () => {
  forEachSeed(400, (seed) => {
    const times = drawTimes(new Random(seed));
    expect([...orderByTime(Float64Array.from(times), times.length)]).toEqual(naive(times));
  });
});

test('fractions of a ms have their order, too', () => {
  const times = [3.5, 1.25, 3.25, 1.25];
  expect([...orderByTime(Float64Array.from(times), 4)]).toEqual([1, 3, 2, 0]);
});

test('orders by the values of keys first, and leaves each key in the order of time', () => {
  forEachSeed(100, (seed) => {
    const random = new Random(seed);
    const table = new KeyTable();
    const isText = random.chance(0.5);
    const times = drawTimes(random);
    const values = times.map(() => random.between(-5, 20)).map((n) => (isText ? `k${n}` : n));
    const keys = Int32Array.from(values, (value) => table.intern(value));
    const expected = naive(times).sort((left, right) => {
      const [first, second] = [values[left]!, values[right]!];
      return first < second ? -1 : Number(first > second);
    });
    const order = orderByKeyAndTime(keys, Float64Array.from(times), times.length, table);
    expect([...order]).toEqual(expected);
  });
});
