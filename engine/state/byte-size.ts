import type { StateBackendType } from './state-context.ts';

/**
 * Models what state takes up, roughly: a value as Flink's own serializers would write it, and what
 * a backend adds per entry.
 * Simplified: a number takes 8 bytes, text one byte a character and a length, a list or object its
 * parts and 4 more (names of fields are not written); nothing is compressed.
 */
const ENTRY_BYTES: Readonly<Record<StateBackendType, number>> = {
  // A CopyOnWriteStateMap entry: header, four references, three integers, and its bucket.
  hashmap: 48,
  // Key group in front of the key; sequence number and type behind it.
  rocksdb: 10,
};

/** Written in front of every value that can expire: when it was written. */
export const TTL_BYTES = 8;

/** Key, time and place in the queue. */
export const TIMER_BYTES = 32;

/** What one entry takes up apart from its key and value. */
export function entryBytes(type: StateBackendType): number {
  return ENTRY_BYTES[type];
}

/** Bytes that a value takes up when it is serialized: an estimate. */
export function byteSize(value: unknown): number {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 8;
    case 'string':
      return value.length + 1;
    case 'object':
      return value === null ? 1 : objectSize(value);
    default:
      return 1;
  }
}

function objectSize(value: object): number {
  let bytes = 4;
  if (Array.isArray(value)) {
    for (const item of value) bytes += byteSize(item);
  } else if (value instanceof Map) {
    for (const [key, item] of value) bytes += byteSize(key) + byteSize(item);
  } else if (value instanceof Set) {
    for (const item of value) bytes += byteSize(item);
  } else if (value instanceof Date) {
    bytes = 8;
  } else if (ArrayBuffer.isView(value)) {
    bytes += value.byteLength;
  } else {
    for (const field of Object.keys(value)) {
      bytes += byteSize((value as Record<string, unknown>)[field]);
    }
  }
  return bytes;
}
