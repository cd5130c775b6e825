import { compareValues, keyText } from '../dataset/value.ts';
import type { Value } from '../dataset/value.ts';
import type { StateStore } from './state-store.ts';

const BY_TIME = '$timers';

/** A timer of a key, due at a time in ms. */
export interface ProcessorTimer {
  readonly key: Value;
  readonly expiryMs: number;
}

/**
 * The timers of a processor, kept in its state store. Models Spark 4.2.0 TimerStateImpl: one row
 * by key and one by time for each timer; the same time twice is one timer. Nothing keeps a timer
 * from being set in the past: it fires at the next look.
 */
export class ProcessorTimers {
  readonly #store: StateStore;

  constructor(store: StateStore) {
    this.#store = store;
  }

  register(key: Value, expiryMs: number): void {
    const byKey = idByKey(key, expiryMs);
    if (this.#store.get(byKey) !== undefined) return;
    const value: ProcessorTimer = { key, expiryMs };
    this.#store.put(byKey, { key: [key], value, prefix: prefixOf(key), isInternal: true });
    this.#store.put(idByTime(key, expiryMs), {
      key: [key],
      value,
      prefix: BY_TIME,
      isInternal: true,
    });
  }

  delete(key: Value, expiryMs: number): void {
    const byKey = idByKey(key, expiryMs);
    if (this.#store.get(byKey) === undefined) return;
    this.#store.remove(byKey);
    this.#store.remove(idByTime(key, expiryMs));
  }

  /** Times of a key's timers, the earliest first. */
  list(key: Value): readonly number[] {
    return this.#store
      .scan(prefixOf(key))
      .map(([, { value }]) => (value as ProcessorTimer).expiryMs)
      .sort((left, right) => left - right);
  }

  /** Timers at or before `untilMs`, by time, then key. What is set later is not among them. */
  expired(untilMs: number): readonly ProcessorTimer[] {
    return timersIn(this.#store)
      .filter(({ expiryMs }) => expiryMs <= untilMs)
      .sort((left, right) => left.expiryMs - right.expiryMs || compareValues(left.key, right.key));
  }
}

/** All timers of a store, in no order. */
export function timersIn(store: StateStore): readonly ProcessorTimer[] {
  return store.scan(BY_TIME).map(([, { value }]) => value as ProcessorTimer);
}

function prefixOf(key: Value): string {
  return `$timers of ${keyText([key])}`;
}

function idByKey(key: Value, expiryMs: number): string {
  return `${prefixOf(key)}\u0002${expiryMs}`;
}

function idByTime(key: Value, expiryMs: number): string {
  return `${BY_TIME}\u0002${expiryMs}\u0002${keyText([key])}`;
}
