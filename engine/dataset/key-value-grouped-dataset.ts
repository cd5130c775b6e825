import { ConfigError } from '../core/errors.ts';
import type { Dataset } from './dataset.ts';
import type {
  GroupFunction,
  LogicalPlan,
  OutputMode,
  GroupStateTimeout as Timeout,
} from './plan.ts';
import { StatefulProcessorWithInitialState } from './stateful-processor.ts';
import type { StatefulProcessor, TimeModeName } from './stateful-processor.ts';
import type { Row, Value } from './value.ts';

/** Models Spark 4.x's GroupState: one value per key, and one timeout. Times are ms. */
export interface GroupState<S> {
  readonly exists: boolean;
  /** @throws ConfigError when there is none. */
  get(): S;
  getOption(): S | undefined;
  update(state: S): void;
  remove(): void;
  /** Whether this call is because of the timeout. */
  readonly hasTimedOut: boolean;
  /** @throws ConfigError unless the timeout is of processing time. */
  setTimeoutDuration(duration: string | number): void;
  /** @throws ConfigError unless the timeout is of event time, and at or after the watermark. */
  setTimeoutTimestamp(timestampMs: number): void;
  getCurrentWatermarkMs(): number;
  getCurrentProcessingTimeMs(): number;
}

/** Timeouts of state that nobody asks for any more. */
export const GroupStateTimeout = {
  NoTimeout: 'NoTimeout',
  ProcessingTimeTimeout: 'ProcessingTimeTimeout',
  EventTimeTimeout: 'EventTimeTimeout',
} as const satisfies { readonly [K in Timeout]: K };
export type GroupStateTimeout = Timeout;

/** Models Spark 4.x's KeyValueGroupedDataset: rows by a key that a function gives. */
export class KeyValueGroupedDataset<R, K extends Value> {
  readonly #child: LogicalPlan;
  readonly #key: (row: Row) => Value;
  readonly #create: (plan: LogicalPlan) => Dataset<unknown>;

  constructor(
    child: LogicalPlan,
    key: (row: Row) => Value,
    create: (plan: LogicalPlan) => Dataset<unknown>,
  ) {
    this.#child = child;
    this.#key = key;
    this.#create = create;
  }

  /** Called for each key with rows, and for each whose timeout has passed; gives any rows. */
  flatMapGroupsWithState<S extends Value, U extends Row>(
    columns: readonly (keyof U & string)[],
    outputMode: 'append' | 'update',
    timeout: Timeout,
    act: (key: K, rows: readonly R[], state: GroupState<S>) => readonly U[],
  ): Dataset<U> {
    return this.#stateful(columns, outputMode, timeout, false, act as unknown as GroupFunction);
  }

  /** As flatMapGroupsWithState, with exactly one row a call, in update mode. */
  mapGroupsWithState<S extends Value, U extends Row>(
    columns: readonly (keyof U & string)[],
    timeout: Timeout,
    act: (key: K, rows: readonly R[], state: GroupState<S>) => U,
  ): Dataset<U> {
    const each = act as unknown as (key: Value, rows: readonly Row[], state: unknown) => Row;
    const all: GroupFunction = (key, rows, state) => [each(key, rows, state)];
    return this.#stateful(columns, 'update', timeout, true, all);
  }

  /**
   * A processor with state variables and timers. Instead of a time mode, the name of a column of
   * the results may be given: it carries event time for operators behind, and the mode is
   * EventTime. `initialState` is a table, grouped by the same keys.
   */
  transformWithState<U extends Row, S = never>(
    columns: readonly (keyof U & string)[],
    processor: StatefulProcessor<K, R, U>,
    timeMode: TimeModeName | { readonly eventTimeColumn: keyof U & string },
    outputMode: OutputMode,
    initialState?: KeyValueGroupedDataset<S, K>,
  ): Dataset<U> {
    const takesInitialState = processor instanceof StatefulProcessorWithInitialState;
    if (initialState !== undefined && !takesInitialState) {
      throw new ConfigError(
        'initial state needs a processor that takes it',
        processor.constructor.name,
        'extend StatefulProcessorWithInitialState',
      );
    }
    const isColumn = typeof timeMode === 'object';
    return this.#create({
      type: 'transform-with-state',
      child: this.#child,
      key: this.#key,
      columns,
      outputMode,
      timeMode: isColumn ? 'EventTime' : timeMode,
      processor: processor as unknown as StatefulProcessor<Value, Row, Row>,
      initialState:
        initialState === undefined
          ? undefined
          : { plan: initialState.#child, key: initialState.#key },
      eventTimeColumn: isColumn ? timeMode.eventTimeColumn : undefined,
    }) as Dataset<U>;
  }

  #stateful<U>(
    columns: readonly string[],
    outputMode: 'append' | 'update',
    timeout: Timeout,
    isMap: boolean,
    act: GroupFunction,
  ): Dataset<U> {
    return this.#create({
      type: 'groups-with-state',
      child: this.#child,
      key: this.#key,
      columns,
      outputMode,
      timeout,
      isMap,
      act,
    }) as Dataset<U>;
  }
}
