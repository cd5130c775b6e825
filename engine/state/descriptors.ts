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
