import { WATERMARK_MAX, WATERMARK_MIN } from '../core/time.ts';

/** A half-open interval [startMs, endMs) of event or processing time. Models Flink's TimeWindow. */
export interface TimeWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The one window of `GlobalWindows`: it holds everything and its end is never passed.
 * Simplified: Flink's GlobalWindow is a type of its own, without a start.
 */
export const GLOBAL_WINDOW: TimeWindow = { startMs: WATERMARK_MIN, endMs: WATERMARK_MAX + 1 };

/** The last millisecond that belongs to the window: the timestamp of its results. */
export function maxTimestampOf(window: TimeWindow): number {
  return window.endMs - 1;
}

/** Whether two windows have the same bounds. */
export function isSameWindow(left: TimeWindow, right: TimeWindow): boolean {
  return left.startMs === right.startMs && left.endMs === right.endMs;
}

/** Whether two windows overlap or touch: Flink merges `[0,5)` and `[5,10)`. */
export function intersects(left: TimeWindow, right: TimeWindow): boolean {
  return left.startMs <= right.endMs && left.endMs >= right.startMs;
}

/** The smallest window that holds both. */
export function coverOf(left: TimeWindow, right: TimeWindow): TimeWindow {
  return {
    startMs: Math.min(left.startMs, right.startMs),
    endMs: Math.max(left.endMs, right.endMs),
  };
}

/**
 * Start of the window of `sizeMs` that holds a timestamp; right for negative timestamps too.
 * Models TimeWindow.getWindowStartWithOffset of Flink 2.x.
 */
export function windowStartOf(timestampMs: number, offsetMs: number, sizeMs: number): number {
  // The remainder of large numbers is slow in JavaScript; a quotient may be off by one instead.
  const startMs = Math.floor((timestampMs - offsetMs) / sizeMs) * sizeMs + offsetMs;
  if (startMs > timestampMs) return startMs - sizeMs;
  return startMs + sizeMs <= timestampMs ? startMs + sizeMs : startMs;
}
