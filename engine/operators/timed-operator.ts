import type { KeyedStateBackend } from '../state/keyed-state-backend.ts';
import { TimerQueue } from '../state/timers.ts';
import { NO_TIMESTAMP } from '../time/watermark-strategy.ts';
import type { OnTimerContext, TimerService } from './functions.ts';
import type { OperatorContext, OperatorSnapshot } from './operator.ts';
import { UserFunctionOperator } from './user-function-operator.ts';
import type { UserFunction } from './user-function-operator.ts';

/**
 * An operator around a function that has timers of keys. Models what Flink 2.3
 * KeyedCoProcessOperator and CoBroadcastWithKeyedOperator have in common: one timer service for
 * both inputs. What an event-time timer emits carries the timer's time; what a processing-time
 * timer emits has no timestamp, but the context tells the timer's time, and side outputs carry it.
 * Invariant: the current key is set before any user code of a timer runs; a processing-time timer
 * fires when its millisecond is over, also when another one has made the operator look.
 */
export abstract class TimedOperator extends UserFunctionOperator {
  protected readonly keyed: KeyedStateBackend;
  protected readonly timerService: TimerService;
  /** For records and timers alike. */
  protected readonly callContext: OnTimerContext<unknown>;
  readonly #eventTimers: TimerQueue;
  readonly #processingTimers: TimerQueue;
  #domain: 'event-time' | 'processing-time' = 'event-time';
  /** Time of the timer that is firing; undefined while a record is handled. */
  #timerMs: number | undefined;

  constructor(context: OperatorContext, userFunction: UserFunction) {
    super(context, userFunction, true);
    this.keyed = this.state.keyed as KeyedStateBackend;
    this.#eventTimers = new TimerQueue(context, 0);
    this.#processingTimers = new TimerQueue(context, 1);
    this.timerService = this.#createTimerService();
    this.callContext = {
      timestamp: () => this.#timerMs ?? this.timestampOrNull(),
      timerService: () => this.timerService,
      getCurrentKey: () => context.keys.valueOf(context.currentKey),
      output: (tag, record) =>
        context.emitSideOutput(tag.id, record, this.#timerMs ?? this.timestampMs),
      timeDomain: () => this.#domain,
    };
  }

  override open(): void {
    super.open();
    this.#wakeForTimers();
  }

  override processWatermark(watermarkMs: number, cause: number): void {
    this.#domain = 'event-time';
    for (;;) {
      const timeMs = this.#eventTimers.fireNext(watermarkMs, cause);
      if (timeMs === undefined) break;
      this.timestampMs = timeMs;
      this.#timerMs = timeMs;
      this.onTimer(timeMs);
    }
    this.#timerMs = undefined;
  }

  override onProcessingTime(cause: number): void {
    this.#domain = 'processing-time';
    this.#fireProcessingTimers(cause, () => Math.floor(this.context.nowMs()) - 1);
    this.#wakeForTimers();
  }

  override endKey(cause: number): void {
    this.#domain = 'processing-time';
    this.#fireProcessingTimers(cause, () => Infinity);
    super.endKey(cause);
  }

  override snapshot(checkpointId: number): OperatorSnapshot {
    return {
      ...super.snapshot(checkpointId),
      eventTimers: this.#eventTimers.snapshot(),
      processingTimers: this.#processingTimers.snapshot(),
    };
  }

  override restore(snapshot: OperatorSnapshot): void {
    super.restore(snapshot);
    const { eventTimers, processingTimers } = snapshot;
    if (eventTimers !== undefined) this.#eventTimers.restore(eventTimers);
    if (processingTimers !== undefined) this.#processingTimers.restore(processingTimers);
  }

  noteRestored(cause: number): void {
    this.context.callbackRow = cause;
    this.keyed.noteRestored();
    this.#eventTimers.noteRestored();
    this.#processingTimers.noteRestored();
  }

  override entryCount(): number {
    return super.entryCount() + this.#eventTimers.size + this.#processingTimers.size;
  }

  override byteCount(): number {
    const timerBytes = this.#eventTimers.byteCount() + this.#processingTimers.byteCount();
    return super.byteCount() + timerBytes;
  }

  /** A timer fires; its key is current. */
  protected abstract onTimer(timeMs: number): void;

  #fireProcessingTimers(cause: number, untilMs: () => number): void {
    for (;;) {
      const timeMs = this.#processingTimers.fireNext(untilMs(), cause);
      if (timeMs === undefined) break;
      this.timestampMs = NO_TIMESTAMP;
      this.#timerMs = timeMs;
      this.onTimer(timeMs);
    }
    this.#timerMs = undefined;
  }

  #wakeForTimers(): void {
    const dueMs = this.#processingTimers.peekTimeMs();
    if (dueMs !== Infinity) this.context.wakeAt(wakeTimeMs(dueMs));
  }

  #createTimerService(): TimerService {
    const { context } = this;
    return {
      currentProcessingTime: () => context.nowMs(),
      currentWatermark: () => context.watermarkMs(),
      registerEventTimeTimer: (timeMs) => {
        this.#eventTimers.register(timeMs);
      },
      deleteEventTimeTimer: (timeMs) => this.#eventTimers.delete(timeMs),
      registerProcessingTimeTimer: (timeMs) => {
        if (this.#processingTimers.register(timeMs)) context.wakeAt(wakeTimeMs(timeMs));
      },
      deleteProcessingTimeTimer: (timeMs) => this.#processingTimers.delete(timeMs),
    };
  }
}

/**
 * Flink 2.3 SystemProcessingTimeService lets a timer fire 1 ms after its time
 * (ProcessingTimeServiceUtil), so that no record of that time comes behind it.
 */
function wakeTimeMs(timeMs: number): number {
  return timeMs + 1;
}
