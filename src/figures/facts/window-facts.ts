import { KIND, PANE_TIMINGS, type Json, type PaneTiming, type Trace } from '#engine';
import { isClockTime } from '../json-text.ts';

/** The contents of one key's window changed. Numbers are for adding up; text comes from `row`. */
export interface WindowChange {
  readonly row: number;
  readonly atMs: number;
  readonly key: number;
  readonly before: number;
  readonly after: number;
}

/** One pane let out by a window. */
export interface WindowFiring {
  /** The `window-fired` row. */
  readonly row: number;
  readonly atMs: number;
  readonly key: number;
  readonly timing: PaneTiming;
  readonly amount: number;
}

/** What happened in one interval of event time, for all keys. */
export interface WindowFact {
  readonly startMs: number;
  readonly endMs: number;
  readonly changes: readonly WindowChange[];
  readonly firings: readonly WindowFiring[];
}

type Draft = { startMs: number; endMs: number; changes: WindowChange[]; firings: WindowFiring[] };
type Contents = Map<string, { window: Draft; key: number; amount: number }>;

/**
 * A number to add up for a value: itself, the length of a list, the first number in an object that
 * is no moment in time, else 1.
 */
export function amountOf(value: Json | undefined): number {
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'object' && value !== null) {
    const numbers = Object.values(value).filter((field) => typeof field === 'number');
    return numbers.find((number) => !isClockTime(number)) ?? 1;
  }
  return 1;
}

/** Windows by start, then end. A restored subtask's windows change back to their snapshot. */
export function collectWindows(trace: Trace): readonly WindowFact[] {
  const { kind, subtask, atMs, key, a, b, c, value } = trace.columns;
  const windows = new Map<string, Draft>();
  const live = new Map<number, Contents>();
  const snapshots = new Map<string, Contents>();
  const contentsOf = (index: number): Contents => {
    if (!live.has(index)) live.set(index, new Map());
    return live.get(index)!;
  };
  for (let row = 0; row < trace.rowCount; row += 1) {
    const now = { row, atMs: atMs[row] };
    if (kind[row] === KIND['window-updated']) {
      const window = draftOf(windows, a[row], b[row]);
      const amount = amountOf(trace.values[value[row]]);
      write(contentsOf(subtask[row]), window, key[row], amount, now);
    } else if (kind[row] === KIND['window-fired']) {
      const amount = amountOf(trace.values[value[row]]);
      const timing = PANE_TIMINGS[c[row]];
      draftOf(windows, a[row], b[row]).firings.push({ ...now, key: key[row], timing, amount });
    } else if (kind[row] === KIND['snapshot-taken']) {
      snapshots.set(`${subtask[row]}:${a[row]}`, new Map(contentsOf(subtask[row])));
    } else if (kind[row] === KIND['subtask-restored']) {
      const restored = snapshots.get(`${subtask[row]}:${a[row]}`) ?? new Map();
      rewind(contentsOf(subtask[row]), restored, now);
    }
  }
  return [...windows.values()].sort((p, q) => p.startMs - q.startMs || p.endMs - q.endMs);
}

function draftOf(windows: Map<string, Draft>, startMs: number, endMs: number): Draft {
  const id = `${startMs}:${endMs}`;
  const known = windows.get(id);
  if (known !== undefined) return known;
  const draft: Draft = { startMs, endMs, changes: [], firings: [] };
  windows.set(id, draft);
  return draft;
}

type Moment = { readonly row: number; readonly atMs: number };

function write(contents: Contents, window: Draft, key: number, amount: number, now: Moment): void {
  const id = `${key}:${window.startMs}:${window.endMs}`;
  const before = contents.get(id)?.amount ?? 0;
  contents.set(id, { window, key, amount });
  window.changes.push({ ...now, key, before, after: amount });
}

function rewind(contents: Contents, restored: Contents, now: Moment): void {
  for (const [id, { window, key, amount }] of [...contents]) {
    const after = restored.get(id)?.amount ?? 0;
    if (after !== amount) window.changes.push({ ...now, key, before: amount, after });
    if (!restored.has(id)) contents.delete(id);
  }
  for (const [id, entry] of restored) contents.set(id, entry);
}
