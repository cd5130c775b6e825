import { ConfigError } from '../core/errors.ts';
import type { Key } from '../core/key-table.ts';
import type { EventTimeMs, ProcessingTimeMs } from '../core/time.ts';
import type { AggregatingState, AggregatingStateDescriptor } from '../state/descriptors.ts';
import type { ListState, ListStateDescriptor, MapKey, MapState } from '../state/descriptors.ts';
import type { MapStateDescriptor, ReducingState } from '../state/descriptors.ts';
import type { ReducingStateDescriptor, ValueState } from '../state/descriptors.ts';
import type { ValueStateDescriptor } from '../state/descriptors.ts';
import type { OperatorStateStore } from '../state/operator-state-backend.ts';
import type { TimeWindow } from '../windows/time-window.ts';

/**
 * The functions that users write, in the words of Flink 2.x's DataStream API
 * (`org.apache.flink.streaming.api.functions`, `org.apache.flink.api.common.functions`).
 */
export interface Collector<T> {
  /** Emits one record downstream. Its timestamp is that of the record or timer being handled. */
  collect(record: T): void;
}

/** Names a side output: `new OutputTag<Flight>('late')`. */
export class OutputTag<T> {
  readonly id: string;
  declare readonly recordType?: T;

  /** @throws ConfigError when the id is empty. */
  constructor(id: string) {
    if (typeof id !== 'string' || id === '') {
      throw new ConfigError('an OutputTag must have an id', id, "use for example 'late'");
    }
    this.id = id;
  }
}

export interface TaskInfo {
  /** From 0. */
  getIndexOfThisSubtask(): number;
  getNumberOfParallelSubtasks(): number;
  /** 0 before the first restart. */
  getAttemptNumber(): number;
}

/** State of the current key, by name. */
export interface KeyedStateStore {
  getState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T>;
  getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>;
  getMapState<K extends MapKey, V>(descriptor: MapStateDescriptor<K, V>): MapState<K, V>;
  getReducingState<T>(descriptor: ReducingStateDescriptor<T>): ReducingState<T>;
  getAggregatingState<I, A, O>(
    descriptor: AggregatingStateDescriptor<I, A, O>,
  ): AggregatingState<I, O>;
}

export interface RuntimeContext extends KeyedStateStore {
  getTaskInfo(): TaskInfo;
}

export interface FunctionSnapshotContext {
  getCheckpointId(): number;
}

export interface FunctionInitializationContext {
  /** Whether the job was restored from a checkpoint, as opposed to started afresh. */
  isRestored(): boolean;
  /** State of this parallel instance, of no key. */
  getOperatorStateStore(): OperatorStateStore;
  /** @throws ConfigError when the stream is not keyed. */
  getKeyedStateStore(): KeyedStateStore;
}

/** What a function implements, besides its own interface, to have state of its own subtask. */
export interface CheckpointedFunction {
  /** Called at every checkpoint: the last moment to bring the state up to date. */
  snapshotState(context: FunctionSnapshotContext): void;
  /** Called before `open`, whether the job starts afresh or is restored. */
  initializeState(context: FunctionInitializationContext): void;
}

/** What a function implements to hear that a checkpoint is complete. */
export interface CheckpointListener {
  notifyCheckpointComplete(checkpointId: number): void;
}

/** Passed to `open`; empty, as in Flink. */
export type OpenContext = Readonly<Record<string, never>>;

/** A function with a life: `open` before the first record, `close` after the last. */
export abstract class RichFunction {
  /** Set by the runtime before `open`. */
  boundRuntimeContext: RuntimeContext | undefined;

  /** Called once per subtask and attempt: the place to ask for state. */
  open(_context: OpenContext): void {}

  close(): void {}

  /** @throws ConfigError when called before the runtime has set it, as in a constructor. */
  getRuntimeContext(): RuntimeContext {
    if (this.boundRuntimeContext === undefined) {
      throw new ConfigError(
        'the runtime context has not been initialized',
        'a call before open()',
        'ask for state in open(), not in the constructor or a field initializer',
      );
    }
    return this.boundRuntimeContext;
  }
}

export interface TimerService {
  currentProcessingTime(): ProcessingTimeMs;
  /** `WATERMARK_MIN` before the first watermark. */
  currentWatermark(): EventTimeMs;
  registerEventTimeTimer(timeMs: EventTimeMs): void;
  registerProcessingTimeTimer(timeMs: ProcessingTimeMs): void;
  deleteEventTimeTimer(timeMs: EventTimeMs): void;
  deleteProcessingTimeTimer(timeMs: ProcessingTimeMs): void;
}

export interface ProcessContext<K> {
  /** Event time of the record being handled in ms, or null when it has none. */
  timestamp(): EventTimeMs | null;
  timerService(): TimerService;
  getCurrentKey(): K;
  /** Emits to a side output. */
  output<X>(tag: OutputTag<X>, record: X): void;
}

export interface OnTimerContext<K> extends ProcessContext<K> {
  timeDomain(): 'event-time' | 'processing-time';
}

/** Handles the records of one key at a time, with state and timers of that key. */
export abstract class KeyedProcessFunction<K, I, O> extends RichFunction {
  abstract processElement(value: I, context: ProcessContext<K>, out: Collector<O>): void;

  /** Called when a timer fires that `processElement` or an earlier timer has registered. */
  onTimer(_timestampMs: number, _context: OnTimerContext<K>, _out: Collector<O>): void {}
}

/** Aggregates incrementally: a window keeps one accumulator, not its records. */
export interface AggregateFunction<I, A, O> {
  createAccumulator(): A;
  /** Returns the accumulator to keep; it may be the given one, changed. */
  add(value: I, accumulator: A): A;
  getResult(accumulator: A): O;
  /** Needed by merging (session) windows only. */
  merge(left: A, right: A): A;
}

export interface ProcessWindowContext {
  /** The window that fires or is cleared. */
  window(): TimeWindow;
  currentProcessingTime(): ProcessingTimeMs;
  currentWatermark(): EventTimeMs;
  /**
   * State of the key and this window. What is kept here has to be cleared in `clear`.
   * @throws ConfigError when asked for state of merging windows.
   */
  windowState(): KeyedStateStore;
  /** State of the key, for all its windows. */
  globalState(): KeyedStateStore;
  output<X>(tag: OutputTag<X>, record: X): void;
}

/** Gets a window's contents when it fires. After `aggregate`, `elements` is the one result. */
export abstract class ProcessWindowFunction<I, O, K> extends RichFunction {
  abstract process(
    key: K,
    context: ProcessWindowContext,
    elements: readonly I[],
    out: Collector<O>,
  ): void;

  /** The window is over, at its end plus the allowed lateness. */
  clear(_context: ProcessWindowContext): void {}
}

/** The same for windows over a stream without keys. */
export abstract class ProcessAllWindowFunction<I, O> extends RichFunction {
  abstract process(context: ProcessWindowContext, elements: readonly I[], out: Collector<O>): void;

  /** The window is over, at its end plus the allowed lateness. */
  clear(_context: ProcessWindowContext): void {}
}

export type MapFunction<I, O> = (value: I) => O;
export type FilterFunction<I> = (value: I) => boolean;
export type FlatMapFunction<I, O> = (value: I, out: Collector<O>) => void;
export type ReduceFunction<T> = (left: T, right: T) => T;
export type KeySelector<T, K extends Key> = (value: T) => K;
