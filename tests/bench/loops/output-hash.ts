/** One text for all outputs that hold the same results, in whatever order they came. */
import { createHash } from 'node:crypto';
import type { WindowCount } from './tumbling-count.ts';

/** 16 hex digits over rows of numbers, sorted. A row that came twice, or in two parts, counts. */
export function numbersHash(rows: readonly (readonly number[])[]): string {
  const sorted = [...rows].sort(compareRows);
  const hash = createHash('sha256').update(`${rows.length}`);
  for (let at = 0; at < sorted.length; at += ROWS_AT_ONCE) {
    hash.update(Float64Array.from(sorted.slice(at, at + ROWS_AT_ONCE).flat()));
  }
  return hash.digest('hex').slice(0, 16);
}

const ROWS_AT_ONCE = 4096;

function compareRows(left: readonly number[], right: readonly number[]): number {
  for (let i = 0; i < left.length; i++) {
    if (left[i] !== right[i]) return left[i] - right[i];
  }
  return left.length - right.length;
}

/** The hash of counts and sums per key and window. */
export function outputHash(rows: readonly WindowCount[]): string {
  return numbersHash(
    rows.map(({ key, windowStart, count, sum }) => [windowStart, key, count, sum]),
  );
}
