/** A half-open interval [startMs, endMs) of event or processing time. Models Flink's TimeWindow. */
export interface TimeWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** The last millisecond that belongs to the window: the timestamp of its results. */
export function maxTimestampOf(window: TimeWindow): number {
  return window.endMs - 1;
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
