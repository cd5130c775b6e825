import { KeyTable } from '../../../engine/core/key-table.ts';
import { WATERMARK_MIN } from '../../../engine/core/time.ts';
import type { Operator, OperatorContext } from '../../../engine/operators/operator.ts';
import type { StateBackendType } from '../../../engine/state/state-context.ts';
import { Recorder } from '../../../engine/trace/recorder.ts';

/** What an operator has let out: to its output, or to a side output. */
export interface News {
  readonly tag: string | undefined;
  readonly value: unknown;
  readonly timestampMs: number;
}

/** Runs one operator by hand, as Flink's KeyedOneInputStreamOperatorTestHarness does. */
export class OperatorHarness {
  readonly keys = new KeyTable();
  operator: Operator;
  readonly #create: (context: OperatorContext) => Operator;
  readonly #backendType: StateBackendType;
  readonly #news: News[] = [];
  #nowMs = 0;
  #watermarkMs = WATERMARK_MIN;

  constructor(
    create: (context: OperatorContext) => Operator,
    backendType: StateBackendType = 'hashmap',
  ) {
    this.#create = create;
    this.#backendType = backendType;
    this.operator = create(this.#createContext());
    this.operator.open();
  }

  record(key: string, value: unknown, timestampMs: number): void {
    this.operator.processRecord(value, timestampMs, this.keys.intern(key), -1);
  }

  watermark(watermarkMs: number): void {
    this.#watermarkMs = watermarkMs;
    this.operator.processWatermark(watermarkMs, -1);
  }

  /** As in Flink's harness, timers of this very millisecond fire. */
  processingTime(nowMs: number): void {
    this.#nowMs = nowMs + 1;
    this.operator.onProcessingTime(-1);
    this.#nowMs = nowMs;
  }

  takeNews(): News[] {
    return this.#news.splice(0);
  }

  /** Replaces the operator by one with the state of its snapshot. Watermarks are not restored. */
  restart(keepsWatermark = false, create = this.#create): void {
    const snapshot = JSON.parse(JSON.stringify(this.operator.snapshot(1)));
    this.operator = create(this.#createContext());
    this.operator.restore(snapshot);
    if (!keepsWatermark) this.#watermarkMs = WATERMARK_MIN;
    this.operator.open();
  }

  #createContext(): OperatorContext {
    const emit = (tag: string | undefined, value: unknown, timestampMs: number): void => {
      this.#news.push({ tag, value, timestampMs });
    };
    return {
      recorder: new Recorder(false),
      keys: this.keys,
      subtask: 0,
      currentKey: -1,
      callbackRow: -1,
      output: { emit: (value, timestampMs) => emit(undefined, value, timestampMs) },
      taskInfo: {
        getIndexOfThisSubtask: () => 0,
        getNumberOfParallelSubtasks: () => 1,
        getAttemptNumber: () => 0,
      },
      backendType: this.#backendType,
      hasCheckpoints: true,
      nowMs: () => this.#nowMs,
      watermarkMs: () => this.#watermarkMs,
      wakeAt: () => undefined,
      planCall: () => ({ isCancelled: false }),
      cancelCall: () => undefined,
      holdInput: () => undefined,
      forwardWatermark: () => undefined,
      registerState: () => 0,
      emitSideOutput: (tag, value, timestampMs) => emit(tag, value, timestampMs),
    };
  }
}
