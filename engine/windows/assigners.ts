import { ConfigError } from '../core/errors.ts';
import { WATERMARK_MIN } from '../core/time.ts';
import { GLOBAL_WINDOW, windowStartOf } from './time-window.ts';
import type { TimeWindow } from './time-window.ts';
import { WindowAssigner } from './window-assigner.ts';
import type { DefaultTrigger, WindowAssignerContext } from './window-assigner.ts';

/**
 * Models Flink 2.3.0 TumblingEventTimeWindows, TumblingProcessingTimeWindows,
 * SlidingEventTimeWindows, SlidingProcessingTimeWindows and GlobalWindows. Durations are ms.
 * Simplified: no window stagger (Flink's default, ALIGNED, has none either).
 * Invariant: a record lies inside each of its windows.
 */
export class TumblingEventTimeWindows extends WindowAssigner<unknown> {
  override readonly name = 'TumblingEventTimeWindows';
  readonly defaultTrigger = 'event-time';
  readonly sizeMs: number;
  readonly offsetMs: number;

  private constructor(sizeMs: number, offsetMs: number) {
    super();
    this.sizeMs = sizeMs;
    this.offsetMs = offsetMs;
  }

  /**
   * Windows [n·size + offset, (n+1)·size + offset).
   * @throws ConfigError when the size is not positive or |offset| ≥ size.
   */
  static of(sizeMs: number, offsetMs = 0): TumblingEventTimeWindows {
    checkTumbling('TumblingEventTimeWindows', sizeMs, offsetMs);
    return new TumblingEventTimeWindows(sizeMs, offsetMs);
  }

  override isEventTime(): boolean {
    return true;
  }

  override assignWindows(value: unknown, timestampMs: number): readonly TimeWindow[] {
    if (timestampMs === WATERMARK_MIN) throw missingTimestamp(value);
    const startMs = windowStartOf(timestampMs, this.offsetMs, this.sizeMs);
    return [{ startMs, endMs: startMs + this.sizeMs }];
  }
}

/** Tumbling windows of the operator's clock: the records' timestamps play no part. */
export class TumblingProcessingTimeWindows extends WindowAssigner<unknown> {
  override readonly name = 'TumblingProcessingTimeWindows';
  readonly defaultTrigger = 'processing-time';
  readonly sizeMs: number;
  readonly offsetMs: number;

  private constructor(sizeMs: number, offsetMs: number) {
    super();
    this.sizeMs = sizeMs;
    this.offsetMs = offsetMs;
  }

  /** @throws ConfigError when the size is not positive or |offset| ≥ size. */
  static of(sizeMs: number, offsetMs = 0): TumblingProcessingTimeWindows {
    checkTumbling('TumblingProcessingTimeWindows', sizeMs, offsetMs);
    return new TumblingProcessingTimeWindows(sizeMs, offsetMs);
  }

  override isEventTime(): boolean {
    return false;
  }

  override assignWindows(
    _value: unknown,
    _timestampMs: number,
    context: WindowAssignerContext,
  ): readonly TimeWindow[] {
    const nowMs = context.getCurrentProcessingTime();
    const startMs = windowStartOf(nowMs, this.offsetMs, this.sizeMs);
    return [{ startMs, endMs: startMs + this.sizeMs }];
  }
}

/** Windows of `sizeMs` that begin every `slideMs`: a record is in size ÷ slide of them. */
export class SlidingEventTimeWindows extends WindowAssigner<unknown> {
  override readonly name = 'SlidingEventTimeWindows';
  readonly defaultTrigger = 'event-time';
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;

  private constructor(sizeMs: number, slideMs: number, offsetMs: number) {
    super();
    this.sizeMs = sizeMs;
    this.slideMs = slideMs;
    this.offsetMs = offsetMs;
  }

  /**
   * A slide larger than the size leaves gaps: records in a gap belong to no window.
   * @throws ConfigError when the size is not positive or |offset| ≥ slide.
   */
  static of(sizeMs: number, slideMs: number, offsetMs = 0): SlidingEventTimeWindows {
    checkSliding('SlidingEventTimeWindows', sizeMs, slideMs, offsetMs);
    return new SlidingEventTimeWindows(sizeMs, slideMs, offsetMs);
  }

  override isEventTime(): boolean {
    return true;
  }

