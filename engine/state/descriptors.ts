/**
 * Names a piece of keyed state. Models Flink 2.x state descriptors.
 * Simplified: no type information is needed; values must be data that `cloneValue` can copy.
 */
export class ValueStateDescriptor<T> {
  readonly kind = 'value';
  readonly name: string;
  declare readonly valueType?: T;

  constructor(name: string) {
    this.name = name;
  }
}

/** Names a map kept per key. */
export class MapStateDescriptor<K extends MapKey, V> {
  readonly kind = 'map';
  readonly name: string;
  declare readonly keyType?: K;
  declare readonly valueType?: V;

  constructor(name: string) {
    this.name = name;
  }
}

/** Names a list kept per key. */
export class ListStateDescriptor<T> {
  readonly kind = 'list';
  readonly name: string;
  declare readonly valueType?: T;

  constructor(name: string) {
    this.name = name;
  }
}

/** Names a value kept per key that is reduced from all that was added. */
export class ReducingStateDescriptor<T> {
  readonly kind = 'reducing';
  readonly name: string;
  readonly reduce: (left: T, right: T) => T;

  constructor(name: string, reduce: (left: T, right: T) => T) {
    this.name = name;
    this.reduce = reduce;
  }
}

/** Names an accumulator kept per key. */
export class AggregatingStateDescriptor<I, A, O> {
  readonly kind = 'aggregating';
  readonly name: string;
  readonly aggregate: Aggregation<I, A, O>;

  constructor(name: string, aggregate: Aggregation<I, A, O>) {
    this.name = name;
    this.aggregate = aggregate;
  }
}

/** How an accumulator is built, read and merged; the shape of Flink's AggregateFunction. */
export interface Aggregation<I, A, O> {
  createAccumulator(): A;
  /** Returns the accumulator to keep; it may be the given one, changed. */
  add(value: I, accumulator: A): A;
  getResult(accumulator: A): O;
  merge(left: A, right: A): A;
}

/** What may be a key inside map state. */
export type MapKey = string | number | boolean;

/** One value per key. */
export interface ValueState<T> {
  /** The value of the current key, or null when there is none. */
  value(): T | null;
  update(value: T): void;
  clear(): void;
}

/** A map per key. */
export interface MapState<K extends MapKey, V> {
  /** The value under `key`, or null. */
  get(key: K): V | null;
  put(key: K, value: V): void;
  remove(key: K): void;
  contains(key: K): boolean;
  keys(): K[];
  values(): V[];
  entries(): [K, V][];
  isEmpty(): boolean;
  clear(): void;
}

/** A list per key. */
export interface ListState<T> {
  /** The elements of the current key, in the order of adding; empty when there are none. */
  get(): T[];
  add(value: T): void;
  addAll(values: readonly T[]): void;
  /** Replaces the whole list. */
  update(values: readonly T[]): void;
  clear(): void;
}

/** One value per key, reduced from all that was added. */
export interface ReducingState<T> {
  /** The value of the current key, or null when nothing was added. */
  get(): T | null;
  add(value: T): void;
  clear(): void;
}

/** One result per key, aggregated from all that was added. */
export interface AggregatingState<I, O> {
  /** The result for the current key, or null when nothing was added. */
  get(): O | null;
  add(value: I): void;
  clear(): void;
}
