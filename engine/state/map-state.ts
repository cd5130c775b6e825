import { cloneValue } from '../core/clone.ts';
import { NONE } from '../trace/recorder.ts';
import type { MapKey, MapState } from './descriptors.ts';
import type { MapCells, StateCell, StateTable } from './state-table.ts';
import type { StateTtl } from './state-ttl.ts';

/**
 * Models Flink 2.3 HeapMapState, RocksDBMapState and TtlMapState: entries expire one by one, and
 * null is a value like any other.
 * Simplified: `keys`, `values` and `entries` are lists made at the call, so that the state may be
 * changed while one goes over them (Flink allows only its iterator's `remove`); entries come in the
 * order of their first `put` (Flink leaves it open).
 */
export class KeyedMapState<K extends MapKey, V> implements MapState<K, V> {
  readonly #table: StateTable;

  constructor(table: StateTable) {
    this.#table = table;
  }

  get(key: K): V | null {
    const cell = this.#find(key);
    this.#table.cleanUp();
    return cell === undefined ? null : this.#valueOf(cell);
  }

  contains(key: K): boolean {
    const cell = this.#find(key);
    this.#table.cleanUp();
    return cell !== undefined;
  }

  put(key: K, value: V): void {
    const table = this.#table;
    const current = table.currentKey();
    let place = table.slots.find(current);
    if (place < 0) place = table.add(current, new Map() satisfies MapCells);
    const cells = table.contents[place] as MapCells;
    const cell = cells.get(key);
    const kept = value === undefined ? null : value;
    const stored = table.isCopying ? cloneValue(kept) : kept;
    const row = table.isTraced ? table.facts.written(current, key, cell?.row ?? NONE, kept) : NONE;
    if (cell === undefined) {
      cells.set(key, { value: stored, row, writtenMs: table.nowMs() });
    } else {
      cell.value = stored;
      cell.row = row;
      cell.writtenMs = table.nowMs();
    }
    table.cleanUp();
  }

  putAll(entries: Iterable<readonly [K, V]>): void {
    for (const [key, value] of entries) this.put(key, value);
  }

  remove(key: K): void {
    const table = this.#table;
    const place = table.currentPlace();
    if (place < 0) return;
    const cells = table.contents[place] as MapCells;
    const cell = cells.get(key);
    if (cell === undefined) return;
    this.#take(place, key);
    table.facts.cleared(table.currentKey(), key, cell.row);
    table.cleanUp();
  }

  keys(): K[] {
    return this.#living().map(([key]) => key as K);
  }

  /** The keys alone, for operators that pick by them: nothing is read, so nothing expires. */
  keysUnread(): K[] {
    const place = this.#table.currentPlace();
    return place < 0 ? [] : ([...(this.#table.contents[place] as MapCells).keys()] as K[]);
  }

  values(): V[] {
    return this.#living().map(([, cell]) => this.#valueOf(cell));
  }

  entries(): [K, V][] {
    return this.#living().map(([key, cell]) => [key as K, this.#valueOf(cell)]);
  }

  iterator(): Iterator<[K, V]> {
    return this.entries()[Symbol.iterator]();
  }

  /** An entry that has expired but was not found out yet counts, as in Flink. */
  isEmpty(): boolean {
    return this.#table.currentPlace() < 0;
  }

  clear(): void {
    this.#table.clearCurrent();
  }

  #valueOf(cell: StateCell): V {
    return (this.#table.isCopying ? cloneValue(cell.value) : cell.value) as V;
  }

  /** The entry under `key` if it may be seen: noted as read, and gone if it expired. */
  #find(key: K): StateCell | undefined {
    const table = this.#table;
    const place = table.currentPlace();
    const cell = place < 0 ? undefined : (table.contents[place] as MapCells).get(key);
    if (table.isTraced) table.facts.read(table.currentKey(), key, cell?.row ?? NONE);
    if (cell === undefined || table.ttl === undefined) return cell;
    return this.#touch(place, key, cell, table.ttl) ? cell : undefined;
  }

  /** Lets an entry expire or live on; returns whether it may be seen. */
  #touch(place: number, key: MapKey, cell: StateCell, ttl: StateTtl): boolean {
    if (!ttl.isExpired(cell.writtenMs)) {
      if (ttl.refreshesOnRead) cell.writtenMs = ttl.nowMs();
      return true;
    }
    this.#take(place, key);
    const atMs = ttl.expiryMs(cell.writtenMs);
    this.#table.facts.expired(this.#table.currentKey(), key, cell.row, atMs);
    return ttl.returnsExpired;
  }

  #take(place: number, key: MapKey): void {
    const cells = this.#table.contents[place] as MapCells;
    cells.delete(key);
    if (cells.size === 0) this.#table.removeAt(place);
  }

  #living(): [MapKey, StateCell][] {
    const table = this.#table;
    const current = table.currentKey();
    const place = table.slots.find(current);
    if (place < 0) return [];
    const { ttl } = table;
    const living: [MapKey, StateCell][] = [];
    for (const [key, cell] of [...(table.contents[place] as MapCells)]) {
      if (table.isTraced) table.facts.read(current, key, cell.row);
      if (ttl === undefined || this.#touch(place, key, cell, ttl)) living.push([key, cell]);
    }
    table.cleanUp();
    return living;
  }
}
