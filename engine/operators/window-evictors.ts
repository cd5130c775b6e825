import { NO_TIMESTAMP } from '../time/watermark-strategy.ts';
import type { TimeWindow } from '../windows/time-window.ts';
import type { DeltaFunction } from './window-data-triggers.ts';
import { checkCount } from './window-data-triggers.ts';

/** A record inside a window that has an evictor. */
export interface TimestampedValue<T> {
  readonly value: T;
  /** `NO_TIMESTAMP` when it has none. */
  readonly timestampMs: number;
}

export interface EvictorContext {
  getCurrentProcessingTime(): number;
  getCurrentWatermark(): number;
}

/**
 * Models Flink 2.3.0 `Evictor`: removes records from a window when it fires, before or after the
 * window function. Removing from the list removes from the window's state.
 * Simplified: elements are an array to splice instead of an Iterable with `remove`.
 * Invariant: a window with an evictor keeps every record, whatever is computed from them.
 */
export interface Evictor<T> {
  evictBefore(
    elements: TimestampedValue<T>[],
    size: number,
    window: TimeWindow,
    context: EvictorContext,
  ): void;
  evictAfter(
    elements: TimestampedValue<T>[],
    size: number,
    window: TimeWindow,
    context: EvictorContext,
  ): void;
}

/** What the three evictors share: the same rule, before the function or after it. */
abstract class RuleEvictor<T> implements Evictor<T> {
  readonly doEvictAfter: boolean;

  constructor(doEvictAfter: boolean) {
    this.doEvictAfter = doEvictAfter;
  }

  evictBefore(elements: TimestampedValue<T>[]): void {
    if (!this.doEvictAfter) this.evict(elements);
  }

  evictAfter(elements: TimestampedValue<T>[]): void {
    if (this.doEvictAfter) this.evict(elements);
  }

  protected abstract evict(elements: TimestampedValue<T>[]): void;
}

/** Keeps the last `maxCount` records, in the order of their arrival. */
export class CountEvictor extends RuleEvictor<unknown> {
  readonly maxCount: number;

  private constructor(maxCount: number, doEvictAfter: boolean) {
    super(doEvictAfter);
    this.maxCount = maxCount;
  }

  static of(maxCount: number, doEvictAfter = false): CountEvictor {
    checkCount('CountEvictor', maxCount, 0);
    return new CountEvictor(maxCount, doEvictAfter);
  }

  protected override evict(elements: TimestampedValue<unknown>[]): void {
    const surplus = elements.length - this.maxCount;
    if (surplus > 0) elements.splice(0, surplus);
  }
}

/** Keeps records whose timestamp is greater than the largest one − `windowSizeMs`. */
export class TimeEvictor extends RuleEvictor<unknown> {
  readonly windowSizeMs: number;

  private constructor(windowSizeMs: number, doEvictAfter: boolean) {
    super(doEvictAfter);
    this.windowSizeMs = windowSizeMs;
  }

  /** Does nothing when the first record has no timestamp. */
  static of(windowSizeMs: number, doEvictAfter = false): TimeEvictor {
    return new TimeEvictor(windowSizeMs, doEvictAfter);
  }

  protected override evict(elements: TimestampedValue<unknown>[]): void {
    if (elements.length === 0 || elements[0]?.timestampMs === NO_TIMESTAMP) return;
    let latestMs = NO_TIMESTAMP;
    for (const { timestampMs } of elements) latestMs = Math.max(latestMs, timestampMs);
    const cutoffMs = latestMs - this.windowSizeMs;
    keepOnly(elements, ({ timestampMs }) => timestampMs > cutoffMs);
  }
}

/** Keeps records less than `threshold` away from the last one. */
export class DeltaEvictor<T> extends RuleEvictor<T> {
  readonly threshold: number;
  readonly deltaFunction: DeltaFunction<T>;

  private constructor(threshold: number, deltaFunction: DeltaFunction<T>, doEvictAfter: boolean) {
    super(doEvictAfter);
    this.threshold = threshold;
    this.deltaFunction = deltaFunction;
  }

  static of<T>(
    threshold: number,
    deltaFunction: DeltaFunction<T>,
    doEvictAfter = false,
  ): DeltaEvictor<T> {
    return new DeltaEvictor<T>(threshold, deltaFunction, doEvictAfter);
  }

  protected override evict(elements: TimestampedValue<T>[]): void {
    const last = elements.at(-1);
    if (last === undefined) return;
    keepOnly(elements, ({ value }) => this.deltaFunction(value, last.value) < this.threshold);
  }
}

function keepOnly<T>(elements: T[], isKept: (element: T) => boolean): void {
  const kept = elements.filter(isKept);
  elements.splice(0, elements.length, ...kept);
}
