/** One text for all outputs that hold the same results, in whatever order they came. */
import { createHash } from 'node:crypto';
import type { WindowCount } from './tumbling-count.ts';

/**
 * 16 hex digits over (key, windowStart, count, sum), sorted by window, then key. A result that
 * came twice, or in two parts, changes it.
 */
export function outputHash(rows: readonly WindowCount[]): string {
  const sorted = [...rows].sort(
    (a, b) => a.windowStart - b.windowStart || a.key - b.key || a.count - b.count || a.sum - b.sum,
  );
  const numbers = new Float64Array(sorted.length * 4);
  sorted.forEach(({ key, windowStart, count, sum }, row) => {
    numbers.set([key, windowStart, count, sum], row * 4);
  });
  return createHash('sha256').update(numbers).digest('hex').slice(0, 16);
}
