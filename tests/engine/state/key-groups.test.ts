import { expect, test } from 'vitest';
import {
  defaultMaxParallelism,
  javaHashCode,
  keyGroupOf,
  murmurHash,
  subtaskOfKeyGroup,
} from '#engine';
import type { Key } from '#engine';

test('hashes strings, numbers, booleans and tuples as Java does', () => {
  expect(javaHashCode('ATL')).toBe(65 * 31 * 31 + 84 * 31 + 76);
  expect(javaHashCode('polygenelubricants')).toBe(-2_147_483_648);
  expect(javaHashCode(-7)).toBe(-7);
  expect(javaHashCode(2 ** 32)).toBe(1);
  expect(javaHashCode(-(2 ** 32))).toBe(-1 ^ 0);
  expect(javaHashCode(1.5)).toBe(1_073_217_536);
  expect(javaHashCode(true)).toBe(1231);
  expect(javaHashCode(['a', 1])).toBe((31 * (31 + 97) + 1) | 0);
});

test('assigns keys as Flink 2.3.0 does', () => {
  // Printed by KeyGroupRangeAssignment of flink-runtime 2.3.0, max parallelism 128, parallelism 3.
  const printed: readonly (readonly [Key, number, number])[] = [
    ['ATL', 39, 0],
    ['ORD', 109, 2],
    ['DFW', 97, 2],
    ['', 94, 2],
    ['polygenelubricants', 108, 2],
    ['k', 21, 0],
    [0, 94, 2],
    [1, 86, 2],
    [-1, 80, 1],
    [42, 29, 0],
    [2_147_483_647, 62, 1],
    [-2_147_483_648, 108, 2],
    [4_294_967_296, 86, 2],
    [-4_294_967_297, 86, 2],
    [9_007_199_254_740_991, 73, 1],
    [1.5, 65, 1],
    [-0.25, 74, 1],
    [true, 77, 1],
    [false, 3, 0],
  ];
  for (const [key, keyGroup, subtask] of printed) {
    expect([key, keyGroupOf(key, 128)]).toEqual([key, keyGroup]);
    expect([key, subtaskOfKeyGroup(keyGroup, 128, 3)]).toEqual([key, subtask]);
  }
});

test('murmur never gives a negative number', () => {
  for (let code = -50_000; code < 50_000; code += 97) {
    expect(murmurHash(code)).toBeGreaterThanOrEqual(0);
  }
});

test('key group 100 of 128 belongs to subtask 3 of 4, 4 of 6, 6 of 8', () => {
  expect([4, 6, 8].map((parallelism) => subtaskOfKeyGroup(100, 128, parallelism))).toEqual([
    3, 4, 6,
  ]);
});

test('the default max parallelism is 128 for 85, 256 for 86, 512 for 200', () => {
  expect([1, 85, 86, 200, 30_000].map(defaultMaxParallelism)).toEqual([128, 128, 256, 512, 32_768]);
});

test('every key has a subtask', () => {
  for (let key = 0; key < 2000; key += 1) {
    const subtask = subtaskOfKeyGroup(keyGroupOf(`key-${key}`, 128), 128, 3);
    expect(subtask).toBeGreaterThanOrEqual(0);
    expect(subtask).toBeLessThan(3);
  }
});
