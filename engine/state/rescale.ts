import type { Key, KeyTable } from '../core/key-table.ts';
import { NONE } from '../trace/recorder.ts';
import { keyGroupOf, subtaskOfKeyGroup } from './key-groups.ts';
import type { OperatorStateSnapshot } from './operator-state-backend.ts';
import type { StateEntry, StateSnapshot } from './state-table.ts';
import type { TimerSnapshot } from './timers.ts';

/** What is redistributed of one operator subtask. Absent parts are empty. */
export interface RescalableState {
  readonly keyed?: readonly StateSnapshot[];
  readonly operatorState?: readonly OperatorStateSnapshot[];
  readonly eventTimers?: TimerSnapshot;
  readonly processingTimers?: TimerSnapshot;
}

/** From which keys to which, over how many subtasks. */
export interface Rescaling {
  /** Gives the key ids of the snapshots their meaning. */
  readonly fromKeys: KeyTable;
  /**
   * The keys of the run that restores. When it is another run, what is restored has no fact in its
   * trace yet, and gets one when it is restored.
   */
  readonly toKeys: KeyTable;
  readonly maxParallelism: number;
  readonly newParallelism: number;
}

/**
 * Deals the state of all subtasks of an operator out to another number of subtasks. Models Flink
 * 2.3 `StateAssignmentOperation`: keyed state and timers go with their key's group, list state by
 * `RoundRobinOperatorStateRepartitioner`. `snapshots` are those of the old subtasks, in order.
 * Invariant: every entry arrives at one subtask, the one that its key's records go to.
 */
export function redistribute(
  snapshots: readonly RescalableState[],
  rescaling: Rescaling,
): RescalableState[] {
  const places = new KeyPlaces(rescaling);
  const { newParallelism } = rescaling;
  const keyed = redistributeKeyed(snapshots, places, newParallelism);
  const operatorState = repartition(snapshots, newParallelism);
  const eventTimers = redistributeTimers(snapshots, 'eventTimers', places, newParallelism);
  const processingTimers = redistributeTimers(
    snapshots,
    'processingTimers',
    places,
    newParallelism,
  );
  return Array.from({ length: newParallelism }, (_, subtask) => ({
    keyed: keyed[subtask] as StateSnapshot[],
    operatorState: rowsFor(operatorState[subtask] as OperatorStateSnapshot[], places),
    eventTimers: { entries: eventTimers[subtask] as TimerSnapshot['entries'] },
    processingTimers: { entries: processingTimers[subtask] as TimerSnapshot['entries'] },
  }));
}

/** Where keys are after a restore: their new ids and subtasks, each found out once. */
export class KeyPlaces {
  readonly #rescaling: Rescaling;
  readonly #subtasks = new Map<number, number>();
  /** Whether the facts that wrote the state are in the trace of the run that restores. */
  readonly keepsRows: boolean;

  constructor(rescaling: Rescaling) {
    this.#rescaling = rescaling;
    this.keepsRows = rescaling.fromKeys === rescaling.toKeys;
  }

  /** The subtask that owns a key, by its old id. */
  subtaskOf(key: number): number {
    const known = this.#subtasks.get(key);
    if (known !== undefined) return known;
    const { fromKeys, maxParallelism, newParallelism } = this.#rescaling;
    const keyGroup = keyGroupOf(fromKeys.valueOf(key), maxParallelism);
    const subtask = subtaskOfKeyGroup(keyGroup, maxParallelism, newParallelism);
    this.#subtasks.set(key, subtask);
    return subtask;
  }

  /** The id of a key in the run that restores. */
  newIdOf(key: number): number {
    if (this.keepsRows) return key;
    return this.#rescaling.toKeys.intern(this.#rescaling.fromKeys.valueOf(key) as Key);
  }

  rowOf(row: number): number {
    return this.keepsRows ? row : NONE;
  }
}

function redistributeKeyed(
  snapshots: readonly RescalableState[],
  places: KeyPlaces,
  newParallelism: number,
): StateSnapshot[][] {
  const bySubtask = Array.from({ length: newParallelism }, () => new Map<string, Merged>());
  for (const { keyed = [] } of snapshots) {
    for (const { name, kind, hasTtl, entries, leftOut } of keyed) {
      const targets = bySubtask.map((states) => mergedOf(states, name, { kind, hasTtl }));
      for (const [key, mapKey, value, row, writtenMs] of entries) {
        const target = targets[places.subtaskOf(key)] as Merged;
        target.entries.push([places.newIdOf(key), mapKey, value, places.rowOf(row), writtenMs]);
      }
      if (!places.keepsRows) continue;
      for (const item of leftOut) (targets[places.subtaskOf(item[0])] as Merged).leftOut.push(item);
    }
  }
  return bySubtask.map((states) => [...states].map(([name, state]) => ({ name, ...state })));
}

