import { ConfigError } from '../core/errors.ts';
import { ReducingStateDescriptor, ValueStateDescriptor } from '../state/descriptors.ts';
import type { TimeWindow } from '../windows/time-window.ts';
import { Trigger, TriggerResult, isFire } from './window-trigger.ts';
import type { OnMergeContext, TriggerContext } from './window-trigger.ts';

const { CONTINUE, FIRE, FIRE_AND_PURGE } = TriggerResult;

const COUNT = new ReducingStateDescriptor<number>('count', (left, right) => left + right);
const LAST_ELEMENT = new ValueStateDescriptor<unknown>('last-element');

/**
 * Models Flink 2.3.0 CountTrigger, DeltaTrigger and PurgingTrigger: triggers that look at the
 * records. Invariant: without a time trigger beside them, what comes after the last firing of a
 * window is never emitted.
 */
export class CountTrigger extends Trigger {
  readonly maxCount: number;

  private constructor(maxCount: number) {
    super();
    this.maxCount = maxCount;
  }

  /** Fires at every `maxCount`-th record of a key and window, whatever the time. */
  static of(maxCount: number): CountTrigger {
    checkCount('CountTrigger', maxCount, 1);
    return new CountTrigger(maxCount);
  }

  override onElement(
    _element: unknown,
    _timestampMs: number,
    _window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    const count = context.getPartitionedState(COUNT);
    count.add(1);
    if ((count.get() ?? 0) < this.maxCount) return CONTINUE;
    count.clear();
    return FIRE;
  }

  override onEventTime(): TriggerResult {
    return CONTINUE;
  }

  override onProcessingTime(): TriggerResult {
    return CONTINUE;
  }

  override clear(_window: TimeWindow, context: TriggerContext): void {
    context.getPartitionedState(COUNT).clear();
  }

  override canMerge(): boolean {
    return true;
  }

  /** Counts are added up, but only the next record can fire. */
  override onMerge(_window: TimeWindow, context: OnMergeContext): void {
    context.mergePartitionedState(COUNT);
  }
}

/** How far one record is from another: Flink's DeltaFunction.getDelta. */
export type DeltaFunction<T> = (older: T, newer: T) => number;

/** Fires when a record is more than `threshold` away from the one that fired last. */
export class DeltaTrigger<T> extends Trigger<T> {
  readonly threshold: number;
  readonly deltaFunction: DeltaFunction<T>;

  private constructor(threshold: number, deltaFunction: DeltaFunction<T>) {
    super();
    this.threshold = threshold;
    this.deltaFunction = deltaFunction;
  }

  /** The first record of a window only sets what later ones are compared with. */
  static of<T>(threshold: number, deltaFunction: DeltaFunction<T>): DeltaTrigger<T> {
    return new DeltaTrigger<T>(threshold, deltaFunction);
  }

  override onElement(
    element: T,
    _timestampMs: number,
    _window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    const lastElement = context.getPartitionedState(LAST_ELEMENT);
    const last = lastElement.value();
    if (last === null) {
      lastElement.update(element);
      return CONTINUE;
    }
    if (this.deltaFunction(last as T, element) <= this.threshold) return CONTINUE;
    lastElement.update(element);
    return FIRE;
  }

  override onEventTime(): TriggerResult {
    return CONTINUE;
  }

  override onProcessingTime(): TriggerResult {
    return CONTINUE;
  }

  override clear(_window: TimeWindow, context: TriggerContext): void {
    context.getPartitionedState(LAST_ELEMENT).clear();
  }
}

/** Drops the contents of the window whenever the nested trigger fires: discarding panes. */
export class PurgingTrigger<T> extends Trigger<T> {
  readonly nestedTrigger: Trigger<T>;

  private constructor(nestedTrigger: Trigger<T>) {
    super();
    this.nestedTrigger = nestedTrigger;
  }

  static of<T>(nestedTrigger: Trigger<T>): PurgingTrigger<T> {
    return new PurgingTrigger<T>(nestedTrigger);
  }

  /** The same with another nested trigger. */
  withNested(nestedTrigger: Trigger<T>): PurgingTrigger<T> {
    return new PurgingTrigger<T>(nestedTrigger);
  }

  override onElement(
    element: T,
    timestampMs: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    return purging(this.nestedTrigger.onElement(element, timestampMs, window, context));
  }

  override onEventTime(timeMs: number, window: TimeWindow, context: TriggerContext): TriggerResult {
    return purging(this.nestedTrigger.onEventTime(timeMs, window, context));
  }

  override onProcessingTime(
    timeMs: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    return purging(this.nestedTrigger.onProcessingTime(timeMs, window, context));
  }

  override clear(window: TimeWindow, context: TriggerContext): void {
    this.nestedTrigger.clear(window, context);
  }

  override canMerge(): boolean {
    return this.nestedTrigger.canMerge();
  }

  override onMerge(window: TimeWindow, context: OnMergeContext): void {
    this.nestedTrigger.onMerge(window, context);
  }
}

function purging(result: TriggerResult): TriggerResult {
  return isFire(result) ? FIRE_AND_PURGE : result;
}

/** @throws ConfigError unless the count is a whole number of at least `least`. */
export function checkCount(what: string, count: number, least: number): void {
  if (Number.isInteger(count) && count >= least) return;
  throw new ConfigError(
    `${what} needs a whole number of at least ${least}`,
    count,
    'use for example 100',
  );
}
