import { cloneValue } from '../core/clone.ts';
import type { Aggregation, AggregatingState, ReducingState, ValueState } from './descriptors.ts';
import type { StateTable } from './state-table.ts';

/** Models Flink 2.3 HeapValueState and RocksDBValueState: one value per key. */
export class KeyedValueState<T> implements ValueState<T> {
  readonly #table: StateTable;
  readonly #defaultValue: T | null;

  constructor(table: StateTable, defaultValue: T | null) {
    this.#table = table;
    this.#defaultValue = defaultValue;
  }

  value(): T | null {
    const table = this.#table;
    const value = table.readCurrent();
    if (table.ttl !== undefined) table.cleanUp();
    if (value === undefined) return cloneValue(this.#defaultValue);
    return (table.isCopying ? cloneValue(value) : value) as T;
  }

  update(value: T): void {
    const table = this.#table;
    if (value === null || value === undefined) {
      table.clearCurrent();
      return;
    }
    const key = table.currentKey();
    table.write(key, table.slots.find(key), table.isCopying ? cloneValue(value) : value);
    if (table.ttl !== undefined) table.cleanUp();
  }

  clear(): void {
    this.#table.clearCurrent();
  }
}

/**
 * Models Flink 2.3 HeapReducingState: what is added is reduced into one value. The function gets
 * the stored object itself on the heap, a copy from RocksDB.
 */
export class KeyedReducingState<T> implements ReducingState<T> {
  readonly #table: StateTable;
  readonly #reduce: (left: T, right: T) => T;

  constructor(table: StateTable, reduce: (left: T, right: T) => T) {
    this.#table = table;
    this.#reduce = reduce;
  }

  get(): T | null {
    const table = this.#table;
    const value = table.readCurrent();
    if (table.ttl !== undefined) table.cleanUp();
    if (value === undefined) return null;
    return (table.isCopying ? cloneValue(value) : value) as T;
  }

  add(value: T): void {
    const table = this.#table;
    if (value === null || value === undefined) {
      table.clearCurrent();
      return;
    }
    const key = table.currentKey();
    const stored = table.readForFold(table.slots.find(key)) as T | undefined;
    const left = table.isCopying ? cloneValue(stored) : stored;
    const reduced = left === undefined ? value : this.#reduce(left, value);
    // The function may have used this state itself, so its place is looked up again.
    table.write(key, table.slots.find(key), table.isCopying ? cloneValue(reduced) : reduced);
    if (table.ttl !== undefined) table.cleanUp();
  }

  clear(): void {
    this.#table.clearCurrent();
  }
}

/** Models Flink 2.3 HeapAggregatingState: what is added goes into one accumulator. */
export class KeyedAggregatingState<I, A, O> implements AggregatingState<I, O> {
  readonly #table: StateTable;
  readonly #aggregate: Aggregation<I, A, O>;

  constructor(table: StateTable, aggregate: Aggregation<I, A, O>) {
    this.#table = table;
    this.#aggregate = aggregate;
  }

  get(): O | null {
    const table = this.#table;
    const accumulator = table.readCurrent() as A | undefined;
    if (table.ttl !== undefined) table.cleanUp();
    if (accumulator === undefined) return null;
    return this.#aggregate.getResult(table.isCopying ? cloneValue(accumulator) : accumulator);
  }

  add(value: I): void {
    const table = this.#table;
    if (value === null || value === undefined) {
      table.clearCurrent();
      return;
    }
    const key = table.currentKey();
    const stored = table.readForFold(table.slots.find(key)) as A | undefined;
    const held = table.isCopying ? cloneValue(stored) : stored;
    const accumulator = held === undefined ? this.#aggregate.createAccumulator() : held;
    const added = this.#aggregate.add(value, accumulator);
    table.write(key, table.slots.find(key), table.isCopying ? cloneValue(added) : added);
    if (table.ttl !== undefined) table.cleanUp();
  }

  clear(): void {
    this.#table.clearCurrent();
  }
}
