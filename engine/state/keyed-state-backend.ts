import { assert } from '../core/assert.ts';
import { cloneValue } from '../core/clone.ts';
import { ConfigError } from '../core/errors.ts';
import { NONE } from '../trace/recorder.ts';
import { TTL_BYTES, byteSize, entryBytes } from './byte-size.ts';
import type { AggregatingState, AggregatingStateDescriptor, ListState } from './descriptors.ts';
import type { ListStateDescriptor, MapKey, MapStateDescriptor } from './descriptors.ts';
import type { ReducingState, ReducingStateDescriptor, StateDescriptor } from './descriptors.ts';
import type { ValueState, ValueStateDescriptor } from './descriptors.ts';
import { KeyedListState } from './list-state.ts';
import { KeyedMapState } from './map-state.ts';
import type { KeyContext, RegisterState, StateBackendType } from './state-context.ts';
import { StateTable } from './state-table.ts';
import type { ListCells, MapCells, StateEntry, StateSnapshot } from './state-table.ts';
import { StateTtl } from './state-ttl.ts';
import { KeyedAggregatingState, KeyedReducingState, KeyedValueState } from './value-state.ts';

export type { KeyContext, StateBackendType } from './state-context.ts';
export type { StateSnapshot } from './state-table.ts';

/**
 * All keyed state of one operator subtask. Models Flink 2.3 HeapKeyedStateBackend and
 * RocksDBKeyedStateBackend: state is found by its name, restored state when it is asked for.
 * Simplified: no disk, no cost of access.
 * Invariant: a snapshot shares no object with live state.
 */
export class KeyedStateBackend {
  readonly #context: KeyContext;
  readonly #type: StateBackendType;
  readonly #register: RegisterState;
  readonly #tables = new Map<string, StateTable>();
  #restored: readonly StateSnapshot[] = [];
  #cleansForEveryRecord = false;

  /** `register` gives each named state its index in the trace's header. */
  constructor(context: KeyContext, type: StateBackendType, register: RegisterState) {
    this.#context = context;
    this.#type = type;
    this.#register = register;
  }

