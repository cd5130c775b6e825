import { ConfigError } from '../core/errors.ts';
import { attributesOf } from '../dataset/attributes.ts';
import { parseInterval } from '../dataset/interval.ts';
import type { GroupState } from '../dataset/key-value-grouped-dataset.ts';
import type { LogicalPlan } from '../dataset/plan.ts';
import { keyText } from '../dataset/value.ts';
import type { Row, Value } from '../dataset/value.ts';
import type { Batch, Partitions, PhysicalNode, StatefulTraits } from './batch.ts';
import { groupByKey } from './keyed-rows.ts';
import { eventTimeIn } from './late-rows.ts';
import type { EventTime } from './late-rows.ts';
import type { StateStore } from './state-store.ts';

type GroupsPlan = Extract<LogicalPlan, { type: 'groups-with-state' }>;

/** What is kept of a key: its state, if it has one, and when it times out. */
interface Held {
  readonly state: Value | undefined;
  readonly timeoutMs: number | undefined;
}

/**
 * A user's function over the rows and the state of each key. Models Spark 4.2.0
 * FlatMapGroupsWithStateExec: first all keys with rows, whose timeouts are taken back before the
 * call, then those whose timeout lies before the batch's time (or the watermark).
 */
export class GroupsWithState implements PhysicalNode {
  readonly children: readonly PhysicalNode[];
  readonly stateful: StatefulTraits;
  readonly #child: PhysicalNode;
  readonly #plan: GroupsPlan;
  readonly #eventTime: EventTime | undefined;

  constructor(plan: GroupsPlan, child: PhysicalNode, operator: number) {
    this.#child = child;
    this.children = [child];
    this.#plan = plan;
    const isEventTime = plan.timeout === 'EventTimeTimeout';
    this.#eventTime = isEventTime ? eventTimeIn(attributesOf(plan.child)) : undefined;
    this.stateful = {
      operator,
      // Spark runs mapGroupsWithState by the same operator.
      name: 'flatMapGroupsWithState',
      shouldRunAnotherBatch: (nowMs, beforeMs) => {
        if (plan.timeout === 'ProcessingTimeTimeout') return true;
        return isEventTime && nowMs > beforeMs;
      },
      // Nobody knows what a user's function does to event time.
      outputWatermarkMs: () => undefined,
      dueMs: (stores) => {
        if (plan.timeout !== 'ProcessingTimeTimeout') return undefined;
        const held = stores.flatMap((store) => [...store.entries()]);
        const timeouts = held.map(([, { value }]) => (value as Held).timeoutMs ?? Infinity);
        const nextMs = Math.min(Infinity, ...timeouts);
        // A timeout has passed when the batch's time is behind it.
        return nextMs === Infinity ? undefined : nextMs + 1;
      },
    };
  }

