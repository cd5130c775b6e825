import { cloneValue } from '../core/clone.ts';
import { NONE } from '../trace/recorder.ts';
import type { MapKey } from './descriptors.ts';
import type { OperatorStateSnapshot } from './operator-state-backend.ts';
import type { StateFacts } from './state-context.ts';
import type { MapCells } from './state-table.ts';

/** A map that every subtask of an operator holds in full, as the side without the rules sees it. */
export interface ReadOnlyBroadcastState<K extends MapKey, V> {
  /** The value under `key`, or null. */
  get(key: K): V | null;
  contains(key: K): boolean;
  /** The entries, made at the call. */
  immutableEntries(): [K, V][];
}

/**
 * A map that every subtask of an operator holds in full. Nothing is sent: it is the same everywhere
 * only if every subtask does the same with every broadcast record.
 */
export interface BroadcastState<K extends MapKey, V> extends ReadOnlyBroadcastState<K, V> {
  put(key: K, value: V): void;
  putAll(entries: Iterable<readonly [K, V]>): void;
  remove(key: K): void;
  entries(): [K, V][];
  iterator(): Iterator<[K, V]>;
  clear(): void;
}

/**
 * Models Flink 2.3 HeapBroadcastState: always on the heap, so objects alias.
 * Simplified: entries come in the order of their first `put`.
 */
export class HeapBroadcastState<K extends MapKey, V> implements BroadcastState<K, V> {
  readonly cells: MapCells = new Map();
  readonly #facts: StateFacts;

  constructor(facts: StateFacts) {
    this.#facts = facts;
  }

  get(key: K): V | null {
    const cell = this.cells.get(key);
    this.#facts.read(NONE, key, cell?.row ?? NONE);
    return cell === undefined ? null : (cell.value as V);
  }

  contains(key: K): boolean {
    const cell = this.cells.get(key);
    this.#facts.read(NONE, key, cell?.row ?? NONE);
    return cell !== undefined;
  }

  put(key: K, value: V): void {
    const row = this.#facts.written(NONE, key, this.cells.get(key)?.row ?? NONE, value);
    this.cells.set(key, { value, row, writtenMs: 0 });
  }

  putAll(entries: Iterable<readonly [K, V]>): void {
    for (const [key, value] of entries) this.put(key, value);
  }

  remove(key: K): void {
    const cell = this.cells.get(key);
    if (cell === undefined) return;
    this.cells.delete(key);
    this.#facts.cleared(NONE, key, cell.row);
  }

  entries(): [K, V][] {
    return [...this.cells].map(([key, cell]) => {
      this.#facts.read(NONE, key, cell.row);
      return [key as K, cell.value as V];
    });
  }

  immutableEntries(): [K, V][] {
    return this.entries();
  }

  iterator(): Iterator<[K, V]> {
    return this.entries()[Symbol.iterator]();
  }

  clear(): void {
    if (this.cells.size === 0) return;
    this.cells.clear();
    this.#facts.cleared(NONE, null, NONE);
  }

  /** One whole copy of a checkpoint, which may be another subtask's. */
  restore(items: OperatorStateSnapshot['items']): void {
    this.#facts.cleared(NONE, null, NONE);
    for (const [key, value, saved] of items) {
      const copy = cloneValue(value);
      const row = this.#facts.written(NONE, key, saved, copy);
      this.cells.set(key as MapKey, { value: copy, row, writtenMs: 0 });
    }
  }
}
