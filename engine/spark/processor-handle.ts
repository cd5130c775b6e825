import { ConfigError } from '../core/errors.ts';
import { TTLConfig } from '../dataset/stateful-processor.ts';
import type {
  ListState,
  MapState,
  StatefulProcessorHandle,
  TimeModeName,
  ValueState,
} from '../dataset/stateful-processor.ts';
import type { Value } from '../dataset/value.ts';
import type { Batch } from './batch.ts';
import { ProcessorTimers } from './processor-timers.ts';
import { ListVariable, MapVariable, ValueVariable } from './state-variables.ts';
import type { ExpiringVariable, TaskState } from './state-variables.ts';

/** Kinds of state variables, by Spark's names. */
export type VariableType = 'ValueState' | 'ListState' | 'MapState';

/** Where a task is: state is got in CREATED; timers need INITIALIZED or DATA_PROCESSED. */
type HandleState =
  'PRE_INIT' | 'CREATED' | 'INITIALIZED' | 'DATA_PROCESSED' | 'TIMER_PROCESSED' | 'CLOSED';

function badHandleState(operation: string, state: HandleState, remedy: string): ConfigError {
  return new ConfigError(
    '[STATEFUL_PROCESSOR_CANNOT_PERFORM_OPERATION_WITH_INVALID_HANDLE_STATE] Failed to perform ' +
      `stateful processor operation=${operation}`,
    `handle state=${state}`,
    remedy,
  );
}

function checkTtl(name: string, ttl: TTLConfig, timeMode: TimeModeName): void {
  if (ttl.ttlDurationMs === 0) return;
  if (timeMode !== 'ProcessingTime') {
    throw new ConfigError(
      '[STATEFUL_PROCESSOR_INCORRECT_TIME_MODE_TO_ASSIGN_TTL] Cannot use TTL for ' +
        `state=${name} in timeMode=${timeMode}`,
      timeMode,
      'use TimeMode.ProcessingTime() instead',
    );
  }
  if (ttl.ttlDurationMs > 0) return;
  throw new ConfigError(
    '[STATEFUL_PROCESSOR_TTL_DURATION_MUST_BE_POSITIVE] TTL duration must be greater than zero ' +
      `for State store operation=update on state=${name}`,
    ttl.ttlDurationMs,
    'give a length > 0, or TTLConfig.NONE',
  );
}

/**
 * The handle of one task of one batch. Models Spark 4.2.0 StatefulProcessorHandleImpl: what may be
 * called depends on where the task is, state and timers belong to the key of the call.
 */
export class ProcessorHandle implements StatefulProcessorHandle {
  state: HandleState = 'CREATED';
  /** Of this call; undefined between calls. */
  key: { readonly value: Value } | undefined;
  readonly task: TaskState;
  readonly #batch: Batch;
  readonly #timeMode: TimeModeName;
  readonly #operator: number;
  readonly #timers: ProcessorTimers;
  readonly #expiring: ExpiringVariable[] = [];

  constructor(batch: Batch, operator: number, partition: number, timeMode: TimeModeName) {
    this.#batch = batch;
    this.#operator = operator;
    this.#timeMode = timeMode;
    const store = batch.store(operator, partition);
    this.#timers = new ProcessorTimers(store);
    this.task = {
      store,
      batchMs: batch.timestampMs,
      updatedCount: 0,
      removedCount: 0,
      currentKey: (variable) => this.#currentKey(variable),
      changed: (key, value) => {
        if (value === undefined) batch.listener?.removed(operator, partition, key);
        else batch.listener?.updated(operator, partition, key, value);
      },
    };
  }

  getValueState<S extends Value>(name: string, ttl = TTLConfig.NONE): ValueState<S> {
    const variable = this.#define('get_value_state', name, 'ValueState', ttl);
    return variable as unknown as ValueState<S>;
  }

  getListState<S extends Value>(name: string, ttl = TTLConfig.NONE): ListState<S> {
    const variable = this.#define('get_list_state', name, 'ListState', ttl);
    return variable as unknown as ListState<S>;
  }

  getMapState<K extends Value, V extends Value>(
    name: string,
    ttl = TTLConfig.NONE,
  ): MapState<K, V> {
    const variable = this.#define('get_map_state', name, 'MapState', ttl);
    return variable as unknown as MapState<K, V>;
  }

  registerTimer(expiryTimestampMs: number): void {
    this.#checkTimers('register_timer');
    if (!Number.isSafeInteger(expiryTimestampMs)) {
      throw new ConfigError(
        'a timer must be set for a whole number of ms',
        expiryTimestampMs,
        'round it: a timer is a long in Spark',
      );
    }
    this.#timers.register(this.#currentKey('$timers'), expiryTimestampMs);
    this.count('numRegisteredTimers', 1);
  }

  deleteTimer(expiryTimestampMs: number): void {
    this.#checkTimers('delete_timer');
    this.#timers.delete(this.#currentKey('$timers'), expiryTimestampMs);
    this.count('numDeletedTimers', 1);
  }

  listTimers(): readonly number[] {
    this.#checkTimers('list_timers');
    return this.#timers.list(this.#currentKey('$timers'));
  }