interface Merged extends Pick<StateSnapshot, 'kind' | 'hasTtl'> {
  readonly entries: StateEntry[];
  readonly leftOut: StateSnapshot['leftOut'][number][];
}

function mergedOf(
  states: Map<string, Merged>,
  name: string,
  shape: Pick<StateSnapshot, 'kind' | 'hasTtl'>,
): Merged {
  let merged = states.get(name);
  if (merged === undefined) {
    merged = { ...shape, entries: [], leftOut: [] };
    states.set(name, merged);
  }
  return merged;
}

function redistributeTimers(
  snapshots: readonly RescalableState[],
  domain: 'eventTimers' | 'processingTimers',
  places: KeyPlaces,
  newParallelism: number,
): (readonly [number, number, number])[][] {
  const bySubtask = Array.from(
    { length: newParallelism },
    (): (readonly [number, number, number])[] => [],
  );
  for (const snapshot of snapshots) {
    for (const [timeMs, key, row] of snapshot[domain]?.entries ?? []) {
      const target = bySubtask[places.subtaskOf(key)] as (readonly [number, number, number])[];
      target.push([timeMs, places.newIdOf(key), places.rowOf(row)]);
    }
  }
  return bySubtask;
}

function rowsFor(states: OperatorStateSnapshot[], places: KeyPlaces): OperatorStateSnapshot[] {
  if (places.keepsRows) return states;
  return states.map(({ name, mode, items }) => ({
    name,
    mode,
    items: items.map(([mapKey, value]) => [mapKey, value, NONE] as const),
  }));
}

/**
 * Deals list and broadcast state out. Models Flink 2.3 `RoundRobinOperatorStateRepartitioner`: with
 * the same number of subtasks each keeps its split lists; otherwise the elements of all, in order,
 * are cut into pieces of equal size, the first ones one larger. Of broadcast state each new subtask
 * takes the copy of old subtask `index mod old parallelism`. A union list is given to all.
 * Simplified: states are dealt out in the order of their registration (Flink: of a hash map).
 */
export function repartition(
  snapshots: readonly RescalableState[],
  newParallelism: number,
): OperatorStateSnapshot[][] {
  const result = Array.from({ length: newParallelism }, (): OperatorStateSnapshot[] => []);
  const keepsSplit = snapshots.length === newParallelism;
  let firstSubtask = 0;
  for (const { name, mode } of namesOf(snapshots)) {
    const parts = snapshots.map(
      ({ operatorState = [] }) =>
        operatorState.find((state) => state.name === name && state.mode === mode)?.items ?? [],
    );
    if (mode === 'split' && !keepsSplit) {
      const all = parts.flat();
      dealOut({ name, mode, items: all }, result, firstSubtask);
      firstSubtask = (firstSubtask + (all.length % newParallelism)) % newParallelism;
      continue;
    }
    result.forEach((states, subtask) => {
      const items = mode === 'union' ? parts.flat() : (parts[subtask % parts.length] ?? []);
      states.push({ name, mode, items });
    });
  }
  return result;
}

/** Each new subtask's piece, beginning with `firstSubtask`, who is the first to get one more. */
function dealOut(
  state: OperatorStateSnapshot,
  result: OperatorStateSnapshot[][],
  firstSubtask: number,
): void {
  const { name, mode, items } = state;
  const baseCount = Math.floor(items.length / result.length);
  const extraCount = items.length % result.length;
  let from = 0;
  for (let turn = 0; turn < result.length; turn += 1) {
    const to = from + baseCount + (turn < extraCount ? 1 : 0);
    const subtask = (firstSubtask + turn) % result.length;
    (result[subtask] as OperatorStateSnapshot[]).push({
      name,
      mode,
      items: items.slice(from, to),
    });
    from = to;
  }
}

function namesOf(
  snapshots: readonly RescalableState[],
): readonly Pick<OperatorStateSnapshot, 'name' | 'mode'>[] {
  const names = new Map<string, Pick<OperatorStateSnapshot, 'name' | 'mode'>>();
  for (const { operatorState = [] } of snapshots) {
    for (const { name, mode } of operatorState) names.set(`${mode} ${name}`, { name, mode });
  }
  return [...names.values()];
}
