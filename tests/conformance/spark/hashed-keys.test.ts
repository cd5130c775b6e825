import { expect, test } from 'vitest';
import { hashValue, partitionOf } from '../../../engine/spark/hash-partitioning.ts';
import { readHashedKeys } from './hashed-keys.ts';

const sets = readHashedKeys();

test.each(sets.map((set) => [set.types.join(', '), set] as const))(
  'hashes %s as Spark does',
  (_, { types, keys, hashes }) => {
    const own = keys.map((key) =>
      key.reduce<number>((seed, value, at) => hashValue(value, types[at], seed), 42),
    );
    const wrong = keys.filter((_key, at) => own[at] !== hashes[at]);
    expect(wrong).toEqual([]);
    expect(keys.length).toBe(hashes.length);
  },
);

test('the partition is the remainder, never negative', () => {
  const negative = sets.flatMap(({ types, keys, hashes }) =>
    keys.flatMap((key, at) => (hashes[at]! < 0 ? [{ key, types, hash: hashes[at]! }] : [])),
  );
  expect(negative.length).toBeGreaterThan(100);
  for (const { key, types, hash } of negative) {
    expect(partitionOf(key, types, 7)).toBe(((hash % 7) + 7) % 7);
  }
});