  /** Timers that have expired, before any of them is handled. */
  expiredTimers(untilMs: number): ReturnType<ProcessorTimers['expired']> {
    return this.#timers.expired(untilMs);
  }

  deleteIfExists(name: string): void {
    this.#checkCreated('delete_if_exists');
    let count = 0;
    for (const [id, { key }] of this.task.store.entries()) {
      if (!id.startsWith(`${name}\u0002`) && !id.startsWith(`$ttl_${name}\u0002`)) continue;
      this.task.store.remove(id);
      if (key.length > 0) this.task.changed(key, undefined);
      count += 1;
    }
    if (count > 0) this.count('numDeletedStateVars', 1);
  }

  getQueryInfo(): { readonly batchId: number } {
    return { batchId: this.#batch.batchId };
  }

  /** Removes expired values of all keys, as the last thing of a batch. */
  clearExpired(): void {
    for (const variable of this.#expiring) {
      this.count('numValuesRemovedDueToTTLExpiry', variable.clearExpired());
    }
  }

  /** Adds to one of the operator's own numbers. */
  count(name: string, by: number): void {
    const { customMetrics } = this.#batch.metrics(this.#operator);
    customMetrics.set(name, (customMetrics.get(name) ?? 0) + by);
  }

  #define(
    operation: string,
    name: string,
    type: VariableType,
    ttl: TTLConfig,
  ): ValueVariable | ListVariable | MapVariable {
    this.#checkCreated(operation);
    checkTtl(name, ttl, this.#timeMode);
    const { ttlDurationMs } = ttl;
    const create = { ValueState: ValueVariable, ListState: ListVariable, MapState: MapVariable };
    const variable = new create[type](this.task, name, ttlDurationMs);
    this.count(`num${type}${ttlDurationMs > 0 ? 'WithTTL' : ''}Vars`, 1);
    if (ttlDurationMs > 0) this.#expiring.push(variable);
    return variable;
  }

  #checkCreated(operation: string): void {
    if (this.state === 'CREATED') return;
    throw badHandleState(operation, this.state, 'get state in init(), and keep it in a field');
  }

  #checkTimers(operation: string): void {
    if (this.#timeMode === 'None') {
      throw new ConfigError(
        '[STATEFUL_PROCESSOR_CANNOT_PERFORM_OPERATION_WITH_INVALID_TIME_MODE] Failed to perform ' +
          `stateful processor operation=${operation}`,
        `timeMode=${this.#timeMode}`,
        'give TimeMode.ProcessingTime() or TimeMode.EventTime()',
      );
    }
    if (this.state === 'INITIALIZED' || this.state === 'DATA_PROCESSED') return;
    throw badHandleState(operation, this.state, 'use timers in handleInputRows() and later');
  }

  #currentKey(variable: string): Value {
    if (this.key !== undefined) return this.key.value;
    throw new ConfigError(
      `[INTERNAL_ERROR_TWS] Implicit key not found in state store for stateName=${variable}`,
      'no key',
      'use state and timers in handleInputRows(), handleExpiredTimer() or handleInitialState()',
    );
  }
}

/**
 * The handle that init() gets first, on the driver: it only notes which variables there are.
 * Models Spark 4.2.0 DriverStatefulProcessorHandleImpl.
 */
export class DriverHandle implements StatefulProcessorHandle {
  readonly variables = new Map<string, VariableType>();
  readonly #timeMode: TimeModeName;

  constructor(timeMode: TimeModeName) {
    this.#timeMode = timeMode;
  }

  getValueState<S extends Value>(name: string, ttl = TTLConfig.NONE): ValueState<S> {
    return this.#define<ValueState<S>>(name, 'ValueState', ttl);
  }

  getListState<S extends Value>(name: string, ttl = TTLConfig.NONE): ListState<S> {
    return this.#define<ListState<S>>(name, 'ListState', ttl);
  }

  getMapState<K extends Value, V extends Value>(
    name: string,
    ttl = TTLConfig.NONE,
  ): MapState<K, V> {
    return this.#define<MapState<K, V>>(name, 'MapState', ttl);
  }

  registerTimer(): void {
    this.#refuse('register_timer');
  }

  deleteTimer(): void {
    this.#refuse('delete_timer');
  }

  listTimers(): readonly number[] {
    return this.#refuse('list_timers');
  }

  deleteIfExists(): void {}

  getQueryInfo(): { readonly batchId: number } {
    return { batchId: 0 };
  }

  #define<V extends object>(name: string, type: VariableType, ttl: TTLConfig): V {
    if (this.variables.has(name)) {
      throw new ConfigError(
        `[STATEFUL_PROCESSOR_DUPLICATE_STATE_VARIABLE_DEFINED] State variable with name ${name} ` +
          'has already been defined in the StatefulProcessor',
        name,
        'give every variable a name of its own',
      );
    }
    checkTtl(name, ttl, this.#timeMode);
    this.variables.set(name, type);
    return new Proxy<V>({} as V, {
      get: (_, member) => () => this.#refuse(`${name}.${String(member)}`),
    });
  }

  #refuse(operation: string): never {
    const remedy = 'use state and timers in handleInputRows() and later: init() has no key';
    throw badHandleState(operation, 'PRE_INIT', remedy);
  }
}
