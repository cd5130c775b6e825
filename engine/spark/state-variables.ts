import { cloneValue } from '../core/clone.ts';
import { ConfigError } from '../core/errors.ts';
import type { ListState, MapState, ValueState } from '../dataset/stateful-processor.ts';
import { compareValues, keyText } from '../dataset/value.ts';
import type { Value } from '../dataset/value.ts';
import type { StateStore } from './state-store.ts';

/** What the variables of one task share. */
export interface TaskState {
  readonly store: StateStore;
  /** The batch's time, in ms. */
  readonly batchMs: number;
  /** The key that a call is for. @throws ConfigError outside of one. */
  currentKey(variable: string): Value;
  /** Values written and removed, as Spark counts them. */
  updatedCount: number;
  removedCount: number;
  /** What became of a row, for the trace; undefined: removed. */
  changed(key: readonly Value[], value: unknown): void;
}

/** A variable whose values expire. */
export interface ExpiringVariable {
  /** Removes what has expired, for all keys. Returns how many values that were. */
  clearExpired(): number;
}

/** A value as it is kept. */
interface Kept {
  readonly value: Value;
  /** When it expires, in ms; undefined: never. */
  readonly expiresMs: number | undefined;
}

/** A row to be looked at when something in it expires. */
interface TtlEntry {
  readonly expiresMs: number;
  readonly elementId: string;
}

/**
 * Rows of one variable by an element's key, with an index of what expires when. Models Spark 4.2.0
 * OneToOneTTLState and the variables without TTL. A value is over at its time, and read no more;
 * it is removed at the end of a batch.
 */
class ElementRows implements ExpiringVariable {
  readonly name: string;
  readonly task: TaskState;
  readonly ttlMs: number;
  readonly #index: string;

  constructor(task: TaskState, name: string, ttlMs: number) {
    this.task = task;
    this.name = name;
    this.ttlMs = ttlMs;
    this.#index = `$ttl_${name}`;
  }

  get hasTtl(): boolean {
    return this.ttlMs > 0;
  }

  get expiresMs(): number | undefined {
    return this.hasTtl ? this.task.batchMs + this.ttlMs : undefined;
  }

  idOf(...elementKey: readonly Value[]): string {
    return `${this.name}\u0002${keyText(elementKey)}`;
  }

  isExpired(expiresMs: number | undefined): boolean {
    return expiresMs !== undefined && this.task.batchMs >= expiresMs;
  }

  read(id: string): Value | null {
    const kept = this.task.store.get(id)?.value as Kept | undefined;
    if (kept === undefined || this.isExpired(kept.expiresMs)) return null;
    return cloneValue(kept.value);
  }

  write(elementKey: readonly Value[], value: Value, prefix?: string): void {
    const id = this.idOf(...elementKey);
    const { store } = this.task;
    const before = store.get(id)?.value as Kept | undefined;
    const kept: Kept = { value: cloneValue(value), expiresMs: this.expiresMs };
    if (this.hasTtl) {
      // The same value with the same time: nothing is written.
      if (before !== undefined && sameKept(before, kept)) return;
      if (before?.expiresMs !== kept.expiresMs) {
        if (before?.expiresMs !== undefined) this.removeFromIndex(before.expiresMs, id);
        this.addToIndex(kept.expiresMs as number, id);
      }
    }
    const key = [this.name, ...elementKey];
    store.put(id, { key, value: kept, ...(prefix === undefined ? {} : { prefix }) });
    this.task.updatedCount += 1;
    this.task.changed(key, kept.value);
  }

  /** clear() of a value: without TTL it counts even when nothing is there, as in Spark. */
  clear(elementKey: readonly Value[]): void {
    const id = this.idOf(...elementKey);
    const before = this.task.store.get(id)?.value as Kept | undefined;
    if (this.hasTtl && before === undefined) return;
    this.remove(id, [this.name, ...elementKey]);
    this.task.removedCount += 1;
    if (before?.expiresMs !== undefined) this.removeFromIndex(before.expiresMs, id);
  }

  remove(id: string, key: readonly Value[]): void {
    if (this.task.store.get(id) === undefined) return;
    this.task.store.remove(id);
    this.task.changed(key, undefined);
  }

