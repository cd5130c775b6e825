import type { KeyedStateBackend } from '../state/keyed-state-backend.ts';
import { TimerQueue } from '../state/timers.ts';
import { NO_TIMESTAMP } from '../time/watermark-strategy.ts';
import { emitRecord } from './emission.ts';
import { FunctionState } from './function-state.ts';
import type { Collector, KeyedProcessFunction, OnTimerContext } from './functions.ts';
import type { Operator, OperatorContext, OperatorSnapshot } from './operator.ts';

/**
 * Models Flink 2.x KeyedProcessOperator. Never drops a late record. What an event-time timer emits
 * carries the timer's time; what a processing-time timer emits has no timestamp.
 * Invariant: the current key is set before any user code runs.
 */
export class KeyedProcessOperator implements Operator {
  readonly #context: OperatorContext;
  readonly #function: KeyedProcessFunction<unknown, unknown, unknown>;
  readonly #state: FunctionState;
  readonly #backend: KeyedStateBackend;
  readonly #eventTimers: TimerQueue;
  readonly #processingTimers: TimerQueue;
  readonly #out: Collector<unknown>;
  readonly #processContext: OnTimerContext<unknown>;
  #timestampMs = NO_TIMESTAMP;
  #domain: 'event-time' | 'processing-time' = 'event-time';

  constructor(
    context: OperatorContext,
    userFunction: KeyedProcessFunction<unknown, unknown, unknown>,
  ) {
    this.#context = context;
    this.#function = userFunction;
    this.#state = new FunctionState(context, userFunction, true);
    this.#backend = this.#state.keyed as KeyedStateBackend;
    this.#eventTimers = new TimerQueue(context, 0);
    this.#processingTimers = new TimerQueue(context, 1);
    this.#out = { collect: (record) => emitRecord(context, record, this.#timestampMs) };
    this.#processContext = this.#createProcessContext();
    userFunction.boundRuntimeContext = this.#state.runtimeContext;
  }

  open(): void {
    this.#state.initialize();
    this.#function.open({});
    const dueMs = this.#processingTimers.peekTimeMs();
    if (dueMs !== Infinity) this.#context.wakeAt(dueMs);
  }

  processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.#context.currentKey = key;
    this.#context.callbackRow = cause;
    this.#timestampMs = timestampMs;
    this.#backend.onRecord();
    this.#function.processElement(value, this.#processContext, this.#out);
  }

  processWatermark(watermarkMs: number, cause: number): void {
    for (;;) {
      const timeMs = this.#eventTimers.fireNext(watermarkMs, cause);
      if (timeMs === undefined) return;
      this.#domain = 'event-time';
      this.#timestampMs = timeMs;
      this.#function.onTimer(timeMs, this.#processContext, this.#out);
    }
  }

  onProcessingTime(cause: number): void {
    for (;;) {
      const timeMs = this.#processingTimers.fireNext(this.#context.nowMs(), cause);
      if (timeMs === undefined) break;
      this.#domain = 'processing-time';
      this.#timestampMs = NO_TIMESTAMP;
      this.#function.onTimer(timeMs, this.#processContext, this.#out);
    }
    const dueMs = this.#processingTimers.peekTimeMs();
    if (dueMs !== Infinity) this.#context.wakeAt(dueMs);
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    return {
      ...this.#state.snapshot(checkpointId),
      eventTimers: this.#eventTimers.snapshot(),
      processingTimers: this.#processingTimers.snapshot(),
    };
  }

  restore(snapshot: OperatorSnapshot): void {
    this.#state.restore(snapshot);
    if (snapshot.eventTimers !== undefined) this.#eventTimers.restore(snapshot.eventTimers);
    if (snapshot.processingTimers !== undefined) {
      this.#processingTimers.restore(snapshot.processingTimers);
    }
  }

  noteRestored(cause: number): void {
    this.#context.callbackRow = cause;
    this.#backend.noteRestored();
    this.#eventTimers.noteRestored();
    this.#processingTimers.noteRestored();
  }

  entryCount(): number {
    return this.#state.entryCount() + this.#eventTimers.size + this.#processingTimers.size;
  }

  byteCount(): number {
    const timerBytes = this.#eventTimers.byteCount() + this.#processingTimers.byteCount();
    return this.#state.byteCount() + timerBytes;
  }

  notifyCheckpointComplete(checkpointId: number, cause: number): void {
    this.#context.callbackRow = cause;
    this.#state.notifyCheckpointComplete(checkpointId);
  }

  #createProcessContext(): OnTimerContext<unknown> {
    const context = this.#context;
    const timerService = {
      currentProcessingTime: () => context.nowMs(),
      currentWatermark: () => context.watermarkMs(),
      registerEventTimeTimer: (timeMs: number) => {
        this.#eventTimers.register(timeMs);
      },
      deleteEventTimeTimer: (timeMs: number) => this.#eventTimers.delete(timeMs),
      registerProcessingTimeTimer: (timeMs: number) => {
        if (this.#processingTimers.register(timeMs)) context.wakeAt(timeMs);
      },
      deleteProcessingTimeTimer: (timeMs: number) => this.#processingTimers.delete(timeMs),
    };
    return {
      timestamp: () => (this.#timestampMs === NO_TIMESTAMP ? null : this.#timestampMs),
      timerService: () => timerService,
      getCurrentKey: () => context.keys.valueOf(context.currentKey),
      output: (tag, record) => context.emitSideOutput(tag.id, record, this.#timestampMs),
      timeDomain: () => this.#domain,
    };
  }
}
