import type { Value } from '../dataset/value.ts';
import type { ValueType } from '../dataset/value-type.ts';

const SEED = 42;
const WORDS = new DataView(new ArrayBuffer(8));

/**
 * The shuffle partition of a key: Spark 4.2.0 HashPartitioning, pmod(murmur3(key, seed 42), n).
 * Columns are hashed one after another, each with the hash before as its seed; null changes
 * nothing. Simplified: where the type is unknown, as behind a user's function, a whole number is a
 * long and every other number a double.
 */
export function partitionOf(
  key: readonly Value[],
  types: readonly ValueType[],
  partitionCount: number,
): number {
  let hash = SEED;
  for (let at = 0; at < key.length; at += 1) hash = hashValue(key[at] as Value, types[at], hash);
  const remainder = hash % partitionCount;
  return remainder < 0 ? remainder + partitionCount : remainder | 0;
}

/** Spark's Murmur3Hash expression of one value. Returns a signed 32-bit number. */
export function hashValue(value: Value, type: ValueType, seed: number): number {
  switch (typeof value) {
    case 'number':
      return hashNumber(value, type, seed);
    case 'string':
      return hashBytes(utf8(value), seed);
    case 'boolean':
      return hashInt(value ? 1 : 0, seed);
    default: {
      const fieldType = type === 'window' ? 'timestamp' : undefined;
      let hash = seed;
      for (const field of Object.values(value ?? {})) {
        hash = hashValue(field as Value, fieldType, hash);
      }
      return hash;
    }
  }
}

function hashNumber(value: number, type: ValueType, seed: number): number {
  switch (type) {
    case 'integer':
      return hashInt(value, seed);
    case 'double':
      return hashDouble(value, seed);
    case 'timestamp':
      // Spark's timestamps count microseconds.
      return hashLong(Math.round(value * 1000), seed);
    default:
      return Number.isInteger(value) ? hashLong(value, seed) : hashDouble(value, seed);
  }
}

function hashInt(value: number, seed: number): number {
  return finish(mixHash(seed, mixKey(value)), 4);
}

function hashLong(value: number, seed: number): number {
  const high = Math.floor(value / 0x1_0000_0000) | 0;
  return finish(mixHash(mixHash(seed, mixKey(value | 0)), mixKey(high)), 8);
}

function hashDouble(value: number, seed: number): number {
  // Both zeros are one.
  WORDS.setFloat64(0, value === 0 ? 0 : value);
  const hash = mixHash(seed, mixKey(WORDS.getInt32(4)));
  return finish(mixHash(hash, mixKey(WORDS.getInt32(0))), 8);
}

/** Murmur3_x86_32.hashUnsafeBytes: bytes left over are mixed in one by one, as signed ints. */
function hashBytes(bytes: readonly number[], seed: number): number {
  const aligned = bytes.length - (bytes.length % 4);
  let hash = seed;
  for (let at = 0; at < aligned; at += 4) {
    const [b0, b1, b2, b3] = bytes.slice(at, at + 4) as [number, number, number, number];
    hash = mixHash(hash, mixKey(b0 | (b1 << 8) | (b2 << 16) | (b3 << 24)));
  }
  for (let at = aligned; at < bytes.length; at += 1) {
    hash = mixHash(hash, mixKey(((bytes[at] as number) << 24) >> 24));
  }
  return finish(hash, bytes.length);
}

function utf8(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x1_0000) {
      bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    } else {
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63));
      bytes.push(0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
  }
  return bytes;
}

function mixKey(key: number): number {
  const mixed = Math.imul(key, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

function mixHash(hash: number, key: number): number {
  const mixed = hash ^ key;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number, length: number): number {
  let mixed = hash ^ length;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
