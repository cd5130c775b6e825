import { WATERMARK_MAX, WATERMARK_MIN } from '#engine';
import { NO_TIMESTAMP } from '../../../engine/time/watermark-strategy.ts';

/** What flows: a key, a number, and the gap of its session in ms. */
export interface Item {
  readonly key: string;
  readonly n: number;
  readonly gapMs: number;
}

/** A time as the harness on Flink writes it: the ends of time have names. */
export function timeText(timeMs: number): string {
  if (timeMs >= WATERMARK_MAX) return 'max';
  return timeMs <= WATERMARK_MIN ? 'min' : String(timeMs);
}

/** A timestamp, which may be missing. */
export function timestampText(timestampMs: number): string {
  return timestampMs === NO_TIMESTAMP ? 'none' : timeText(timestampMs);
}
