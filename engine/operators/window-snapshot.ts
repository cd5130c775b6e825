import { ConfigError } from '../core/errors.ts';
import type { KeyPlaces } from '../state/rescale.ts';
import type { WindowTimerSnapshot } from '../state/window-timers.ts';
import type { ContentsSnapshot } from './window-contents-store.ts';
import type { WindowStateSnapshot } from './window-state.ts';
import type { WindowTimersSnapshot } from './window-trigger-driver.ts';

/** Windows in flight that merge: each with the window under which its contents are kept. */
export type MergingSetsSnapshot = readonly (readonly [
  key: number,
  startMs: number,
  endMs: number,
  stateStartMs: number,
  stateEndMs: number,
])[];

/**
 * What a window operator gives to a checkpoint. All parts name the key: they can be dealt out anew
 * by key group.
 * Simplified: Flink's two ways of running a window share one format; here a checkpoint of windows
 * with the default trigger cannot be restored into a job that has replaced it, nor the reverse.
 */
export interface WindowSnapshot {
  readonly format: 'panes' | 'triggered';
  readonly entries: ContentsSnapshot;
  readonly states: WindowStateSnapshot;
  readonly timers: WindowTimersSnapshot;
  readonly mergingSets: MergingSetsSnapshot;
}

export const NO_WINDOW_TIMERS: WindowTimersSnapshot = { eventTime: [], processingTime: [] };

/** @throws ConfigError when the snapshot comes from windows that work otherwise. */
export function checkFormat(snapshot: WindowSnapshot, format: WindowSnapshot['format']): void {
  if (snapshot.format === format) return;
  throw new ConfigError(
    'windows restored from a checkpoint must keep their kind of trigger',
    `${snapshot.format} windows for ${format} ones`,
    'give the changed window operator another uid, and start it without state',
  );
}

/**
 * Deals the windows of all subtasks of an operator out to another number of subtasks, each to the
 * one that its key's records go to.
 */
export function redistributeWindows(
  snapshots: readonly (WindowSnapshot | undefined)[],
  places: KeyPlaces,
  newParallelism: number,
): (WindowSnapshot | undefined)[] {
  const known = snapshots.filter((snapshot) => snapshot !== undefined);
  return Array.from({ length: newParallelism }, (_, subtask) => {
    const [first, ...others] = known.map((snapshot) => windowsOf(snapshot, places, subtask));
    return first === undefined ? undefined : others.reduce(together, first);
  });
}

function windowsOf(snapshot: WindowSnapshot, places: KeyPlaces, subtask: number): WindowSnapshot {
  const isHere = (key: number): boolean => places.subtaskOf(key) === subtask;
  const timersOf = (timers: WindowTimerSnapshot): WindowTimerSnapshot =>
    timers
      .filter(([, key]) => isHere(key))
      .map(([timeMs, key, row, startMs, endMs]) => {
        return [timeMs, places.newIdOf(key), places.rowOf(row), startMs, endMs];
      });
  const { format, entries, states, timers, mergingSets } = snapshot;
  return {
    format,
    entries: entries
      .filter(([, key]) => isHere(key))
      .map(([startMs, key, contents, row, isPending, endMs]) => {
        return [startMs, places.newIdOf(key), contents, places.rowOf(row), isPending, endMs];
      }),
    states: states
      .filter(([, , key]) => isHere(key))
      .map(([name, kind, key, startMs, endMs, value, row]) => {
        return [name, kind, places.newIdOf(key), startMs, endMs, value, places.rowOf(row)];
      }),
    timers: {
      eventTime: timersOf(timers.eventTime),
      processingTime: timersOf(timers.processingTime),
    },
    mergingSets: mergingSets
      .filter(([key]) => isHere(key))
      .map(([key, ...bounds]) => [places.newIdOf(key), ...bounds]),
  };
}

function together(left: WindowSnapshot, right: WindowSnapshot): WindowSnapshot {
  return {
    format: left.format,
    entries: [...left.entries, ...right.entries],
    states: [...left.states, ...right.states],
    timers: {
      eventTime: [...left.timers.eventTime, ...right.timers.eventTime],
      processingTime: [...left.timers.processingTime, ...right.timers.processingTime],
    },
    mergingSets: [...left.mergingSets, ...right.mergingSets],
  };
}
