import type { Key } from '../core/key-table.ts';
import { keyGroupOf, subtaskOfKeyGroup } from '../state/key-groups.ts';
import type { StateSnapshot } from '../state/keyed-state-backend.ts';
import type { OperatorSnapshot } from './operator.ts';

/** Where keys go at the new parallelism. */
export interface RescaleTarget {
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** The key behind an interned id. */
  readonly keyOf: (id: number) => Key;
}

/**
 * Models how Flink 2.x deals an operator's state over another parallelism (StateAssignmentOperation):
 * keyed state, window contents and timers go where their key group goes; transactions that wait for
 * their commit are dealt round-robin.
 * Invariant: every entry lands in exactly one subtask.
 */
export function redistribute(
  snapshots: readonly OperatorSnapshot[],
  target: RescaleTarget,
): OperatorSnapshot[] {
  const { parallelism, maxParallelism, keyOf } = target;
  const owners = new Map<number, number>();
  const ownerOf = (id: number): number => {
    const known = owners.get(id);
    if (known !== undefined) return known;
    const keyGroup = keyGroupOf(keyOf(id), maxParallelism);
    const owner = subtaskOfKeyGroup(keyGroup, maxParallelism, parallelism);
    owners.set(id, owner);
    return owner;
  };
  return Array.from({ length: parallelism }, (_, subtask) =>
    partOf(
      snapshots,
      (id) => ownerOf(id) === subtask,
      (place) => place % parallelism === subtask,
    ),
  );
}

function partOf(
  snapshots: readonly OperatorSnapshot[],
  isOwn: (keyId: number) => boolean,
  isOwnPlace: (place: number) => boolean,
): OperatorSnapshot {
  const timers = (field: 'eventTimers' | 'processingTimers') => ({
    entries: snapshots.flatMap((snapshot) =>
      (snapshot[field]?.entries ?? []).filter(([, key]) => isOwn(key)),
    ),
  });
  return {
    keyed: mergeKeyed(snapshots, isOwn),
    eventTimers: timers('eventTimers'),
    processingTimers: timers('processingTimers'),
    windows: {
      entries: snapshots.flatMap((snapshot) =>
        (snapshot.windows?.entries ?? []).filter(([, key]) => isOwn(key)),
      ),
    },
    committables: snapshots
      .flatMap((snapshot) => snapshot.committables ?? [])
      .filter((_, place) => isOwnPlace(place)),
  };
}

function mergeKeyed(
  snapshots: readonly OperatorSnapshot[],
  isOwn: (keyId: number) => boolean,
): StateSnapshot[] {
  const merged = new Map<string, StateSnapshot>();
  for (const state of snapshots.flatMap((snapshot) => snapshot.keyed ?? [])) {
    const own = state.entries.filter(([key]) => isOwn(key));
    const before = merged.get(state.name)?.entries ?? [];
    merged.set(state.name, { ...state, entries: [...before, ...own] });
  }
  return [...merged.values()];
}