  override assignWindows(value: unknown, timestampMs: number): readonly TimeWindow[] {
    if (timestampMs === WATERMARK_MIN) throw missingTimestamp(value);
    return slidingWindows(timestampMs, this.sizeMs, this.slideMs, this.offsetMs);
  }
}

/** Sliding windows of the operator's clock. */
export class SlidingProcessingTimeWindows extends WindowAssigner<unknown> {
  override readonly name = 'SlidingProcessingTimeWindows';
  readonly defaultTrigger = 'processing-time';
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;

  private constructor(sizeMs: number, slideMs: number, offsetMs: number) {
    super();
    this.sizeMs = sizeMs;
    this.slideMs = slideMs;
    this.offsetMs = offsetMs;
  }

  /** @throws ConfigError when the size is not positive or |offset| ≥ slide. */
  static of(sizeMs: number, slideMs: number, offsetMs = 0): SlidingProcessingTimeWindows {
    checkSliding('SlidingProcessingTimeWindows', sizeMs, slideMs, offsetMs);
    return new SlidingProcessingTimeWindows(sizeMs, slideMs, offsetMs);
  }

  override isEventTime(): boolean {
    return false;
  }

  override assignWindows(
    _value: unknown,
    _timestampMs: number,
    context: WindowAssignerContext,
  ): readonly TimeWindow[] {
    const nowMs = context.getCurrentProcessingTime();
    return slidingWindows(nowMs, this.sizeMs, this.slideMs, this.offsetMs);
  }
}

/** One window for everything. It never ends, so that nothing fires without a trigger of yours. */
export class GlobalWindows extends WindowAssigner<unknown> {
  override readonly name = 'GlobalWindows';
  readonly defaultTrigger: DefaultTrigger;

  private constructor(defaultTrigger: DefaultTrigger) {
    super();
    this.defaultTrigger = defaultTrigger;
  }

  static create(): GlobalWindows {
    return new GlobalWindows('never');
  }

  /** Fires once, when all inputs have ended. */
  static createWithEndOfStreamTrigger(): GlobalWindows {
    return new GlobalWindows('end-of-stream');
  }

  override isEventTime(): boolean {
    return false;
  }

  override assignWindows(): readonly TimeWindow[] {
    return ONLY_GLOBAL;
  }
}

const ONLY_GLOBAL = [GLOBAL_WINDOW] as const;

/** From the latest start to the earliest, as Flink lists them. */
function slidingWindows(
  timeMs: number,
  sizeMs: number,
  slideMs: number,
  offsetMs: number,
): readonly TimeWindow[] {
  const windows: TimeWindow[] = [];
  const lastStartMs = windowStartOf(timeMs, offsetMs, slideMs);
  for (let startMs = lastStartMs; startMs > timeMs - sizeMs; startMs -= slideMs) {
    windows.push({ startMs, endMs: startMs + sizeMs });
  }
  return windows;
}

function checkTumbling(name: string, sizeMs: number, offsetMs: number): void {
  checkDuration('size', sizeMs);
  if (Number.isInteger(offsetMs) && Math.abs(offsetMs) < sizeMs) return;
  throw new ConfigError(
    `${name} parameters must satisfy abs(offset) < size`,
    `offset ${String(offsetMs)} ms with size ${sizeMs} ms`,
    'use an offset smaller than the size, for example hours(-8) with days(1)',
  );
}

function checkSliding(name: string, sizeMs: number, slideMs: number, offsetMs: number): void {
  checkDuration('size', sizeMs);
  checkDuration('slide', slideMs);
  if (Number.isInteger(offsetMs) && Math.abs(offsetMs) < slideMs) return;
  throw new ConfigError(
    `${name} parameters must satisfy abs(offset) < slide and size > 0`,
    `offset ${String(offsetMs)} ms with slide ${slideMs} ms`,
    'use an offset smaller than the slide',
  );
}

function checkDuration(what: string, durationMs: number): void {
  if (Number.isInteger(durationMs) && durationMs > 0) return;
  throw new ConfigError(
    `window ${what} must be positive and a whole number of ms`,
    `${String(durationMs)} ms`,
    'use for example minutes(15)',
  );
}

/** What Flink says when an event-time window gets a record without a timestamp. */
export function missingTimestamp(value: unknown): ConfigError {
  return new ConfigError(
    'an event-time window needs records with a timestamp',
    value,
    'give the source a WatermarkStrategy with a timestamp assigner, or timestamps in the log',
  );
}