  addToIndex(expiresMs: number, elementId: string): void {
    this.task.store.put(this.#indexId(expiresMs, elementId), {
      key: [],
      value: { expiresMs, elementId } satisfies TtlEntry,
      prefix: this.#index,
      isInternal: true,
    });
  }

  removeFromIndex(expiresMs: number, elementId: string): void {
    const id = this.#indexId(expiresMs, elementId);
    if (this.task.store.get(id) !== undefined) this.task.store.remove(id);
  }

  /** Entries of the index whose time has come, the earliest first. */
  expiredEntries(): readonly TtlEntry[] {
    return this.task.store
      .scan(this.#index)
      .map(([, { value }]) => value as TtlEntry)
      .filter(({ expiresMs }) => this.isExpired(expiresMs))
      .sort(
        (left, right) =>
          left.expiresMs - right.expiresMs || (left.elementId < right.elementId ? -1 : 1),
      );
  }

  clearExpired(): number {
    const entries = this.expiredEntries();
    for (const { expiresMs, elementId } of entries) {
      this.removeFromIndex(expiresMs, elementId);
      const row = this.task.store.get(elementId);
      if (row !== undefined) this.remove(elementId, row.key);
    }
    this.task.removedCount += entries.length;
    return entries.length;
  }

  #indexId(expiresMs: number, elementId: string): string {
    return `${this.#index}\u0002${expiresMs}\u0002${elementId}`;
  }
}

function sameKept(left: Kept, right: Kept): boolean {
  if (left.expiresMs !== right.expiresMs) return false;
  return keyText([left.value]) === keyText([right.value]);
}

function requireValue(value: unknown, name: string): void {
  if (value !== null && value !== undefined) return;
  throw new ConfigError(
    '[ILLEGAL_STATE_STORE_VALUE.NULL_VALUE] Cannot write null values to State Store for ' +
      `StateName ${name}`,
    value,
    'call clear() when there is nothing to keep',
  );
}

/** Models Spark 4.2.0 ValueStateImpl and ValueStateImplWithTTL. */
export class ValueVariable implements ValueState<Value>, ExpiringVariable {
  readonly #rows: ElementRows;

  constructor(task: TaskState, name: string, ttlMs: number) {
    this.#rows = new ElementRows(task, name, ttlMs);
  }

  exists(): boolean {
    return this.get() !== null;
  }

  get(): Value | null {
    return this.#rows.read(this.#rows.idOf(this.#key()));
  }

  update(value: Value): void {
    requireValue(value, this.#rows.name);
    this.#rows.write([this.#key()], value);
  }

  clear(): void {
    this.#rows.clear([this.#key()]);
  }

  clearExpired(): number {
    return this.#rows.clearExpired();
  }

  #key(): Value {
    return this.#rows.task.currentKey(this.#rows.name);
  }
}

/**
 * Models Spark 4.2.0 MapStateImpl and MapStateImplWithTTL: a row for each key of the map. Entries
 * come in the order of their keys. As in Spark, removeKey() leaves the index of what expires as it
 * is: written again, the key goes when its first time comes.
 */
export class MapVariable implements MapState<Value, Value>, ExpiringVariable {
  readonly #rows: ElementRows;

  constructor(task: TaskState, name: string, ttlMs: number) {
    this.#rows = new ElementRows(task, name, ttlMs);
  }

  exists(): boolean {
    return this.iterator().length > 0;
  }