  execute(batch: Batch): Partitions {
    const { operator } = this.stateful;
    const partitions = this.#child.execute(batch);
    const shuffled = groupByKey(batch, operator, partitions, this.#plan.key, this.#eventTime);
    return shuffled.map((groups, partition) => {
      const store = batch.store(operator, partition);
      const rows: Row[] = [];
      for (const { key, rows: own } of groups) {
        rows.push(...this.#call(batch, partition, store, key, own, false));
      }
      for (const key of this.#timedOut(batch, store)) {
        rows.push(...this.#call(batch, partition, store, key, [], true));
      }
      return rows;
    });
  }

  #timedOut(batch: Batch, store: StateStore): readonly Value[] {
    const { timeout } = this.#plan;
    if (timeout === 'NoTimeout') return [];
    const thresholdMs =
      timeout === 'EventTimeTimeout'
        ? batch.evictionWatermarkMs(this.stateful.operator)
        : batch.timestampMs;
    const keys: Value[] = [];
    for (const [, { key, value }] of store.entries()) {
      const { timeoutMs } = value as Held;
      if (timeoutMs !== undefined && timeoutMs < thresholdMs) keys.push(key[0] as Value);
    }
    return keys;
  }

  #call(
    batch: Batch,
    partition: number,
    store: StateStore,
    key: Value,
    rows: readonly Row[],
    hasTimedOut: boolean,
  ): readonly Row[] {
    const { operator } = this.stateful;
    const id = keyText([key]);
    const before = store.get(id)?.value as Held | undefined;
    const watermarkMs = batch.evictionWatermarkMs(operator);
    const times = { watermarkMs, batchMs: batch.timestampMs };
    const state = new KeyState(this.#plan, before?.state, times, hasTimedOut);
    const result = this.#plan.act(key, rows, state);
    const metrics = batch.metrics(operator);
    if (state.isRemoved && state.timeoutMs === undefined) {
      // Counted although there may have been nothing.
      metrics.numRowsRemoved += 1;
      if (before !== undefined) {
        store.remove(id);
        batch.listener?.removed(operator, partition, [key]);
      }
    } else if (state.isUpdated || state.isRemoved || state.timeoutMs !== before?.timeoutMs) {
      const value: Held = { state: state.getOption(), timeoutMs: state.timeoutMs };
      store.put(id, { key: [key], value });
      metrics.numRowsUpdated += 1;
      batch.listener?.updated(operator, partition, [key], value);
    }
    return result;
  }
}

/** Models Spark 4.2.0 GroupStateImpl: the state of one key during one call. */
class KeyState implements GroupState<Value> {
  readonly hasTimedOut: boolean;
  timeoutMs: number | undefined;
  isUpdated = false;
  isRemoved = false;
  #state: Value | undefined;
  readonly #plan: GroupsPlan;
  readonly #times: { readonly watermarkMs: number; readonly batchMs: number };

  constructor(
    plan: GroupsPlan,
    state: Value | undefined,
    times: { readonly watermarkMs: number; readonly batchMs: number },
    hasTimedOut: boolean,
  ) {
    this.#plan = plan;
    this.#state = state;
    this.#times = times;
    this.hasTimedOut = hasTimedOut;
  }

  get exists(): boolean {
    return this.#state !== undefined;
  }

  get(): Value {
    if (this.#state !== undefined) return this.#state;
    throw new ConfigError(
      'State is either not defined or has already been removed',
      'get()',
      'ask `exists` first, or use getOption()',
    );
  }

  getOption(): Value | undefined {
    return this.#state;
  }

  update(state: Value): void {
    if (state === null || state === undefined) {
      throw new ConfigError(
        "'null' is not a valid state value",
        state,
        'call remove() when there is nothing to keep',
      );
    }
    this.#state = state;
    this.isUpdated = true;
    this.isRemoved = false;
  }

  remove(): void {
    this.#state = undefined;
    this.isUpdated = false;
    this.isRemoved = true;
  }

  setTimeoutDuration(duration: string | number): void {
    this.#check('setTimeoutDuration', 'ProcessingTimeTimeout');
    const durationMs = typeof duration === 'number' ? duration : parseInterval(duration);
    if (!(durationMs > 0)) {
      throw new ConfigError('Timeout duration must be positive', duration, 'give a length > 0');
    }
    this.timeoutMs = this.#times.batchMs + durationMs;
  }

  setTimeoutTimestamp(timestampMs: number): void {
    this.#check('setTimeoutTimestamp', 'EventTimeTimeout');
    if (!(timestampMs > 0)) {
      throw new ConfigError(
        'Timeout timestamp must be positive',
        timestampMs,
        'give ms since 1970',
      );
    }
    if (timestampMs < this.#times.watermarkMs) {
      throw new ConfigError(
        `Timeout timestamp cannot be earlier than the current watermark ` +
          `(${this.#times.watermarkMs})`,
        timestampMs,
        'set it from the event time of the rows plus a length',
      );
    }
    this.timeoutMs = timestampMs;
  }

  getCurrentWatermarkMs(): number {
    return this.#times.watermarkMs;
  }

  getCurrentProcessingTimeMs(): number {
    return this.#times.batchMs;
  }

  #check(method: string, timeout: GroupsPlan['timeout']): void {
    if (this.#plan.timeout === timeout) return;
    throw new ConfigError(
      `Cannot call ${method}() without ${timeout} in [map|flatMap]GroupsWithState`,
      this.#plan.timeout,
      `give GroupStateTimeout.${timeout}`,
    );
  }
}
