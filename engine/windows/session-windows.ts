import { ConfigError } from '../core/errors.ts';
import type { TimeWindow } from './time-window.ts';
import { MergingWindowAssigner } from './window-assigner.ts';
import type { WindowAssignerContext } from './window-assigner.ts';

/**
 * Models Flink 2.3.0 EventTimeSessionWindows, ProcessingTimeSessionWindows and their dynamic
 * forms: each record opens [time, time + gap), and windows of a key that overlap or touch merge.
 * Invariant: a gap is positive. A record without a timestamp is no error here, as in Flink: its
 * session lies at the beginning of time.
 */
export class EventTimeSessionWindows extends MergingWindowAssigner<unknown> {
  override readonly name = 'EventTimeSessionWindows';
  readonly defaultTrigger = 'event-time';
  readonly gapMs: number;

  private constructor(gapMs: number) {
    super();
    this.gapMs = gapMs;
  }

  /** @throws ConfigError when the gap is not positive. */
  static withGap(gapMs: number): EventTimeSessionWindows {
    return new EventTimeSessionWindows(checkedGap('EventTimeSessionWindows', gapMs));
  }

  /** The gap depends on the record; it must be positive for each. */
  static withDynamicGap<T>(
    extractGap: SessionWindowTimeGapExtractor<T>,
  ): DynamicEventTimeSessionWindows<T> {
    return new DynamicEventTimeSessionWindows<T>(extractGap);
  }

  override isEventTime(): boolean {
    return true;
  }

  override assignWindows(_value: unknown, timestampMs: number): readonly TimeWindow[] {
    return [{ startMs: timestampMs, endMs: timestampMs + this.gapMs }];
  }
}

/** Sessions of the operator's clock: what counts is when records are processed. */
export class ProcessingTimeSessionWindows extends MergingWindowAssigner<unknown> {
  override readonly name = 'ProcessingTimeSessionWindows';
  readonly defaultTrigger = 'processing-time';
  readonly gapMs: number;

  private constructor(gapMs: number) {
    super();
    this.gapMs = gapMs;
  }

  /** @throws ConfigError when the gap is not positive. */
  static withGap(gapMs: number): ProcessingTimeSessionWindows {
    return new ProcessingTimeSessionWindows(checkedGap('ProcessingTimeSessionWindows', gapMs));
  }

  /** The gap depends on the record; it must be positive for each. */
  static withDynamicGap<T>(
    extractGap: SessionWindowTimeGapExtractor<T>,
  ): DynamicProcessingTimeSessionWindows<T> {
    return new DynamicProcessingTimeSessionWindows<T>(extractGap);
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
    return [{ startMs: nowMs, endMs: nowMs + this.gapMs }];
  }
}

/** Gives the session gap of a record, in ms. */
export type SessionWindowTimeGapExtractor<T> = (record: T) => number;

/** Sessions of event time whose gap depends on the record. */
export class DynamicEventTimeSessionWindows<T> extends MergingWindowAssigner<T> {
  override readonly name = 'DynamicEventTimeSessionWindows';
  readonly defaultTrigger = 'event-time';
  readonly extractGap: SessionWindowTimeGapExtractor<T>;

  constructor(extractGap: SessionWindowTimeGapExtractor<T>) {
    super();
    this.extractGap = extractGap;
  }

  override isEventTime(): boolean {
    return true;
  }

  override assignWindows(value: T, timestampMs: number): readonly TimeWindow[] {
    const gapMs = checkedDynamicGap(this.extractGap(value));
    return [{ startMs: timestampMs, endMs: timestampMs + gapMs }];
  }
}

/** Sessions of the operator's clock whose gap depends on the record. */
export class DynamicProcessingTimeSessionWindows<T> extends MergingWindowAssigner<T> {
  override readonly name = 'DynamicProcessingTimeSessionWindows';
  readonly defaultTrigger = 'processing-time';
  readonly extractGap: SessionWindowTimeGapExtractor<T>;

  constructor(extractGap: SessionWindowTimeGapExtractor<T>) {
    super();
    this.extractGap = extractGap;
  }

  override isEventTime(): boolean {
    return false;
  }

  override assignWindows(
    value: T,
    _timestampMs: number,
    context: WindowAssignerContext,
  ): readonly TimeWindow[] {
    const gapMs = checkedDynamicGap(this.extractGap(value));
    const nowMs = context.getCurrentProcessingTime();
    return [{ startMs: nowMs, endMs: nowMs + gapMs }];
  }
}

function checkedGap(name: string, gapMs: number): number {
  if (Number.isInteger(gapMs) && gapMs > 0) return gapMs;
  throw new ConfigError(
    `${name} parameters must satisfy 0 < size, in whole ms`,
    `a gap of ${String(gapMs)} ms`,
    'use for example minutes(30)',
  );
}

function checkedDynamicGap(gapMs: number): number {
  if (Number.isInteger(gapMs) && gapMs > 0) return gapMs;
  throw new ConfigError(
    'a dynamic session time gap must satisfy 0 < gap, in whole ms',
    gapMs,
    'return a positive duration from the gap extractor for every record',
  );
}
