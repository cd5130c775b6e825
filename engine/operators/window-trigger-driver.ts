import { ConfigError } from '../core/errors.ts';
import type { StateDescriptor } from '../state/descriptors.ts';
import { WindowTimerQueue } from '../state/window-timers.ts';
import type { WindowTimer, WindowTimerSnapshot } from '../state/window-timers.ts';
import type { TimeWindow } from '../windows/time-window.ts';
import type { OperatorContext } from './operator.ts';
import { TriggerResult } from './window-trigger.ts';
import type { OnMergeContext, StateByDescriptor, Trigger } from './window-trigger.ts';
import type { WindowStateStore } from './window-state.ts';

export interface WindowTimersSnapshot {
  readonly eventTime: WindowTimerSnapshot;
  readonly processingTime: WindowTimerSnapshot;
}

/**
 * Models the trigger context of Flink 2.3.0 WindowOperator: gives a trigger the timers and the
 * state of the current key and one window.
 * Invariant: a processing-time timer fires after its millisecond is over, so that nothing more can
 * be processed at that time (Flink's ProcessingTimeServiceUtil adds 1 ms).
 */
export class WindowTriggerDriver {
  readonly #context: OperatorContext;
  readonly #trigger: Trigger;
  readonly #state: WindowStateStore;
  readonly #eventTimers: WindowTimerQueue;
  readonly #processingTimers: WindowTimerQueue;
  readonly #triggerContext: OnMergeContext;
  #window!: TimeWindow;
  #mergedWindows: readonly TimeWindow[] = [];
  /** The earliest moment for which a call is planned. */
  #wakesAtMs = Infinity;

  constructor(context: OperatorContext, trigger: Trigger, state: WindowStateStore) {
    this.#context = context;
    this.#trigger = trigger;
    this.#state = state;
    this.#eventTimers = new WindowTimerQueue(context, 0);
    this.#processingTimers = new WindowTimerQueue(context, 1);
    this.#triggerContext = this.#createContext();
  }

  /** The operator's clock, in whole ms. */
  clockMs(): number {
    return Math.floor(this.#context.nowMs());
  }

  open(): void {
    this.#planWake();
  }

  onElement(value: unknown, timestampMs: number, window: TimeWindow): TriggerResult {
    this.#window = window;
    return checked(
      this.#trigger,
      this.#trigger.onElement(value, timestampMs, window, this.#triggerContext),
    );
  }

  onEventTime({ timeMs, window }: WindowTimer): TriggerResult {
    this.#window = window;
    return checked(this.#trigger, this.#trigger.onEventTime(timeMs, window, this.#triggerContext));
  }

  onProcessingTime({ timeMs, window }: WindowTimer): TriggerResult {
    this.#window = window;
    return checked(
      this.#trigger,
      this.#trigger.onProcessingTime(timeMs, window, this.#triggerContext),
    );
  }

  onMerge(result: TimeWindow, merged: readonly TimeWindow[]): void {
    this.#window = result;
    this.#mergedWindows = merged;
    this.#trigger.onMerge(result, this.#triggerContext);
  }

  clear(window: TimeWindow): void {
    this.#window = window;
    this.#trigger.clear(window, this.#triggerContext);
  }

  registerTimer(isEventTime: boolean, timeMs: number, window: TimeWindow): void {
    if (isEventTime) this.#eventTimers.register(timeMs, window);
    else if (this.#processingTimers.register(timeMs, window)) this.#planWake();
  }

  deleteTimer(isEventTime: boolean, timeMs: number, window: TimeWindow): void {
    const timers = isEventTime ? this.#eventTimers : this.#processingTimers;
    timers.delete(timeMs, window);
  }

  /** Takes out the next event-time timer that the watermark has reached. */
  nextEventTimer(watermarkMs: number, cause: number): WindowTimer | undefined {
    return this.#eventTimers.fireNext(watermarkMs, cause);
  }

  /** Takes out the next processing-time timer whose time is over; plans the one after the last. */
  nextProcessingTimer(cause: number, untilMs = this.clockMs() - 1): WindowTimer | undefined {
    const timer = this.#processingTimers.fireNext(untilMs, cause);
    if (timer === undefined) {
      this.#wakesAtMs = Infinity;
      this.#planWake();
    }
    return timer;
  }

  timerCount(): number {
    return this.#eventTimers.size + this.#processingTimers.size;
  }

  byteCount(): number {
    return this.#eventTimers.byteCount() + this.#processingTimers.byteCount();
  }

  snapshot(): WindowTimersSnapshot {
    return {
      eventTime: this.#eventTimers.snapshot(),
      processingTime: this.#processingTimers.snapshot(),
    };
  }

  /** Writes every timer into the trace. */
  noteRestored(): void {
    this.#eventTimers.noteRestored();
    this.#processingTimers.noteRestored();
  }

  restore(snapshot: WindowTimersSnapshot): void {
    this.#eventTimers.restore(snapshot.eventTime);
    this.#processingTimers.restore(snapshot.processingTime);
  }

  #planWake(): void {
    const dueMs = this.#processingTimers.peekTimeMs() + 1;
    if (dueMs >= this.#wakesAtMs) return;
    this.#wakesAtMs = dueMs;
    this.#context.wakeAt(dueMs);
  }

  #createContext(): OnMergeContext {
    const stateOf = (descriptor: StateDescriptor): object =>
      this.#state.stateOf(descriptor, this.#window);
    return {
      getCurrentProcessingTime: () => this.clockMs(),
      getCurrentWatermark: () => this.#context.watermarkMs(),
      registerEventTimeTimer: (timeMs) => this.registerTimer(true, timeMs, this.#window),
      registerProcessingTimeTimer: (timeMs) => this.registerTimer(false, timeMs, this.#window),
      deleteEventTimeTimer: (timeMs) => this.deleteTimer(true, timeMs, this.#window),
      deleteProcessingTimeTimer: (timeMs) => this.deleteTimer(false, timeMs, this.#window),
      getPartitionedState: stateOf as unknown as StateByDescriptor,
      mergePartitionedState: (descriptor) =>
        this.#state.merge(descriptor, this.#mergedWindows, this.#window),
    };
  }
}

function checked(trigger: Trigger, result: TriggerResult): TriggerResult {
  if (result === TriggerResult.CONTINUE) return result;
  if (Object.hasOwn(TriggerResult, result as PropertyKey)) return result;
  throw new ConfigError(
    'each method of a trigger must return a TriggerResult',
    `${String(result)} from ${trigger.constructor.name}`,
    'return for example TriggerResult.CONTINUE',
  );
}
