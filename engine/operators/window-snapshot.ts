import { ConfigError } from '../core/errors.ts';
import { WATERMARK_MAX } from '../core/time.ts';
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
 * Windows with the default trigger write `panes`, in which timers are implied; all others write
 * `triggered`. Either can be restored as the other, as in Flink, where both are one format.
 */
export interface WindowSnapshot {
  readonly format: 'panes' | 'triggered';
  /** Whether its windows merge. */
  readonly merges: boolean;
  readonly entries: ContentsSnapshot;
  readonly states: WindowStateSnapshot;
  readonly timers: WindowTimersSnapshot;
  readonly mergingSets: MergingSetsSnapshot;
}

export const NO_WINDOW_TIMERS: WindowTimersSnapshot = { eventTime: [], processingTime: [] };

/** @throws ConfigError when windows that merge are to go on as such that don't, or the reverse. */
export function checkMerging(snapshot: WindowSnapshot, isMerging: boolean): void {
  if (snapshot.entries.length === 0 || snapshot.merges === isMerging) return;
  throw new ConfigError(
    `windows that ${isMerging ? '' : 'do not '}merge cannot go on from windows that do${
      isMerging ? ' not' : ''
    }`,
    `${snapshot.entries.length} windows in flight`,
    'give the changed window operator another uid, and start it without state',
  );
}

/**
 * The same windows with the timers that the default trigger and the clean-up would have set.
 * Simplified: with the lateness of the job that restores them; in Flink timers that are there stay.
 */
export function asTriggered(snapshot: WindowSnapshot, allowedLatenessMs: number): WindowSnapshot {
  if (snapshot.format === 'triggered') return snapshot;
  const eventTime: WindowTimerSnapshot[number][] = [];
  for (const [startMs, key, , row, isPending, endMs] of snapshot.entries) {
    const maxTimestampMs = endMs - 1;
    if (isPending) eventTime.push([maxTimestampMs, key, row, startMs, endMs]);
    const cleanupMs = maxTimestampMs + allowedLatenessMs;
    const isOther = !isPending || cleanupMs !== maxTimestampMs;
    if (isOther && cleanupMs < WATERMARK_MAX) eventTime.push([cleanupMs, key, row, startMs, endMs]);
  }
  return { ...snapshot, format: 'triggered', timers: { eventTime, processingTime: [] } };
}

/**
 * The same windows for the default trigger: one fires at its end if it has a timer for it. Other
 * timers and the state of the trigger before mean nothing to it, as in Flink.
 * Simplified: all have the size that the job has now (in Flink a window keeps its bounds).
 * @throws ConfigError for windows of another size.
 */
export function asPanes(snapshot: WindowSnapshot, sizeMs: number): WindowSnapshot {
  for (const [startMs, , , , , endMs] of snapshot.entries) {
    if (endMs - startMs === sizeMs) continue;
    throw new ConfigError(
      `windows of ${sizeMs} ms cannot go on from windows of another size`,
      `[${startMs}, ${endMs}) in the snapshot`,
      'give the changed window operator another uid, and start it without state',
    );
  }
  if (snapshot.format === 'panes') return snapshot;
  const nameOf = (key: number, startMs: number, endMs: number): string =>
    `${key} ${startMs} ${endMs}`;
  const pending = new Set<string>();
  for (const [timeMs, key, , startMs, endMs] of snapshot.timers.eventTime) {
    if (timeMs === endMs - 1) pending.add(nameOf(key, startMs, endMs));
  }
  const entries = snapshot.entries.map(([startMs, key, contents, row, , endMs]) => {
    const isPending = pending.has(nameOf(key, startMs, endMs));
    return [startMs, key, contents, row, isPending, endMs] as const;
  });
  return { ...snapshot, format: 'panes', entries, timers: NO_WINDOW_TIMERS };
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
  const { format, merges, entries, states, timers, mergingSets } = snapshot;
  return {
    format,
    merges,
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
    merges: left.merges,
    entries: [...left.entries, ...right.entries],
    states: [...left.states, ...right.states],
    timers: {
      eventTime: [...left.timers.eventTime, ...right.timers.eventTime],
      processingTime: [...left.timers.processingTime, ...right.timers.processingTime],
    },
    mergingSets: [...left.mergingSets, ...right.mergingSets],
  };
}
