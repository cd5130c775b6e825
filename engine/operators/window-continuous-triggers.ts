import { ConfigError } from '../core/errors.ts';
import { ReducingStateDescriptor } from '../state/descriptors.ts';
import { maxTimestampOf } from '../windows/time-window.ts';
import type { TimeWindow } from '../windows/time-window.ts';
import { Trigger, TriggerResult } from './window-trigger.ts';
import type { OnMergeContext, TriggerContext } from './window-trigger.ts';

const { CONTINUE, FIRE } = TriggerResult;

/** The time of the next early firing; of merged windows, the earliest. */
const FIRE_TIME = new ReducingStateDescriptor<number>('fire-time', (left, right) =>
  Math.min(left, right),
);

/**
 * Models Flink 2.3.0 ContinuousEventTimeTrigger and ContinuousProcessingTimeTrigger: early firings
 * at multiples of an interval. Firings are accumulating, and come also when nothing was added.
 * Invariant: as in Flink, the interval before a time is found with the truncating remainder, which
 * for negative times lies after it; and timers of merged windows are left to fire in vain.
 */
export class ContinuousEventTimeTrigger extends Trigger {
  readonly intervalMs: number;

  private constructor(intervalMs: number) {
    super();
    this.intervalMs = intervalMs;
  }

  /** Fires when the watermark passes a multiple of the interval, and at the window's end. */
  static of(intervalMs: number): ContinuousEventTimeTrigger {
    checkInterval('ContinuousEventTimeTrigger', intervalMs);
    return new ContinuousEventTimeTrigger(intervalMs);
  }

  override onElement(
    _element: unknown,
    timestampMs: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    if (maxTimestampOf(window) <= context.getCurrentWatermark()) return FIRE;
    context.registerEventTimeTimer(maxTimestampOf(window));
    const fireTime = context.getPartitionedState(FIRE_TIME);
    if (fireTime.get() === null) {
      const previousMs = timestampMs - (timestampMs % this.intervalMs);
      const nextMs = nextFireTime(previousMs, this.intervalMs, window);
      fireTime.add(nextMs);
      context.registerEventTimeTimer(nextMs);
    }
    return CONTINUE;
  }

  override onEventTime(timeMs: number, window: TimeWindow, context: TriggerContext): TriggerResult {
    if (timeMs === maxTimestampOf(window)) return FIRE;
    const fireTime = context.getPartitionedState(FIRE_TIME);
    if (fireTime.get() !== timeMs) return CONTINUE;
    fireTime.clear();
    const nextMs = nextFireTime(timeMs, this.intervalMs, window);
    fireTime.add(nextMs);
    context.registerEventTimeTimer(nextMs);
    return FIRE;
  }

  override onProcessingTime(): TriggerResult {
    return CONTINUE;
  }

  override clear(_window: TimeWindow, context: TriggerContext): void {
    const fireTime = context.getPartitionedState(FIRE_TIME);
    const timeMs = fireTime.get();
    if (timeMs === null) return;
    context.deleteEventTimeTimer(timeMs);
    fireTime.clear();
  }

  override canMerge(): boolean {
    return true;
  }

  override onMerge(_window: TimeWindow, context: OnMergeContext): void {
    context.mergePartitionedState(FIRE_TIME);
    const nextMs = context.getPartitionedState(FIRE_TIME).get();
    if (nextMs !== null) context.registerEventTimeTimer(nextMs);
  }
}

/** Fires at multiples of the interval on the operator's clock. */
export class ContinuousProcessingTimeTrigger extends Trigger {
  readonly intervalMs: number;

  private constructor(intervalMs: number) {
    super();
    this.intervalMs = intervalMs;
  }

  /** In event-time windows nothing fires at their end: only the clock counts. */
  static of(intervalMs: number): ContinuousProcessingTimeTrigger {
    checkInterval('ContinuousProcessingTimeTrigger', intervalMs);
    return new ContinuousProcessingTimeTrigger(intervalMs);
  }

  override onElement(
    _element: unknown,
    _timestampMs: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    const fireTime = context.getPartitionedState(FIRE_TIME);
    const nowMs = context.getCurrentProcessingTime();
    if (fireTime.get() === null) {
      const nextMs = nextFireTime(nowMs - (nowMs % this.intervalMs), this.intervalMs, window);
      fireTime.add(nextMs);
      context.registerProcessingTimeTimer(nextMs);
    }
    return CONTINUE;
  }

  override onEventTime(): TriggerResult {
    return CONTINUE;
  }

  override onProcessingTime(
    timeMs: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    if (timeMs === maxTimestampOf(window)) return FIRE;
    const fireTime = context.getPartitionedState(FIRE_TIME);
    if (fireTime.get() !== timeMs) return CONTINUE;
    fireTime.clear();
    const nextMs = nextFireTime(timeMs, this.intervalMs, window);
    fireTime.add(nextMs);
    context.registerProcessingTimeTimer(nextMs);
    return FIRE;
  }

  override clear(_window: TimeWindow, context: TriggerContext): void {
    const fireTime = context.getPartitionedState(FIRE_TIME);
    const timeMs = fireTime.get();
    if (timeMs === null) return;
    context.deleteProcessingTimeTimer(timeMs);
    fireTime.clear();
  }

  override canMerge(): boolean {
    return true;
  }

  override onMerge(_window: TimeWindow, context: OnMergeContext): void {
    context.mergePartitionedState(FIRE_TIME);
    const nextMs = context.getPartitionedState(FIRE_TIME).get();
    if (nextMs !== null) context.registerProcessingTimeTimer(nextMs);
  }
}

function nextFireTime(timeMs: number, intervalMs: number, window: TimeWindow): number {
  return Math.min(timeMs + intervalMs, maxTimestampOf(window));
}

function checkInterval(name: string, intervalMs: number): void {
  if (Number.isInteger(intervalMs) && intervalMs > 0) return;
  throw new ConfigError(
    `${name} needs a positive interval in whole ms`,
    intervalMs,
    'use for example seconds(10)',
  );
}
