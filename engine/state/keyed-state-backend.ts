import { cloneValue } from '../core/clone.ts';
import { ConfigError } from '../core/errors.ts';
import type { KeyTable } from '../core/key-table.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { Recorder } from '../trace/recorder.ts';
import type { MapKey, MapState, MapStateDescriptor } from './descriptors.ts';
import type { ValueState, ValueStateDescriptor } from './descriptors.ts';

/**
 * Models Flink 2.x keyed state on the two backends' semantics.
 * `hashmap`: state holds the object itself, so changing it in place changes the state.
 * `rocksdb`: values are copied when read and when written, as serialization does, so a change in
 * place without `update()` or `put()` is lost.
 * Simplified: no disk, no cost yet. Invariant: a snapshot shares no object with live state.
 */
export type StateBackendType = 'hashmap' | 'rocksdb';

/** Where state is at home: who is asking, for which key, because of which fact. */
export interface KeyContext {
  readonly recorder: Recorder;
  readonly keys: KeyTable;
  readonly subtask: number;
  /** The current key, or NONE outside a keyed callback. */
  currentKey: number;
  /** The row of the callback that runs now. */
  callbackRow: number;
}

interface Slot {
  value: unknown;
  /** The fact that wrote it. */
  row: number;
}

export interface StateSnapshot {
  readonly name: string;
  readonly kind: 'value' | 'map';
  readonly entries: readonly (readonly [
    key: number,
    mapKey: MapKey | null,
    value: unknown,
    row: number,
  ])[];
}

interface Table {
  readonly kind: 'value' | 'map';
  readonly stateIndex: number;
  readonly values: Map<number, Slot>;
  readonly maps: Map<number, Map<MapKey, Slot>>;
}

/** All keyed state of one operator subtask. */
export class KeyedStateBackend {
  readonly #context: KeyContext;
  readonly #type: StateBackendType;
  readonly #register: (name: string, kind: 'value' | 'map') => number;
  readonly #tables = new Map<string, Table>();
  #restored: readonly StateSnapshot[] = [];

  /** `register` gives each named state its index in the trace's header. */
  constructor(
    context: KeyContext,
    type: StateBackendType,
    register: (name: string, kind: 'value' | 'map') => number,
  ) {
    this.#context = context;
    this.#type = type;
    this.#register = register;
  }

  /** @throws ConfigError when the name is already taken by state of another kind. */
  valueState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T> {
    const table = this.#table(descriptor.name, 'value');
    return {
      value: () => this.#readValue(table, descriptor.name) as T | null,
      update: (value: T) => this.#writeValue(table, descriptor.name, value),
      clear: () => this.#clear(table, descriptor.name),
    };
  }

  /** @throws ConfigError when the name is already taken by state of another kind. */
  mapState<K extends MapKey, V>(descriptor: MapStateDescriptor<K, V>): MapState<K, V> {
    const { name } = descriptor;
    const table = this.#table(name, 'map');
    const entries = (): [K, V][] => this.#readEntries(table, name) as [K, V][];
    return {
      get: (key) => this.#readEntry(table, name, key) as V | null,
      put: (key, value) => this.#writeEntry(table, name, key, value),
      remove: (key) => this.#removeEntry(table, name, key),
      contains: (key) => this.#readSlot(table, name, key) !== undefined,
      keys: () => entries().map(([key]) => key),
      values: () => entries().map(([, value]) => value),
      entries,
      isEmpty: () => (table.maps.get(this.#currentKey(name))?.size ?? 0) === 0,
      clear: () => this.#clear(table, name),
    };
  }

  /** Live entries over all keys and states. */
  entryCount(): number {
    let count = 0;
    for (const table of this.#tables.values()) {
      count += table.values.size;
      for (const map of table.maps.values()) count += map.size;
    }
    return count;
  }

  /** Writes every entry into the trace; what an entry came from stays known. */
  noteRestored(): void {
    for (const table of this.#tables.values()) {
      for (const [key, slot] of table.values) {
        slot.row = this.#noteWrite(table, key, null, slot.row, slot.value);
      }
      for (const [key, map] of table.maps) {
        for (const [mapKey, slot] of map) {
          slot.row = this.#noteWrite(table, key, mapKey, slot.row, slot.value);
        }
      }
    }
  }

  snapshot(): StateSnapshot[] {
    // State that was restored but not asked for yet stays in the snapshot, as in Flink.
    const unclaimed = this.#restored.filter((snapshot) => !this.#tables.has(snapshot.name));
    const claimed = [...this.#tables].map(([name, table]): StateSnapshot => {
      const entries: [number, MapKey | null, unknown, number][] = [];
      for (const [key, slot] of table.values) {
        entries.push([key, null, cloneValue(slot.value), slot.row]);
      }
      for (const [key, map] of table.maps) {
        for (const [mapKey, slot] of map) {
          entries.push([key, mapKey, cloneValue(slot.value), slot.row]);
        }
      }
      return { name, kind: table.kind, entries };
    });
    return [...claimed, ...unclaimed];
  }

  /** Takes over a snapshot; each state appears when the function asks for it by its name. */
  restore(snapshots: readonly StateSnapshot[]): void {
    this.#restored = snapshots;
  }

  #table(name: string, kind: 'value' | 'map'): Table {
    const existing = this.#tables.get(name);
    if (existing !== undefined) {
      if (existing.kind === kind) return existing;
      throw new ConfigError(
        `state "${name}" is already a ${existing.kind} state of this operator`,
        `${kind} state`,
        'give each piece of state its own name',
      );
    }
    const table: Table = {
      kind,
      stateIndex: this.#register(name, kind),
      values: new Map(),
      maps: new Map(),
    };
    this.#tables.set(name, table);
    for (const snapshot of this.#restored) {
      if (snapshot.name === name) this.#fill(table, snapshot);
    }
    return table;
  }

