/**
 * W3 by hand: counts per key over sliding windows, and of each window the keys with the largest
 * counts. Counts are kept per pane of one slide and put together when a window ends. A window is
 * late once watermark ≥ end − 1; a record behind all its windows is dropped.
 */
import type { Row } from '../workload-data.ts';
import { topOf } from './top.ts';

export interface SlidingTopOptions {
  readonly windowMs: number;
  /** Divides `windowMs`. */
  readonly slideMs: number;
  /** How far behind the largest timestamp the watermark stays. */
  readonly delayMs: number;
  /** How many keys a window names. */
  readonly top: number;
}

/** One of the keys of a window. `rank` counts from 0; equal counts are in order of key. */
export interface RankedCount {
  readonly windowEnd: number;
  readonly rank: number;
  readonly key: number;
  readonly count: number;
}

export interface SlidingTopResult {
  readonly rows: readonly RankedCount[];
  readonly lateCount: number;
}

/** The loop: what a good engineer would write, with row objects and `Map`. */
export function slidingTopLoop(
  records: readonly Row[],
  { windowMs, slideMs, delayMs, top }: SlidingTopOptions,
): SlidingTopResult {
  const panes = new Map<number, Map<number, number>>();
  const rows: RankedCount[] = [];
  let watermark = -Infinity;
  let nextEnd = Infinity;
  let lateCount = 0;

  const fire = (end: number): void => {
    const totals = new Map<number, number>();
    for (let pane = end - windowMs; pane < end; pane += slideMs) {
      for (const [key, count] of panes.get(pane) ?? []) {
        totals.set(key, (totals.get(key) ?? 0) + count);
      }
    }
    topOf(totals, top).forEach(([key, count], rank) => {
      rows.push({ windowEnd: end, rank, key, count });
    });
    panes.delete(end - windowMs);
  };
  const advance = (to: number): void => {
    watermark = to;
    while (panes.size > 0 && nextEnd - 1 <= watermark) {
      fire(nextEnd);
      nextEnd += slideMs;
    }
    if (panes.size === 0) nextEnd = Infinity;
  };

  for (const { ts, key } of records) {
    const pane = ts - (ts % slideMs);
    if (pane + windowMs - 1 <= watermark) {
      lateCount++;
      continue;
    }
    let counts = panes.get(pane);
    if (counts === undefined) {
      counts = new Map();
      panes.set(pane, counts);
      nextEnd = Math.min(nextEnd, firstEndAfter(watermark, pane, slideMs));
    }
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (ts - delayMs - 1 > watermark) advance(ts - delayMs - 1);
  }
  advance(Infinity);
  return { rows, lateCount };
}

/** The end of the first window of a pane that has not fired yet. */
function firstEndAfter(watermark: number, pane: number, slideMs: number): number {
  let end = pane + slideMs;
  while (end - 1 <= watermark) end += slideMs;
  return end;
}
