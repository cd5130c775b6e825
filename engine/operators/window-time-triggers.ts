import { ValueStateDescriptor } from '../state/descriptors.ts';
import type { DefaultTrigger } from '../windows/window-assigner.ts';
import { maxTimestampOf } from '../windows/time-window.ts';
import type { TimeWindow } from '../windows/time-window.ts';
import { Trigger, TriggerResult, isFire, isPurge } from './window-trigger.ts';
import type { OnMergeContext, TriggerContext } from './window-trigger.ts';

const { CONTINUE, FIRE, FIRE_AND_PURGE } = TriggerResult;

/**
 * Models Flink 2.3.0 EventTimeTrigger, ProcessingTimeTrigger, ProcessingTimeoutTrigger and the
 * triggers of GlobalWindows. Invariant: none keeps anything in its fields but its settings.
 */
export class EventTimeTrigger extends Trigger {
  static create(): EventTimeTrigger {
    return new EventTimeTrigger();
  }

  override onElement(
    _element: unknown,
    _timestampMs: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    if (maxTimestampOf(window) <= context.getCurrentWatermark()) return FIRE;
    context.registerEventTimeTimer(maxTimestampOf(window));
    return CONTINUE;
  }

  override onEventTime(timeMs: number, window: TimeWindow): TriggerResult {
    return timeMs === maxTimestampOf(window) ? FIRE : CONTINUE;
  }

  override onProcessingTime(): TriggerResult {
    return CONTINUE;
  }

  override clear(window: TimeWindow, context: TriggerContext): void {
    context.deleteEventTimeTimer(maxTimestampOf(window));
  }

  override canMerge(): boolean {
    return true;
  }

  override onMerge(window: TimeWindow, context: OnMergeContext): void {
    // Behind the watermark the record that made the windows merge fires at once.
    if (maxTimestampOf(window) <= context.getCurrentWatermark()) return;
    context.registerEventTimeTimer(maxTimestampOf(window));
  }
}

/** Fires when the operator's clock passes the end of the window. */
export class ProcessingTimeTrigger extends Trigger {
  static create(): ProcessingTimeTrigger {
    return new ProcessingTimeTrigger();
  }

  override onElement(
    _element: unknown,
    _timestampMs: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    context.registerProcessingTimeTimer(maxTimestampOf(window));
    return CONTINUE;
  }

  override onEventTime(): TriggerResult {
    return CONTINUE;
  }

  override onProcessingTime(): TriggerResult {
    return FIRE;
  }

  override clear(window: TimeWindow, context: TriggerContext): void {
    context.deleteProcessingTimeTimer(maxTimestampOf(window));
  }

  override canMerge(): boolean {
    return true;
  }

  override onMerge(window: TimeWindow, context: OnMergeContext): void {
    if (maxTimestampOf(window) <= context.getCurrentProcessingTime()) return;
    context.registerProcessingTimeTimer(maxTimestampOf(window));
  }
}

/** The default of GlobalWindows: nothing is ever emitted. */
export class NeverTrigger extends Trigger {
  override onElement(): TriggerResult {
    return CONTINUE;
  }

  override onEventTime(): TriggerResult {
    return CONTINUE;
  }

  override onProcessingTime(): TriggerResult {
    return CONTINUE;
  }

  override clear(): void {}
}

/** Fires once, with the last watermark. */
export class EndOfStreamTrigger extends Trigger {
  override onElement(
    _element: unknown,
    _timestampMs: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    context.registerEventTimeTimer(maxTimestampOf(window));
    return CONTINUE;
  }

  override onEventTime(timeMs: number, window: TimeWindow): TriggerResult {
    return timeMs === maxTimestampOf(window) ? FIRE : CONTINUE;
  }

  override onProcessingTime(): TriggerResult {
    return CONTINUE;
  }

  override clear(): void {}
}

const TIMEOUT = new ValueStateDescriptor<number>('timeout');

