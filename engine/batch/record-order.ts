import type { Key, KeyTable } from '../core/key-table.ts';
import { NO_TIMESTAMP } from '../time/watermark-strategy.ts';

/** Digits are as large as that at most: their counts must stay near at hand. */
const DIGIT_BITS_MAX = 12;
/** Times further apart than this, some 49 days, are compared instead of counted. */
const SPAN_MAX = 2 ** 32;

/**
 * Places of records by key, and by time within a key; records of one key and time keep their order.
 * Models the order in which Flink 2.3 SortingDataInput hands on what it has read.
 * Simplified: keys go by their values (Flink: by their serialized bytes).
 */
export function orderByKeyAndTime(
  keys: Int32Array,
  times: Float64Array,
  count: number,
  table: KeyTable,
): Int32Array {
  // Both sorts are stable, so the last one is by what counts first.
  return byKey(keys, orderByTime(times, count), table);
}

/** Places of records by time; those without a time come first. */
export function orderByTime(times: Float64Array, count: number): Int32Array {
  const order = new Int32Array(count);
  for (let place = 0; place < count; place += 1) order[place] = place;
  if (isOrdered(times, count)) return order;
  let lowest = Infinity;
  let highest = -Infinity;
  let isWhole = true;
  for (let place = 0; place < count; place += 1) {
    const timeMs = times[place] as number;
    if (timeMs === NO_TIMESTAMP) continue;
    if (timeMs < lowest) lowest = timeMs;
    if (timeMs > highest) highest = timeMs;
    if (Math.floor(timeMs) !== timeMs) isWhole = false;
  }
  const span = highest - lowest + 2;
  if (!isWhole || !(span < SPAN_MAX)) {
    return order.sort((left, right) => (times[left] as number) - (times[right] as number));
  }
  // 0 is for no time at all.
  const ranks = new Uint32Array(count);
  for (let place = 0; place < count; place += 1) {
    const timeMs = times[place] as number;
    ranks[place] = timeMs === NO_TIMESTAMP ? 0 : timeMs - lowest + 1;
  }
  return byDigits(ranks, order, span);
}

/** Sorts by the digits of whole numbers from 0 to `span` − 1, the lowest digit first. */
function byDigits(ranks: Uint32Array, order: Int32Array, span: number): Int32Array {
  const bits = Math.max(1, Math.ceil(Math.log2(span)));
  const digitCount = Math.ceil(bits / DIGIT_BITS_MAX);
  const digitBits = Math.ceil(bits / digitCount);
  const mask = (1 << digitBits) - 1;
  const starts = new Int32Array(mask + 2);
  let from = order;
  let into: Int32Array = new Int32Array(order.length);
  for (let digit = 0; digit < digitCount; digit += 1) {
    const shift = digit * digitBits;
    starts.fill(0);
    for (let place = 0; place < ranks.length; place += 1) {
      starts[(((ranks[place] as number) >>> shift) & mask) + 1]! += 1;
    }
    for (let at = 0; at < mask; at += 1) starts[at + 1]! += starts[at] as number;
    for (let place = 0; place < from.length; place += 1) {
      const record = from[place] as number;
      const at = ((ranks[record] as number) >>> shift) & mask;
      const start = starts[at] as number;
      into[start] = record;
      starts[at] = start + 1;
    }
    [from, into] = [into, from];
  }
  return from;
}

function isOrdered(times: Float64Array, count: number): boolean {
  for (let place = 1; place < count; place += 1) {
    if ((times[place] as number) < (times[place - 1] as number)) return false;
  }
  return true;
}

/** Orders places that are in some order already by key; within a key they stay as they are. */
export function byKey(keys: Int32Array, order: Int32Array, table: KeyTable): Int32Array {
  const starts = new Int32Array(table.keys.length);
  const present: number[] = [];
  for (const place of order) {
    const key = keys[place] as number;
    if (starts[key] === 0) present.push(key);
    starts[key]! += 1;
  }
  let start = 0;
  for (const key of inValueOrder(present, table)) {
    const size = starts[key] as number;
    starts[key] = start;
    start += size;
  }
  const sorted = new Int32Array(order.length);
  for (const place of order) {
    const key = keys[place] as number;
    sorted[starts[key] as number] = place;
    starts[key]! += 1;
  }
  return sorted;
}

/** Interned keys by value: numbers, then texts, truth values and tuples. */
function inValueOrder(ids: number[], table: KeyTable): number[] {
  const values = ids.map((id) => table.valueOf(id));
  if (values.every((value) => typeof value === 'number')) {
    const idOf = new Map(values.map((value, at) => [value, ids[at] as number]));
    return [...Float64Array.from(values).sort()].map((value) => idOf.get(value) as number);
  }
  return ids.sort((left, right) => compareKeys(table.valueOf(left), table.valueOf(right)));
}

function compareKeys(left: Key, right: Key): number {
  const kind = KINDS.indexOf(typeof left) - KINDS.indexOf(typeof right);
  if (kind !== 0) return kind;
  if (typeof left !== 'object') return left < right ? -1 : Number(left > right);
  const other = right as readonly Key[];
  for (let place = 0; place < Math.min(left.length, other.length); place += 1) {
    const order = compareKeys(left[place] as Key, other[place] as Key);
    if (order !== 0) return order;
  }
  return left.length - other.length;
}

const KINDS: readonly string[] = ['number', 'string', 'boolean', 'object'];
