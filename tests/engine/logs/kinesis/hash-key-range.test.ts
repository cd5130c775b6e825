import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ConfigError, HASH_KEY_LIMIT, Random, coversAll, hashKeyOf } from '#engine';
import {
  initialRanges,
  mergeRanges,
  splitRange,
} from '../../../../engine/logs/kinesis/hash-key-range.ts';
import { forEachSeed } from '../../stream-notation.ts';

describe('a hash key', () => {
  test('is the MD5 of the partition key, as an unsigned 128-bit number', () => {
    for (const length of [0, 1, 3, 54, 55, 56, 57, 63, 64, 65, 119, 120, 500]) {
      const key = `${'é'.repeat(length % 2)}${'x'.repeat(length)}`;
      const expected = BigInt(`0x${createHash('md5').update(key).digest('hex')}`);
      expect(hashKeyOf(key)).toBe(expected);
    }
  });

  test('can be given explicitly', () => {
    expect(hashKeyOf('ORD', 7n)).toBe(7n);
    expect(() => hashKeyOf('ORD', HASH_KEY_LIMIT)).toThrow(ConfigError);
    expect(() => hashKeyOf('ORD', -1n)).toThrow(/from 0 to 2\^128 - 1/);
  });
});

test('a new stream is cut evenly, and the last shard takes the rest', () => {
  const [first, second, third] = initialRanges(3);
  const width = HASH_KEY_LIMIT / 3n;
  expect(first).toEqual({ start: 0n, end: width - 1n });
  expect(second).toEqual({ start: width, end: 2n * width - 1n });
  expect(third).toEqual({ start: 2n * width, end: HASH_KEY_LIMIT - 1n });
  expect(() => initialRanges(0)).toThrow(/at least 1/);
});

describe('splitting', () => {
  const range = { start: 10n, end: 19n };

  test('cuts in the middle unless told otherwise', () => {
    expect(splitRange(range)).toEqual([
      { start: 10n, end: 14n },
      { start: 15n, end: 19n },
    ]);
    expect(splitRange(range, 12n)[0]).toEqual({ start: 10n, end: 11n });
  });

  test.each([10n, 11n, 19n, 20n])('refuses %s as the new start', (at) => {
    expect(() => splitRange(range, at)).toThrow(/above start \+ 1 and below the end/);
  });
});

test('merging needs ranges that touch, in either order', () => {
  const low = { start: 0n, end: 4n };
  const high = { start: 5n, end: 9n };
  expect(mergeRanges(low, high)).toEqual(mergeRanges(high, low));
  expect(mergeRanges(low, high)).toEqual({ start: 0n, end: 9n });
  expect(() => mergeRanges(low, { start: 6n, end: 9n })).toThrow(/must be adjacent/);
});

test('however shards are split and merged, they cover every hash key once', () => {
  forEachSeed(100, (seed) => {
    const random = new Random(seed);
    let ranges = initialRanges(random.between(1, 5));
    for (let step = 0; step < 30; step += 1) {
      ranges.sort((a, b) => (a.start < b.start ? -1 : 1));
      const at = random.below(ranges.length);
      const range = ranges[at];
      const next = ranges[at + 1];
      if (range === undefined) continue;
      if (random.chance(0.5) && range.end - range.start > 4n) {
        ranges = [...ranges.filter((other) => other !== range), ...splitRange(range)];
      } else if (next !== undefined) {
        const rest = ranges.filter((other) => other !== range && other !== next);
        ranges = [...rest, mergeRanges(range, next)];
      }
      expect(coversAll(ranges)).toBe(true);
    }
  });
  expect(coversAll([{ start: 0n, end: 5n }])).toBe(false);
});
