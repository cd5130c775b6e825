import { ConfigError } from '../core/errors.ts';
import type { StateTtlConfig } from './state-ttl-config.ts';

/** What may be a key inside map state or broadcast state. */
export type MapKey = string | number | boolean;

/** Which interface a piece of keyed state has. */
export type KeyedStateKind = 'value' | 'list' | 'map' | 'reducing' | 'aggregating';

/** How an accumulator is built, read and merged; the shape of Flink's AggregateFunction. */
export interface Aggregation<I, A, O> {
  createAccumulator(): A;
  /** Returns the accumulator to keep; it may be the given one, changed. */
  add(value: I, accumulator: A): A;
  getResult(accumulator: A): O;
  merge(left: A, right: A): A;
}

/**
 * Names a piece of state. Models Flink 2.3 state descriptors.
 * Simplified: no type information is needed; values must be data that `cloneValue` can copy.
 */
export abstract class StateDescriptor {
  abstract readonly kind: KeyedStateKind;
  readonly name: string;
  #ttlConfig: StateTtlConfig | undefined;

  /** @throws ConfigError when the name is empty. */
  constructor(name: string) {
    if (typeof name !== 'string' || name === '') {
      throw new ConfigError('state must have a name', name, "use for example 'count'");
    }
    this.name = name;
  }

  getName(): string {
    return this.name;
  }

  /** Lets the state expire. A config whose update type is Disabled changes nothing. */
  enableTimeToLive(ttlConfig: StateTtlConfig): void {
    this.#ttlConfig = ttlConfig.isEnabled() ? ttlConfig : undefined;
  }

  /** How the state expires; undefined: it does not. */
  getTtlConfig(): StateTtlConfig | undefined {
    return this.#ttlConfig;
  }
}

/** Names one value kept per key; `defaultValue` is what is read while there is none. */
export class ValueStateDescriptor<T> extends StateDescriptor {
  readonly kind = 'value';
  readonly defaultValue: T | null;
  declare readonly valueType?: T;

  constructor(name: string, defaultValue: T | null = null) {
    super(name);
    this.defaultValue = defaultValue;
  }
}

/** Names a list kept per key, or per operator. */
export class ListStateDescriptor<T> extends StateDescriptor {
  readonly kind = 'list';
  declare readonly valueType?: T;
}

/** Names a map kept per key, or broadcast state. */
export class MapStateDescriptor<K extends MapKey, V> extends StateDescriptor {
  readonly kind = 'map';
  declare readonly keyType?: K;
  declare readonly valueType?: V;
}

/** Names one value kept per key that everything added is reduced into. */
export class ReducingStateDescriptor<T> extends StateDescriptor {
  readonly kind = 'reducing';
  readonly reduce: (left: T, right: T) => T;

  /** @throws ConfigError when `reduce` is not a function. */
  constructor(name: string, reduce: (left: T, right: T) => T) {
    super(name);
    if (typeof reduce !== 'function') {
      throw new ConfigError(
        `reducing state "${name}" needs a ReduceFunction`,
        reduce,
        'pass for example (left, right) => left + right',
      );
    }
    this.reduce = reduce;
  }
}

/** Names one accumulator kept per key that everything added is aggregated into. */
export class AggregatingStateDescriptor<I, A, O> extends StateDescriptor {
  readonly kind = 'aggregating';
  readonly aggregate: Aggregation<I, A, O>;

  /** @throws ConfigError when `aggregate` has no `add`. */
  constructor(name: string, aggregate: Aggregation<I, A, O>) {
    super(name);
    if (typeof aggregate?.add !== 'function') {
      throw new ConfigError(
        `aggregating state "${name}" needs an AggregateFunction`,
        aggregate,
        'pass an object with createAccumulator, add, getResult and merge',
      );
    }
    this.aggregate = aggregate;
  }
}

/** One value per key. */
export interface ValueState<T> {
  /** The value of the current key; when there is none the descriptor's default, or null. */
  value(): T | null;
  /** Null clears. */
  update(value: T): void;
  clear(): void;
}

/** A list per key. */
export interface ListState<T> {
  /** The elements, in order; none when there is no list. */
  get(): T[];
  add(value: T): void;
  addAll(values: readonly T[]): void;
  /** Replaces the whole list; an empty one clears. */
  update(values: readonly T[]): void;
  clear(): void;
}

/** A map per key. `keys`, `values` and `entries` are lists made at the call. */
export interface MapState<K extends MapKey, V> {
  /** The value under `key`, or null. */
  get(key: K): V | null;
  put(key: K, value: V): void;
  putAll(entries: Iterable<readonly [K, V]>): void;
  remove(key: K): void;
  contains(key: K): boolean;
  keys(): K[];
  values(): V[];
  entries(): [K, V][];
  iterator(): Iterator<[K, V]>;
  isEmpty(): boolean;
  clear(): void;
}

/** One value per key that is reduced with everything added. */
export interface ReducingState<T> {
  /** Null before the first `add`. */
  get(): T | null;
  /** Null clears. */
  add(value: T): void;
  clear(): void;
}

/** One accumulator per key that everything added goes into. */
export interface AggregatingState<I, O> {
  /** The result of the accumulator; null before the first `add`. */
  get(): O | null;
  /** Null clears. */
  add(value: I): void;
  clear(): void;
}
