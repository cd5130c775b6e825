import { ConfigError } from '../core/errors.ts';

/**
 * Models Flink 2.x window assigners. Durations are ms.
 * Simplified: tumbling windows of event time so far; no window stagger.
 */
export interface WindowAssigner {
  readonly type: 'tumbling-event-time';
  readonly sizeMs: number;
  readonly offsetMs: number;
}

export const TumblingEventTimeWindows = {
  /**
   * Windows [n·size + offset, (n+1)·size + offset).
   * @throws ConfigError when the size is not positive or |offset| ≥ size.
   */
  of(sizeMs: number, offsetMs = 0): WindowAssigner {
    if (!Number.isInteger(sizeMs) || sizeMs <= 0) {
      throw new ConfigError(
        'window size must be positive and a whole number of ms',
        `${String(sizeMs)} ms`,
        'use for example minutes(15)',
      );
    }
    if (!Number.isInteger(offsetMs) || Math.abs(offsetMs) >= sizeMs) {
      throw new ConfigError(
        'TumblingEventTimeWindows parameters must satisfy abs(offset) < size',
        `offset ${String(offsetMs)} ms with size ${sizeMs} ms`,
        'use an offset smaller than the size, for example hours(-8) with days(1)',
      );
    }
    return { type: 'tumbling-event-time', sizeMs, offsetMs };
  },
} as const;
