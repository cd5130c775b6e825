import { ConfigError } from '../core/errors.ts';
import { parseInterval } from './interval.ts';
import type { OutputMode } from './plan.ts';
import type { Row, Value } from './value.ts';

/** What the timers of a processor count in. */
export type TimeModeName = 'None' | 'ProcessingTime' | 'EventTime';

/** Models Spark 4.x's TimeMode: timers need one, expiring state needs ProcessingTime. */
export const TimeMode = {
  None: (): TimeModeName => 'None',
  ProcessingTime: (): TimeModeName => 'ProcessingTime',
  EventTime: (): TimeModeName => 'EventTime',
};

/** Models Spark 4.x's TTLConfig: how long a value lives after it was written, batch time. */
export class TTLConfig {
  static readonly NONE = new TTLConfig(0);
  readonly ttlDurationMs: number;

  /** A length such as '10 minutes', or ms; 0: for ever. */
  constructor(duration: string | number) {
    this.ttlDurationMs = typeof duration === 'number' ? duration : parseInterval(duration);
  }
}

/** One value of the current key. Every read gives a copy: changing it changes no state. */
export interface ValueState<S extends Value> {
  exists(): boolean;
  get(): S | null;
  update(value: S): void;
  clear(): void;
}

/** Several values of the current key, in the order in which they were added. */
export interface ListState<S extends Value> {
  exists(): boolean;
  get(): readonly S[];
  /** Replaces what is there. */
  put(values: readonly S[]): void;
  appendValue(value: S): void;
  appendList(values: readonly S[]): void;
  clear(): void;
}

/** Values of the current key by another key. */
export interface MapState<K extends Value, V extends Value> {
  exists(): boolean;
  getValue(key: K): V | null;
  containsKey(key: K): boolean;
  updateValue(key: K, value: V): void;
  iterator(): readonly (readonly [K, V])[];
  keys(): readonly K[];
  values(): readonly V[];
  removeKey(key: K): void;
  clear(): void;
}

/** What a processor asks the runtime for. State is asked for in init() only. */
export interface StatefulProcessorHandle {
  getValueState<S extends Value>(name: string, ttl?: TTLConfig): ValueState<S>;
  getListState<S extends Value>(name: string, ttl?: TTLConfig): ListState<S>;
  getMapState<K extends Value, V extends Value>(name: string, ttl?: TTLConfig): MapState<K, V>;
  /** For the current key, at a time in ms. The same time twice is one timer. */
  registerTimer(expiryTimestampMs: number): void;
  deleteTimer(expiryTimestampMs: number): void;
  /** Times of the current key's timers, the earliest first; one that fires is still among them. */
  listTimers(): readonly number[];
  /** Drops a variable that an earlier version of the query had, for all keys. In init() only. */
  deleteIfExists(name: string): void;
  getQueryInfo(): { readonly batchId: number };
}

/** The times of a batch; -1 where there is none. */
export interface TimerValues {
  getCurrentProcessingTimeInMs(): number;
  getCurrentWatermarkInMs(): number;
}

/** The timer that fires. */
export interface ExpiredTimerInfo {
  getExpiryTimeInMs(): number;
}

/**
 * Models Spark 4.x's StatefulProcessor: all rows that a batch has for a key come in one call, in
 * no order that may be relied on. Each task of each batch works on a fresh copy of the processor:
 * what has to last belongs into state, a field is forgotten.
 */
export abstract class StatefulProcessor<K extends Value, I, O extends Row> {
  protected handle: StatefulProcessorHandle | undefined;

  /** Before the first row of a task: the place to get state. */
  abstract init(outputMode: OutputMode, timeMode: TimeModeName): void;

  abstract handleInputRows(key: K, rows: readonly I[], timerValues: TimerValues): Iterable<O>;

  /** Called for every timer that has expired, after all rows. */
  handleExpiredTimer(
    _key: K,
    _timerValues: TimerValues,
    _expiredTimerInfo: ExpiredTimerInfo,
  ): Iterable<O> {
    return [];
  }

  /** After the last row of a task. */
  close(): void {}

  /** @throws ConfigError outside of transformWithState. */
  getHandle(): StatefulProcessorHandle {
    if (this.handle !== undefined) return this.handle;
    throw new ConfigError(
      '[STATE_STORE_HANDLE_NOT_INITIALIZED] The handle has not been initialized for this ' +
        'StatefulProcessor',
      this.constructor.name,
      'use it within transformWithState only: get state in init(), not in the constructor',
    );
  }

  /** For the runtime: gives the processor its handle, and takes it back. */
  setHandle(handle: StatefulProcessorHandle | undefined): void {
    this.handle = handle;
  }
}

/** A processor whose state begins with rows of a table: batch 0 hands them over, before its own. */
export abstract class StatefulProcessorWithInitialState<
  K extends Value,
  I,
  O extends Row,
  S,
> extends StatefulProcessor<K, I, O> {
  abstract handleInitialState(key: K, initialState: S, timerValues: TimerValues): void;
}
