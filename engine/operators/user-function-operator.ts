import { ConfigError } from '../core/errors.ts';
import { NO_TIMESTAMP } from '../time/watermark-strategy.ts';
import { emitRecord } from './emission.ts';
import { FunctionState } from './function-state.ts';
import type { Collector, RichFunction, TimerService } from './functions.ts';
import type { Operator, OperatorContext, OperatorSnapshot } from './operator.ts';

/** A function that may have a life of its own. */
export type UserFunction = Partial<RichFunction>;

/**
 * An operator around a user's function, with the function's state. Models Flink 2.3
 * AbstractUdfStreamOperator.
 */
export abstract class UserFunctionOperator implements Operator {
  protected readonly context: OperatorContext;
  protected readonly state: FunctionState;
  /** Emits with the timestamp of what is being handled. */
  protected readonly out: Collector<unknown>;
  /** Timestamp of the record or timer being handled, as its outputs get it. */
  protected timestampMs = NO_TIMESTAMP;
  readonly #function: UserFunction;

  constructor(context: OperatorContext, userFunction: UserFunction, isKeyed: boolean) {
    this.context = context;
    this.#function = userFunction;
    this.state = new FunctionState(context, userFunction, isKeyed);
    this.out = { collect: (record) => emitRecord(context, record, this.timestampMs) };
    userFunction.boundRuntimeContext = this.state.runtimeContext;
  }

  open(): void {
    this.state.initialize();
    this.#function.open?.({});
  }

  abstract processRecord(value: unknown, timestampMs: number, key: number, cause: number): void;

  processWatermark(_watermarkMs: number, _cause: number): void {}

  onProcessingTime(_cause: number): void {}

  endKey(cause: number): void {
    this.context.callbackRow = cause;
    this.state.keyed?.clearAll();
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    return this.state.snapshot(checkpointId);
  }

  restore(snapshot: OperatorSnapshot): void {
    this.state.restore(snapshot);
  }

  entryCount(): number {
    return this.state.entryCount();
  }

  byteCount(): number {
    return this.state.byteCount();
  }

  notifyCheckpointComplete(checkpointId: number, cause: number): void {
    this.context.callbackRow = cause;
    this.state.notifyCheckpointComplete(checkpointId);
  }

  finish(_cause: number): void {
    this.#function.close?.();
  }

  /** Before a record is handed to the function. */
  protected begin(timestampMs: number, key: number, cause: number): void {
    this.context.currentKey = key;
    this.context.callbackRow = cause;
    this.timestampMs = timestampMs;
    this.state.keyed?.onRecord();
  }

  protected timestampOrNull(): number | null {
    return this.timestampMs === NO_TIMESTAMP ? null : this.timestampMs;
  }
}

/** Tells the time but refuses timers: they belong to keys. Models Flink 2.3 ProcessOperator. */
export function timersRefused(context: OperatorContext): TimerService {
  const refuse = (what: string) => (): never => {
    throw new ConfigError(
      `${what} timers is only supported on a keyed stream`,
      'a call on a stream without keys',
      'call keyBy() first and use a function for keyed streams, such as KeyedProcessFunction',
    );
  };
  return {
    currentProcessingTime: () => context.nowMs(),
    currentWatermark: () => context.watermarkMs(),
    registerEventTimeTimer: refuse('setting'),
    registerProcessingTimeTimer: refuse('setting'),
    deleteEventTimeTimer: refuse('deleting'),
    deleteProcessingTimeTimer: refuse('deleting'),
  };
}
