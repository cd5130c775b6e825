import { cloneValue } from '../core/clone.ts';
import { ConfigError } from '../core/errors.ts';
import { NONE } from '../trace/recorder.ts';
import type { ListState } from './descriptors.ts';
import type { ListCells, StateCell, StateTable } from './state-table.ts';
import type { StateTtl } from './state-ttl.ts';

/**
 * Models Flink 2.3 HeapListState, RocksDBListState and TtlListState. An element that has expired
 * is passed over by reads; the list is removed by the read that finds none alive, and written anew
 * with the living ones where reads refresh.
 * Simplified: `get` gives a list made at the call, so that the state may be changed while one goes
 * over it; changing that list changes nothing on either backend (Flink's heap gives out its own).
 */
export class KeyedListState<T> implements ListState<T> {
  readonly #table: StateTable;

  constructor(table: StateTable) {
    this.#table = table;
  }

  get(): T[] {
    const table = this.#table;
    const place = table.currentPlace();
    if (place < 0) {
      table.facts.read(table.currentKey(), null, NONE);
      return [];
    }
    const list = table.contents[place] as ListCells;
    const key = table.currentKey();
    if (table.isTraced) {
      list.cells.forEach((cell, index) => {
        table.facts.read(key, list.firstLabel + index, cell.row);
      });
    }
    const seen = table.ttl === undefined ? list.cells : this.#readExpiring(place, list, table.ttl);
    const values = seen.map((cell) => (table.isCopying ? cloneValue(cell.value) : cell.value));
    table.cleanUp();
    return values as T[];
  }

  add(value: T): void {
    this.#append([value]);
  }

  addAll(values: readonly T[]): void {
    checkList(values);
    this.#append(values);
  }

  update(values: readonly T[]): void {
    checkList(values);
    for (const value of values) checkElement(value);
    this.#table.clearCurrent();
    this.#append(values);
  }

  clear(): void {
    this.#table.clearCurrent();
  }

  #readExpiring(place: number, list: ListCells, ttl: StateTtl): readonly StateCell[] {
    const living = list.cells.filter((cell) => !ttl.isExpired(cell.writtenMs));
    const seen = ttl.returnsExpired ? list.cells : living;
    if (living.length === 0) {
      this.#table.expireContents(place);
      return seen;
    }
    if (!ttl.refreshesOnRead) return seen;
    const nowMs = ttl.nowMs();
    this.#table.expireContents(place);
    for (const cell of living) cell.writtenMs = nowMs;
    return seen;
  }

  #append(values: readonly T[]): void {
    for (const value of values) checkElement(value);
    if (values.length === 0) return;
    const table = this.#table;
    const key = table.currentKey();
    let place = table.slots.find(key);
    if (place < 0) place = table.add(key, { cells: [], firstLabel: 0 } satisfies ListCells);
    const list = table.contents[place] as ListCells;
    const writtenMs = table.nowMs();
    for (const value of values) {
      const label = list.firstLabel + list.cells.length;
      const row = table.isTraced ? table.facts.written(key, label, NONE, value) : NONE;
      list.cells.push({ value: table.isCopying ? cloneValue(value) : value, row, writtenMs });
    }
    table.cleanUp();
  }
}

function checkElement(value: unknown): void {
  if (value !== null && value !== undefined) return;
  throw new ConfigError(
    'you cannot add null to a ListState',
    value,
    'leave it out, or store a value that stands for nothing',
  );
}

function checkList(values: unknown): void {
  if (Array.isArray(values)) return;
  throw new ConfigError(
    'the list of values to add cannot be null',
    values,
    'pass an array; an empty one, given to update(), clears',
  );
}
