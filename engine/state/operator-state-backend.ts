import { assert } from '../core/assert.ts';
import { cloneValue } from '../core/clone.ts';
import { ConfigError } from '../core/errors.ts';
import { NONE } from '../trace/recorder.ts';
import { HeapBroadcastState } from './broadcast-state.ts';
import type { BroadcastState } from './broadcast-state.ts';
import { byteSize, entryBytes } from './byte-size.ts';
import type { ListState, ListStateDescriptor, MapKey, MapStateDescriptor } from './descriptors.ts';
import { OperatorListState } from './operator-list-state.ts';
import { StateFacts } from './state-context.ts';
import type { KeyContext, RegisterState } from './state-context.ts';
import type { StateCell } from './state-table.ts';

/**
 * What becomes of an operator's state at a restore: `split` deals its elements out to the subtasks,
 * `union` gives all of them to everyone, `broadcast` one whole copy to each.
 */
export type DistributionMode = 'split' | 'union' | 'broadcast';

/** One named state of an operator subtask as a checkpoint has it. */
export interface OperatorStateSnapshot {
  readonly name: string;
  readonly mode: DistributionMode;
  /** Elements of a list, in order; `mapKey` is null but for broadcast state. */
  readonly items: readonly (readonly [mapKey: MapKey | null, value: unknown, row: number])[];
}

/** State of an operator that belongs to no key, by name. Models Flink 2.3 OperatorStateStore. */
export interface OperatorStateStore {
  /** A list whose elements are dealt out evenly when the job is restored. */
  getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>;
  /** A list of which everyone gets all elements of all subtasks when the job is restored. */
  getUnionListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>;
  getBroadcastState<K extends MapKey, V>(
    descriptor: MapStateDescriptor<K, V>,
  ): BroadcastState<K, V>;
  getRegisteredStateNames(): string[];
  getRegisteredBroadcastStateNames(): string[];
}

/**
 * Models Flink 2.3 DefaultOperatorStateBackend: list state and broadcast state of one operator
 * subtask. They live on the heap whatever the job's state backend is: objects alias.
 * Invariant: a snapshot shares no object with live state.
 */
export class OperatorStateBackend implements OperatorStateStore {
  readonly #context: KeyContext;
  readonly #register: RegisterState;
  readonly #lists = new Map<string, OperatorListState<unknown>>();
  readonly #broadcasts = new Map<string, HeapBroadcastState<MapKey, unknown>>();
  #restored: readonly OperatorStateSnapshot[] = [];

  constructor(context: KeyContext, register: RegisterState) {
    this.#context = context;
    this.#register = register;
  }

  /** @throws ConfigError when the name belongs to a union list, now or as restored. */
  getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T> {
    return this.#list(descriptor.name, 'split') as OperatorListState<T>;
  }

  /** @throws ConfigError when the name belongs to a split list, now or as restored. */
  getUnionListState<T>(descriptor: ListStateDescriptor<T>): ListState<T> {
    return this.#list(descriptor.name, 'union') as OperatorListState<T>;
  }

  getBroadcastState<K extends MapKey, V>(
    descriptor: MapStateDescriptor<K, V>,
  ): BroadcastState<K, V> {
    const { name } = descriptor;
    let state = this.#broadcasts.get(name);
    if (state === undefined) {
      state = new HeapBroadcastState(this.#facts(name, 'broadcast'));
      this.#broadcasts.set(name, state);
      for (const snapshot of this.#restored) {
        if (snapshot.mode === 'broadcast' && snapshot.name === name) state.restore(snapshot.items);
      }
    }
    return state as unknown as BroadcastState<K, V>;
  }

  getRegisteredStateNames(): string[] {
    return [...this.#lists.keys()];
  }

  getRegisteredBroadcastStateNames(): string[] {
    return [...this.#broadcasts.keys()];
  }

  entryCount(): number {
    let count = 0;
    for (const { cells } of this.#lists.values()) count += cells.length;
    for (const { cells } of this.#broadcasts.values()) count += cells.size;
    return count;
  }

  /** Estimated bytes; see `byte-size.ts`. */
  byteCount(): number {
    let bytes = 0;
    const perEntry = entryBytes('hashmap');
    for (const { cells } of this.#lists.values()) {
      for (const { value } of cells) bytes += perEntry + byteSize(value);
    }
    for (const { cells } of this.#broadcasts.values()) {
      for (const [key, { value }] of cells) bytes += perEntry + byteSize(key) + byteSize(value);
    }
    return bytes;
  }

  snapshot(): OperatorStateSnapshot[] {
    const lists = [...this.#lists].map(([name, { mode, cells }]): OperatorStateSnapshot => {
      return { name, mode, items: cells.map((cell) => itemOf(null, cell)) };
    });
    const broadcasts = [...this.#broadcasts].map(([name, { cells }]): OperatorStateSnapshot => {
      const items = [...cells].map(([key, cell]) => itemOf(key, cell));
      return { name, mode: 'broadcast', items };
    });
    // State that was restored but not asked for yet stays in the snapshot, as in Flink.
    const unclaimed = this.#restored.filter(({ name, mode }) =>
      mode === 'broadcast' ? !this.#broadcasts.has(name) : !this.#lists.has(name),
    );
    return [...lists, ...broadcasts, ...unclaimed];
  }

  /** Takes over what the restore has dealt out to this subtask. */
  restore(snapshots: readonly OperatorStateSnapshot[]): void {
    const isUnused = this.#lists.size + this.#broadcasts.size === 0;
    assert(isUnused, 'no state is asked for before the restore');
    this.#restored = snapshots;
  }

  #list(name: string, mode: 'split' | 'union'): OperatorListState<unknown> {
    const existing = this.#lists.get(name);
    if (existing !== undefined) {
      checkMode(name, existing.mode, mode);
      return existing;
    }
    const state = new OperatorListState<unknown>(this.#facts(name, 'operator-list'), mode);
    for (const snapshot of this.#restored) {
      if (snapshot.mode === 'broadcast' || snapshot.name !== name) continue;
      checkMode(name, snapshot.mode, mode);
      state.restore(snapshot.items);
    }
    this.#lists.set(name, state);
    return state;
  }

  #facts(name: string, kind: 'operator-list' | 'broadcast'): StateFacts {
    return new StateFacts(this.#context, this.#register(name, kind));
  }
}

function itemOf(mapKey: MapKey | null, cell: StateCell): OperatorStateSnapshot['items'][number] {
  return [mapKey, cloneValue(cell.value), cell.row ?? NONE];
}

function checkMode(name: string, was: DistributionMode, wanted: DistributionMode): void {
  if (was === wanted) return;
  throw new ConfigError(
    `incompatible state assignment modes: state "${name}" was [${MODE_NAMES[was]}]`,
    `registered with [${MODE_NAMES[wanted]}]`,
    'ask for it by the same method, or use a new name for the new state',
  );
}

const MODE_NAMES: Readonly<Record<DistributionMode, string>> = {
  split: 'SPLIT_DISTRIBUTE',
  union: 'UNION',
  broadcast: 'BROADCAST',
};
