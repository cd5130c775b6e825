import { KeyPlaces, redistribute as redistributeState } from '../state/rescale.ts';
import type { Rescaling } from '../state/rescale.ts';
import type { OperatorSnapshot } from './operator.ts';
import { redistributeWindows } from './window-snapshot.ts';

/**
 * Deals everything that an operator's subtasks gave to a savepoint over another parallelism: keyed
 * state, window contents and timers go where their key group goes; transactions that wait for
 * their commit and open files are dealt round-robin.
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
  const openFiles = snapshots.flatMap((snapshot) => snapshot.openFiles ?? []);
  const windows = redistributeWindows(
    snapshots.map((snapshot) => snapshot.windows),
    places,
    newParallelism,
  );
  return redistributeState(snapshots, rescaling).map((state, subtask) => ({
    ...state,
    ...(windows[subtask] === undefined ? {} : { windows: windows[subtask] }),
    committables: committables.filter((_, place) => place % newParallelism === subtask),
    openFiles: openFiles.filter((_, place) => place % newParallelism === subtask),
  }));
}