  getValue(key: Value): Value | null {
    requireValue(key, this.#rows.name);
    return this.#rows.read(this.#rows.idOf(this.#key(), key));
  }

  containsKey(key: Value): boolean {
    return this.getValue(key) !== null;
  }

  updateValue(key: Value, value: Value): void {
    requireValue(key, this.#rows.name);
    requireValue(value, this.#rows.name);
    this.#rows.write([this.#key(), key], value, this.#prefix());
  }

  iterator(): readonly (readonly [Value, Value])[] {
    return this.#entries()
      .filter(({ kept }) => !this.#rows.isExpired(kept.expiresMs))
      .map(({ key, kept }) => [key, cloneValue(kept.value)] as const);
  }

  keys(): readonly Value[] {
    return this.iterator().map(([key]) => key);
  }

  values(): readonly Value[] {
    return this.iterator().map(([, value]) => value);
  }

  removeKey(key: Value): void {
    requireValue(key, this.#rows.name);
    const elementKey = [this.#key(), key];
    this.#rows.remove(this.#rows.idOf(...elementKey), [this.#rows.name, ...elementKey]);
    this.#rows.task.removedCount += 1;
  }

  clear(): void {
    for (const { key } of this.#entries()) {
      if (this.#rows.hasTtl) this.#rows.clear([this.#key(), key]);
      else this.removeKey(key);
    }
  }

  clearExpired(): number {
    return this.#rows.clearExpired();
  }

  #entries(): readonly { readonly key: Value; readonly kept: Kept }[] {
    return this.#rows.task.store
      .scan(this.#prefix())
      .map(([, { key, value }]) => ({ key: key[2] as Value, kept: value as Kept }))
      .sort((left, right) => compareValues(left.key, right.key));
  }

  #prefix(): string {
    return this.#rows.idOf(this.#key());
  }

  #key(): Value {
    return this.#rows.task.currentKey(this.#rows.name);
  }
}

/** A list as it is kept; with TTL, `firstExpiresMs` is when it is to be looked at. */
interface KeptList {
  readonly values: readonly Kept[];
  readonly firstExpiresMs: number | undefined;
}

const NO_VALUES: KeptList = { values: [], firstExpiresMs: undefined };

/**
 * Models Spark 4.2.0 ListStateImpl and ListStateImplWithTTL: every value expires on its own, and a
 * list is looked at when its first one does. Invariant: a list that is kept is not empty.
 */
export class ListVariable implements ListState<Value>, ExpiringVariable {
  readonly #rows: ElementRows;

  constructor(task: TaskState, name: string, ttlMs: number) {
    this.#rows = new ElementRows(task, name, ttlMs);
  }

  exists(): boolean {
    return this.get().length > 0;
  }

  get(): readonly Value[] {
    return this.#kept(this.#id())
      .values.filter(({ expiresMs }) => !this.#rows.isExpired(expiresMs))
      .map(({ value }) => cloneValue(value));
  }

  put(values: readonly Value[]): void {
    this.#check(values);
    // Spark's put() of a list without TTL begins its task's count of updates anew.
    if (!this.#rows.hasTtl) this.#rows.task.updatedCount = 0;
    this.#write(values, NO_VALUES, true);
  }

  appendValue(value: Value): void {
    requireValue(value, this.#rows.name);
    this.#write([value], this.#kept(this.#id()), false);
  }

  appendList(values: readonly Value[]): void {
    this.#check(values);
    this.#write(values, this.#kept(this.#id()), false);
  }

  clear(): void {
    const id = this.#id();
    const { values, firstExpiresMs } = this.#kept(id);
    this.#rows.remove(id, this.#rowKey());
    this.#rows.task.removedCount += values.length;
    if (firstExpiresMs !== undefined) this.#rows.removeFromIndex(firstExpiresMs, id);
  }

  clearExpired(): number {
    let count = 0;
    for (const { expiresMs, elementId } of this.#rows.expiredEntries()) {
      this.#rows.removeFromIndex(expiresMs, elementId);
      const row = this.#rows.task.store.get(elementId);
      if (row === undefined) continue;
      const { values } = row.value as KeptList;
      const left = values.filter((kept) => !this.#rows.isExpired(kept.expiresMs));
      count += values.length - left.length;
      if (left.length === 0) {
        this.#rows.remove(elementId, row.key);
        continue;
      }
      const firstExpiresMs = Math.min(...left.map((kept) => kept.expiresMs as number));
      this.#rows.addToIndex(firstExpiresMs, elementId);
      this.#put(elementId, row.key, { values: left, firstExpiresMs });
    }
    this.#rows.task.removedCount += count;
    return count;
  }

  #write(added: readonly Value[], before: KeptList, replaces: boolean): void {
    const id = this.#id();
    const { expiresMs } = this.#rows;
    const firstMs = this.#kept(id).firstExpiresMs;
    let firstExpiresMs = firstMs;
    if (expiresMs !== undefined && (firstMs === undefined || replaces || expiresMs < firstMs)) {
      if (firstMs !== undefined) this.#rows.removeFromIndex(firstMs, id);
      this.#rows.addToIndex(expiresMs, id);
      firstExpiresMs = expiresMs;
    }
    const kept = added.map((value) => ({ value: cloneValue(value), expiresMs }));
    this.#put(id, this.#rowKey(), { values: [...before.values, ...kept], firstExpiresMs });
    this.#rows.task.updatedCount += added.length;
  }

  #put(id: string, key: readonly Value[], list: KeptList): void {
    this.#rows.task.store.put(id, { key, value: list });
    this.#rows.task.changed(
      key,
      list.values.map(({ value }) => value),
    );
  }

  #kept(id: string): KeptList {
    return (this.#rows.task.store.get(id)?.value as KeptList | undefined) ?? NO_VALUES;
  }

  #check(values: readonly Value[]): void {
    requireValue(values, this.#rows.name);
    if (values.length === 0) {
      throw new ConfigError(
        '[ILLEGAL_STATE_STORE_VALUE.EMPTY_LIST_VALUE] Cannot write empty list values to State ' +
          `Store for StateName ${this.#rows.name}`,
        '[]',
        'call clear() to forget the list',
      );
    }
    for (const value of values) requireValue(value, this.#rows.name);
  }

  #rowKey(): readonly Value[] {
    return [this.#rows.name, this.#rows.task.currentKey(this.#rows.name)];
  }

  #id(): string {
    return this.#rows.idOf(this.#rows.task.currentKey(this.#rows.name));
  }
}
