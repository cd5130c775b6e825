import { KeyPlaces, redistribute as redistributeState } from '../state/rescale.ts';
import type { Rescaling } from '../state/rescale.ts';
import type { OperatorSnapshot } from './operator.ts';

/**
 * Deals everything that an operator's subtasks gave to a savepoint over another parallelism: keyed
 * state, window contents and timers go where their key group goes; transactions that wait for
 * their commit are dealt round-robin.
 * Models Flink 2.3 StateAssignmentOperation. Simplified: see `state/rescale.ts`.
 * Invariant: every entry lands in exactly one subtask.
 */
export function redistribute(
  snapshots: readonly OperatorSnapshot[],
  rescaling: Rescaling,
): OperatorSnapshot[] {
  const places = new KeyPlaces(rescaling);
  const { newParallelism } = rescaling;
  const committables = snapshots.flatMap((snapshot) => snapshot.committables ?? []);
  return redistributeState(snapshots, rescaling).map((state, subtask) => ({
    ...state,
    windows: { entries: snapshots.flatMap((snapshot) => ownWindows(snapshot, places, subtask)) },
    committables: committables.filter((_, place) => place % newParallelism === subtask),
  }));
}

type WindowEntries = NonNullable<OperatorSnapshot['windows']>['entries'];

function ownWindows(
  { windows }: OperatorSnapshot,
  places: KeyPlaces,
  subtask: number,
): WindowEntries {
  return (windows?.entries ?? [])
    .filter(([, key]) => places.subtaskOf(key) === subtask)
    .map(([startMs, key, contents, row, isPending]) => [
      startMs,
      places.newIdOf(key),
      contents,
      places.rowOf(row),
      isPending,
    ]);
}