  /** @throws ConfigError when the name belongs to state of another kind, now or as restored. */
  valueState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T> {
    return new KeyedValueState<T>(this.#table(descriptor), descriptor.defaultValue);
  }

  /** @throws ConfigError when the name belongs to state of another kind, now or as restored. */
  listState<T>(descriptor: ListStateDescriptor<T>): ListState<T> {
    return new KeyedListState<T>(this.#table(descriptor));
  }

  /** @throws ConfigError when the name belongs to state of another kind, now or as restored. */
  mapState<K extends MapKey, V>(descriptor: MapStateDescriptor<K, V>): KeyedMapState<K, V> {
    return new KeyedMapState<K, V>(this.#table(descriptor));
  }

  /** @throws ConfigError when the name belongs to state of another kind, now or as restored. */
  reducingState<T>(descriptor: ReducingStateDescriptor<T>): ReducingState<T> {
    return new KeyedReducingState<T>(this.#table(descriptor), descriptor.reduce);
  }

  /** @throws ConfigError when the name belongs to state of another kind, now or as restored. */
  aggregatingState<I, A, O>(
    descriptor: AggregatingStateDescriptor<I, A, O>,
  ): AggregatingState<I, O> {
    return new KeyedAggregatingState<I, A, O>(this.#table(descriptor), descriptor.aggregate);
  }

  /** Every key that has an entry in a named state, in the order of their first write. */
  keysOf(name: string): number[] {
    const slots = this.#tables.get(name)?.slots;
    return slots === undefined ? [] : [...slots.keys.subarray(0, slots.size)];
  }

  /** Forgets the state of all keys. */
  clearAll(): void {
    for (const table of this.#tables.values()) table.clearAll();
  }

  /** Before a record: state that asks for it is looked through for what has expired. */
  onRecord(): void {
    if (!this.#cleansForEveryRecord) return;
    for (const table of this.#tables.values()) {
      if (table.ttl?.cleansForEveryRecord === true) table.cleanUp();
    }
  }

  /** Live entries over all keys and states. */
  entryCount(): number {
    let count = 0;
    for (const { kind, slots, contents } of this.#tables.values()) {
      if (kind === 'map') for (const cells of contents) count += (cells as MapCells).size;
      else if (kind === 'list') {
        for (const list of contents) count += (list as ListCells).cells.length;
      } else count += slots.size;
    }
    return count;
  }

  /** Writes every entry into the trace; what an entry came from stays known. */
  noteRestored(): void {
    for (const table of this.#tables.values()) table.noteRestored();
  }

  /** Estimated bytes over all keys and states; see `byte-size.ts`. */
  byteCount(): number {
    let bytes = 0;
    for (const table of this.#tables.values()) bytes += this.#bytesOf(table);
    return bytes;
  }

  snapshot(): StateSnapshot[] {
    // State that was restored but not asked for yet stays in the snapshot, as in Flink.
    const unclaimed = this.#restored.filter((snapshot) => !this.#tables.has(snapshot.name));
    return [...[...this.#tables.values()].map(snapshotOf), ...unclaimed];
  }

  /** Takes over a snapshot; each state appears when the function asks for it by its name. */
  restore(snapshots: readonly StateSnapshot[]): void {
    assert(this.#tables.size === 0, 'no state is asked for before the restore');
    this.#restored = snapshots;
  }

  #table(descriptor: StateDescriptor): StateTable {
    const { name, kind } = descriptor;
    const existing = this.#tables.get(name);
    if (existing !== undefined) {
      if (existing.kind === kind) return existing;
      throw new ConfigError(
        `state "${name}" is already a ${existing.kind} state of this operator`,
        `${kind} state`,
        'give each piece of state its own name',
      );
    }
    const ttlConfig = descriptor.getTtlConfig();
    const ttl =
      ttlConfig === undefined ? undefined : new StateTtl(ttlConfig, this.#context, this.#type);
    const stateIndex = this.#register(name, kind);
    const settings = { name, kind, stateIndex, type: this.#type, ttl };
    const table = new StateTable(settings, this.#context);
    this.#tables.set(name, table);
    if (ttl?.cleansForEveryRecord === true) this.#cleansForEveryRecord = true;
    for (const snapshot of this.#restored) {
      if (snapshot.name === name) fillTable(table, snapshot);
    }
    return table;
  }

  #bytesOf(table: StateTable): number {
    const { keys } = this.#context;
    const perEntry = entryBytes(this.#type) + (table.ttl === undefined ? 0 : TTL_BYTES);
    let bytes = 0;
    for (let place = 0; place < table.slots.size; place += 1) {
      const key = table.slots.keys[place] as number;
      const keyBytes = key < 0 ? 0 : byteSize(keys.valueOf(key));
      const content = table.contents[place];
      if (table.kind === 'map') {
        for (const [mapKey, { value }] of content as MapCells) {
          bytes += perEntry + keyBytes + byteSize(mapKey) + byteSize(value);
        }
      } else if (table.kind === 'list') {
        bytes += keyBytes;
        for (const { value } of (content as ListCells).cells) bytes += perEntry + byteSize(value);
      } else {
        bytes += perEntry + keyBytes + byteSize(content);
      }
    }
    return bytes;
  }
}

function snapshotOf(table: StateTable): StateSnapshot {
  const { name, kind, ttl } = table;
  const all = kind === 'map' || kind === 'list' ? cellEntries(table) : valueEntries(table);
  const hasTtl = ttl !== undefined;
  if (!hasTtl || !ttl.inFullSnapshot) return { name, kind, hasTtl, entries: all, leftOut: [] };
  const entries = all.filter((entry) => !ttl.isExpired(entry[4]));
  const expired = all.filter((entry) => ttl.isExpired(entry[4]));
  const leftOut = expired.map(([key, mapKey, , row]) => [key, mapKey, row] as const);
  return { name, kind, hasTtl, entries, leftOut };
}

function valueEntries({ slots, contents, rows, writtenMs }: StateTable): StateEntry[] {
  const entries: StateEntry[] = [];
  for (let place = 0; place < slots.size; place += 1) {
    const value = cloneValue(contents[place]);
    const row = rows[place] ?? NONE;
    entries.push([slots.keys[place] as number, null, value, row, writtenMs[place] ?? 0]);
  }
  return entries;
}

function cellEntries({ kind, slots, contents }: StateTable): StateEntry[] {
  const entries: StateEntry[] = [];
  for (let place = 0; place < slots.size; place += 1) {
    const key = slots.keys[place] as number;
    const content = contents[place];
    if (kind === 'map') {
      for (const [mapKey, { value, row, writtenMs }] of content as MapCells) {
        entries.push([key, mapKey, cloneValue(value), row, writtenMs]);
      }
      continue;
    }
    const { cells, firstLabel } = content as ListCells;
    cells.forEach(({ value, row, writtenMs }, index) => {
      entries.push([key, firstLabel + index, cloneValue(value), row, writtenMs]);
    });
  }
  return entries;
}

/** @throws ConfigError when the state was saved as another kind. */
function fillTable(table: StateTable, snapshot: StateSnapshot): void {
  if (snapshot.kind !== table.kind) {
    const was = snapshot.kind.toUpperCase();
    throw new ConfigError(
      `incompatible key/value state types: state "${snapshot.name}" was [${was}]`,
      `registered with [${table.kind.toUpperCase()}]`,
      'keep the kind, or use a new name for the new state',
    );
  }
  for (const [key, mapKey, row] of snapshot.leftOut) {
    table.facts.expired(key, mapKey, row, table.nowMs());
  }
  for (const entry of snapshot.entries) fillEntry(table, entry, snapshot.hasTtl);
}

function fillEntry(table: StateTable, entry: StateEntry, hasTtl: boolean): void {
  const [key, mapKey, saved, savedRow, savedMs] = entry;
  const value = cloneValue(saved);
  // State that comes from another run has no fact in this one yet.
  const row = savedRow === NONE ? table.facts.written(key, mapKey, NONE, value) : savedRow;
  // State that could not expire before lives on from now.
  const writtenMs = hasTtl ? savedMs : table.nowMs();
  let place = table.slots.find(key);
  if (mapKey === null) {
    if (place < 0) place = table.add(key, value);
    if (table.isTraced) table.rows[place] = row;
    if (table.ttl !== undefined) table.writtenMs[place] = writtenMs;
    return;
  }
  const cell = { value, row, writtenMs };
  if (table.kind === 'map') {
    if (place < 0) place = table.add(key, new Map() satisfies MapCells);
    (table.contents[place] as MapCells).set(mapKey, cell);
    return;
  }
  if (place < 0) {
    place = table.add(key, { cells: [], firstLabel: Number(mapKey) } satisfies ListCells);
  }
  (table.contents[place] as ListCells).cells.push(cell);
}
