import { ConfigError } from '../core/errors.ts';
import type { Key } from '../core/key-table.ts';

/**
 * Models Flink 2.x `KeyGroupRangeAssignment` and `MathUtils.murmurHash`, on Java's `hashCode`:
 * which subtask owns a key is a fact a learner can check against a real cluster.
 * Simplified: an array hashes as Java's List (31·h + element); a whole number is an Integer when
 * it fits 32 bits, else a Long; any other number is a Double.
 */
export const MAX_PARALLELISM_MIN = 128;
export const MAX_PARALLELISM_LIMIT = 32_768;

/** Java's `hashCode` of a key, as a signed 32-bit integer. */
export function javaHashCode(key: Key): number {
  switch (typeof key) {
    case 'string':
      return stringHash(key);
    case 'boolean':
      return key ? 1231 : 1237;
    case 'number':
      return numberHash(key);
    default: {
      let hash = 1;
      for (const part of key) hash = (Math.imul(31, hash) + javaHashCode(part)) | 0;
      return hash;
    }
  }
}

function stringHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1) {
    hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0;
  }
  return hash;
}

const doubleBits = new DataView(new ArrayBuffer(8));

function numberHash(value: number): number {
  if ((value | 0) === value) return value | 0;
  if (Number.isSafeInteger(value)) {
    const low = (value % 0x1_0000_0000) | 0;
    const high = Math.floor(value / 0x1_0000_0000) | 0;
    return high ^ low;
  }
  doubleBits.setFloat64(0, value);
  return doubleBits.getInt32(0) ^ doubleBits.getInt32(4);
}

/** Flink's MathUtils.murmurHash of one 32-bit code: a whole number ≥ 0. */
export function murmurHash(code: number): number {
  let hash = Math.imul(code, 0xcc9e2d51);
  hash = (hash << 15) | (hash >>> 17);
  hash = Math.imul(hash, 0x1b873593);
  hash = (hash << 13) | (hash >>> 19);
  hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  hash ^= 4;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  if (hash >= 0) return hash;
  return hash === -2_147_483_648 ? 0 : -hash;
}

/** The key group of a key, from 0 to max parallelism − 1. */
export function keyGroupOf(key: Key, maxParallelism: number): number {
  return murmurHash(javaHashCode(key)) % maxParallelism;
}

/** The subtask that owns a key group. */
export function subtaskOfKeyGroup(
  keyGroup: number,
  maxParallelism: number,
  parallelism: number,
): number {
  return Math.floor((keyGroup * parallelism) / maxParallelism);
}

/** Flink's default: the next power of two of 1.5 × parallelism, within [128, 32768]. */
export function defaultMaxParallelism(parallelism: number): number {
  const wanted = parallelism + Math.floor(parallelism / 2);
  let power = 1;
  while (power < wanted) power *= 2;
  return Math.min(Math.max(power, MAX_PARALLELISM_MIN), MAX_PARALLELISM_LIMIT);
}

/** @throws ConfigError when the two can't go together. */
export function checkParallelism(what: string, parallelism: number, maxParallelism: number): void {
  if (!Number.isInteger(parallelism) || parallelism < 1) {
    throw new ConfigError(
      `the parallelism of ${what} must be a whole number of at least 1`,
      parallelism,
      'use for example 2',
    );
  }
  const isWhole = Number.isInteger(maxParallelism) && maxParallelism >= 1;
  if (!isWhole || maxParallelism > MAX_PARALLELISM_LIMIT) {
    throw new ConfigError(
      `the max parallelism must be between 1 and ${MAX_PARALLELISM_LIMIT}`,
      maxParallelism,
      'use for example 128',
    );
  }
  if (parallelism > maxParallelism) {
    throw new ConfigError(
      `the parallelism of ${what} must not exceed its max parallelism ${maxParallelism}`,
      parallelism,
      'lower it, or raise the max parallelism (possible only without existing state)',
    );
  }
}
