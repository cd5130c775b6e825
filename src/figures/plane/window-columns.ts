import { type PaneTiming } from '#engine';
import { bisectRight } from 'd3-array';
import { type FailureFact } from '../facts/incident-facts.ts';
import { type WindowFact, type WindowFiring } from '../facts/window-facts.ts';
import { type Scales } from './scales.ts';

/** What a window let out together: all keys' firings of one timing, between two failures. */
export interface Pane {
  readonly timing: PaneTiming;
  /** It had fired before a failure already, and fired again after the restore. */
  readonly isRepeat: boolean;
  readonly firings: readonly WindowFiring[];
  readonly firstRow: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** One window of event time as a column of the plane. */
export interface WindowColumn {
  readonly startMs: number;
  readonly endMs: number;
  readonly x: number;
  readonly width: number;
  readonly openedRow: number;
  readonly openedMs: number;
  readonly panes: readonly Pane[];
  readonly changes: WindowFact['changes'];
  /** Rows at which the contents changed, and the sum over keys after each. */
  readonly rows: readonly number[];
  readonly totals: readonly number[];
  readonly keyCounts: readonly number[];
}

/** A column as it stands at a row of the trace. */
export interface ColumnMoment {
  readonly total: number;
  readonly keyCount: number;
  readonly timing: PaneTiming | 'open';
  readonly isRepeat: boolean;
  /** Frozen parts from bottom to top, then the growing part, if it is still open. */
  readonly parts: readonly ColumnPart[];
  readonly topY: number;
}

export interface ColumnPart {
  readonly timing: PaneTiming | 'open';
  readonly isRepeat: boolean;
  readonly y: number;
  readonly height: number;
}

/** Columns of the windows in sight; with a `focusKey`, only that key's contents and firings. */
export function layoutColumns(
  windows: readonly WindowFact[],
  failures: readonly FailureFact[],
  scales: Scales,
  focusKey: number,
): readonly WindowColumn[] {
  const columns: WindowColumn[] = [];
  for (const { startMs, endMs, changes, firings } of windows) {
    const left = scales.xInside(startMs);
    const right = scales.xInside(endMs);
    const own = changes.filter(({ key }) => focusKey < 0 || key === focusKey);
    if (right - left < 0.5 || own.length === 0) continue;
    const fired = firings.filter(({ key }) => focusKey < 0 || key === focusKey);
    const opened = { openedRow: own[0].row, openedMs: own[0].atMs };
    columns.push({
      ...{ startMs, endMs, x: left, width: right - left },
      ...opened,
      panes: groupPanes(fired, failures, opened.openedMs),
      changes: own,
      ...addUp(own),
    });
  }
  return columns;
}

function groupPanes(
  firings: readonly WindowFiring[],
  failures: readonly FailureFact[],
  openedMs: number,
): readonly Pane[] {
  const panes: Pane[] = [];
  const groups: WindowFiring[][] = [];
  for (const firing of firings) {
    const last = groups.at(-1)?.at(-1);
    const isTorn = failures.some(({ row }) => last && last.row < row && row < firing.row);
    if (last === undefined || isTorn || last.timing !== firing.timing) groups.push([firing]);
    else groups[groups.length - 1].push(firing);
  }
  for (const group of groups) {
    const { row, atMs, timing } = group[0];
    const before = panes.at(-1);
    // Nothing grows while time is torn: what fires after a restart starts there.
    const tornMs = failures.findLast((failure) => failure.row < row)?.restartedMs ?? openedMs;
    panes.push({
      timing,
      isRepeat: panes.some((pane) => pane.timing === timing && pane.toMs < tornMs),
      firings: group,
      firstRow: row,
      fromMs: before === undefined ? openedMs : Math.min(atMs, Math.max(before.toMs, tornMs)),
      toMs: group.at(-1)?.atMs ?? atMs,
    });
  }
  return panes;
}

function addUp(changes: WindowFact['changes']) {
  const amounts = new Map<number, number>();
  const rows: number[] = [];
  const totals: number[] = [];
  const keyCounts: number[] = [];
  let total = 0;
  for (const { row, key, before, after } of changes) {
    total += after - before;
    if (after === 0) amounts.delete(key);
    else amounts.set(key, after);
    rows.push(row);
    totals.push(total);
    keyCounts.push(amounts.size);
  }
  return { rows, totals, keyCounts };
}

/** The column after the fact at `row`, or undefined before its first record. */
export function columnAt(
  column: WindowColumn,
  row: number,
  atMs: number,
  scales: Scales,
): ColumnMoment | undefined {
  const index = bisectRight(column.rows, row) - 1;
  if (index < 0) return;
  const parts: ColumnPart[] = [];
  const fired = column.panes.filter(({ firstRow }) => firstRow <= row);
  for (const { timing, isRepeat, fromMs, toMs } of fired) {
    parts.push({ timing, isRepeat, ...extentOf(fromMs, Math.min(toMs, atMs), scales) });
  }
  if (fired.length === 0) {
    parts.push({ timing: 'open', isRepeat: false, ...extentOf(column.openedMs, atMs, scales) });
  }
  return {
    total: column.totals[index],
    keyCount: column.keyCounts[index],
    timing: fired.at(-1)?.timing ?? 'open',
    isRepeat: fired.at(-1)?.isRepeat ?? false,
    parts,
    topY: parts.at(-1)?.y ?? scales.yInside(atMs),
  };
}

/** What each key holds in the window after `row`, most first. For runs with few changes. */
export function amountsAt({ changes }: WindowColumn, row: number): readonly KeyAmount[] {
  const amounts = new Map<number, number>();
  for (const change of changes) {
    if (change.row > row) break;
    amounts.set(change.key, change.after);
  }
  return [...amounts]
    .map(([key, amount]) => ({ key, amount }))
    .filter(({ amount }) => amount !== 0)
    .sort((p, q) => q.amount - p.amount || p.key - q.key);
}

export interface KeyAmount {
  readonly key: number;
  readonly amount: number;
}

function extentOf(fromMs: number, toMs: number, scales: Scales) {
  const y = scales.yInside(toMs);
  return { y, height: Math.max(0, scales.yInside(fromMs) - y) };
}