/** Fires as the nested trigger does, or when this much time of the clock passed without that. */
export class ProcessingTimeoutTrigger<T> extends Trigger<T> {
  readonly nestedTrigger: Trigger<T>;
  readonly timeoutMs: number;
  readonly resetTimerOnNewRecord: boolean;
  readonly shouldClearOnTimeout: boolean;

  private constructor(
    nestedTrigger: Trigger<T>,
    timeoutMs: number,
    resetTimerOnNewRecord: boolean,
    shouldClearOnTimeout: boolean,
  ) {
    super();
    this.nestedTrigger = nestedTrigger;
    this.timeoutMs = timeoutMs;
    this.resetTimerOnNewRecord = resetTimerOnNewRecord;
    this.shouldClearOnTimeout = shouldClearOnTimeout;
  }

  /**
   * With `resetTimerOnNewRecord` every record starts the timeout anew. `shouldClearOnTimeout`
   * clears the nested trigger's state when the timeout fires.
   */
  static of<T>(
    nestedTrigger: Trigger<T>,
    timeoutMs: number,
    resetTimerOnNewRecord = false,
    shouldClearOnTimeout = true,
  ): ProcessingTimeoutTrigger<T> {
    return new ProcessingTimeoutTrigger<T>(
      nestedTrigger,
      timeoutMs,
      resetTimerOnNewRecord,
      shouldClearOnTimeout,
    );
  }

  /** The same with another nested trigger. */
  withNested(nestedTrigger: Trigger<T>): ProcessingTimeoutTrigger<T> {
    const { timeoutMs, resetTimerOnNewRecord, shouldClearOnTimeout } = this;
    return new ProcessingTimeoutTrigger<T>(
      nestedTrigger,
      timeoutMs,
      resetTimerOnNewRecord,
      shouldClearOnTimeout,
    );
  }

  override onElement(
    element: T,
    timestampMs: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    const result = this.nestedTrigger.onElement(element, timestampMs, window, context);
    if (isFire(result)) {
      this.clear(window, context);
      return result;
    }
    const timeout = context.getPartitionedState(TIMEOUT);
    const nextMs = context.getCurrentProcessingTime() + this.timeoutMs;
    let pendingMs = timeout.value();
    if (pendingMs !== null && this.resetTimerOnNewRecord) {
      context.deleteProcessingTimeTimer(pendingMs);
      timeout.clear();
      pendingMs = null;
    }
    if (pendingMs === null) {
      timeout.update(nextMs);
      context.registerProcessingTimeTimer(nextMs);
    }
    return result;
  }

  override onProcessingTime(
    timeMs: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    const result = this.nestedTrigger.onProcessingTime(timeMs, window, context);
    if (this.shouldClearOnTimeout) this.clear(window, context);
    return isPurge(result) ? FIRE_AND_PURGE : FIRE;
  }

  /** As in Flink, any event-time timer counts as a timeout: also that of the clean-up. */
  override onEventTime(timeMs: number, window: TimeWindow, context: TriggerContext): TriggerResult {
    const result = this.nestedTrigger.onEventTime(timeMs, window, context);
    if (this.shouldClearOnTimeout) this.clear(window, context);
    return isPurge(result) ? FIRE_AND_PURGE : FIRE;
  }

  override clear(window: TimeWindow, context: TriggerContext): void {
    const timeout = context.getPartitionedState(TIMEOUT);
    const pendingMs = timeout.value();
    if (pendingMs !== null) {
      context.deleteProcessingTimeTimer(pendingMs);
      timeout.clear();
    }
    this.nestedTrigger.clear(window, context);
  }
}

/** The trigger that an assigner names as its default. */
export function defaultTriggerOf(type: DefaultTrigger): Trigger {
  switch (type) {
    case 'event-time':
      return EventTimeTrigger.create();
    case 'processing-time':
      return ProcessingTimeTrigger.create();
    case 'never':
      return new NeverTrigger();
    case 'end-of-stream':
      return new EndOfStreamTrigger();
  }
}