  #fill(table: Table, snapshot: StateSnapshot): void {
    if (snapshot.kind !== table.kind) {
      throw new ConfigError(
        `state "${snapshot.name}" was saved as ${snapshot.kind} state`,
        `${table.kind} state`,
        'keep the kind, or use a new name for the new state',
      );
    }
    for (const [key, mapKey, value, row] of snapshot.entries) {
      const slot = { value: cloneValue(value), row };
      if (mapKey === null) table.values.set(key, slot);
      else this.#mapOf(table, key).set(mapKey, slot);
    }
  }

  #mapOf(table: Table, key: number): Map<MapKey, Slot> {
    let map = table.maps.get(key);
    if (map === undefined) {
      map = new Map();
      table.maps.set(key, map);
    }
    return map;
  }

  #currentKey(name: string): number {
    const key = this.#context.currentKey;
    if (key === NONE) {
      throw new ConfigError(
        'no key is set: keyed state can only be used while a record or timer of a key is handled',
        `state "${name}" outside of such a call`,
        'use the state in processElement or onTimer, not in open() or the constructor',
      );
    }
    return key;
  }

  #copied<T>(value: T): T {
    return this.#type === 'rocksdb' ? cloneValue(value) : value;
  }

  #note(kind: number, table: Table, key: number, mapKey: MapKey | null, previous: number): number {
    const { recorder, subtask, callbackRow, keys } = this.#context;
    const mapId = mapKey === null ? NONE : keys.intern(mapKey);
    return recorder.add(kind, subtask, callbackRow, key, 0, mapId, table.stateIndex, previous);
  }

  #readValue(table: Table, name: string): unknown {
    const key = this.#currentKey(name);
    const slot = table.values.get(key);
    if (this.#context.recorder.isOn) {
      this.#note(KIND['state-read'], table, key, null, slot?.row ?? NONE);
    }
    return slot === undefined ? null : this.#copied(slot.value);
  }

  #writeValue(table: Table, name: string, value: unknown): void {
    const key = this.#currentKey(name);
    if (value === null || value === undefined) {
      this.#clear(table, name);
      return;
    }
    const slot = table.values.get(key);
    const row = this.#noteWrite(table, key, null, slot?.row ?? NONE, value);
    if (slot === undefined) table.values.set(key, { value: this.#copied(value), row });
    else {
      slot.value = this.#copied(value);
      slot.row = row;
    }
  }

  #noteWrite(
    table: Table,
    key: number,
    mapKey: MapKey | null,
    previous: number,
    value: unknown,
  ): number {
    const { recorder } = this.#context;
    if (!recorder.isOn) return NONE;
    const row = this.#note(KIND['state-updated'], table, key, mapKey, previous);
    recorder.setValue(row, value);
    return row;
  }

  #readSlot(table: Table, name: string, mapKey: MapKey): Slot | undefined {
    const key = this.#currentKey(name);
    const slot = table.maps.get(key)?.get(mapKey);
    if (this.#context.recorder.isOn) {
      this.#note(KIND['state-read'], table, key, mapKey, slot?.row ?? NONE);
    }
    return slot;
  }

  #readEntry(table: Table, name: string, mapKey: MapKey): unknown {
    const slot = this.#readSlot(table, name, mapKey);
    return slot === undefined ? null : this.#copied(slot.value);
  }

  #readEntries(table: Table, name: string): [MapKey, unknown][] {
    const key = this.#currentKey(name);
    const map = table.maps.get(key);
    if (map === undefined) return [];
    return [...map].map(([mapKey, slot]) => {
      if (this.#context.recorder.isOn) {
        this.#note(KIND['state-read'], table, key, mapKey, slot.row);
      }
      return [mapKey, this.#copied(slot.value)];
    });
  }

  #writeEntry(table: Table, name: string, mapKey: MapKey, value: unknown): void {
    const key = this.#currentKey(name);
    const map = this.#mapOf(table, key);
    const slot = map.get(mapKey);
    const row = this.#noteWrite(table, key, mapKey, slot?.row ?? NONE, value);
    map.set(mapKey, { value: this.#copied(value), row });
  }

  #removeEntry(table: Table, name: string, mapKey: MapKey): void {
    const key = this.#currentKey(name);
    const map = table.maps.get(key);
    const slot = map?.get(mapKey);
    if (map === undefined || slot === undefined) return;
    map.delete(mapKey);
    if (map.size === 0) table.maps.delete(key);
    if (this.#context.recorder.isOn) {
      this.#note(KIND['state-cleared'], table, key, mapKey, slot.row);
    }
  }

  #clear(table: Table, name: string): void {
    const key = this.#currentKey(name);
    const slot = table.values.get(key);
    const held = table.kind === 'value' ? slot !== undefined : table.maps.has(key);
    if (!held) return;
    table.values.delete(key);
    table.maps.delete(key);
    if (this.#context.recorder.isOn) {
      this.#note(KIND['state-cleared'], table, key, null, slot?.row ?? NONE);
    }
  }
}
