import { WATERMARK_MIN, type Frame, type Json, type SubtaskFrame, type Trace } from '#engine';
import { keyText } from '../key-styles.ts';
import { clockText, exactClockText, exactMomentText, type ClockPrecision } from '../time-text.ts';

/** One line of the state table. */
export interface StateRow {
  readonly id: string;
  readonly kind: 'window' | 'state' | 'timer';
  readonly key: number;
  readonly name: string;
  readonly value: string;
  /** The trace row that wrote it. */
  readonly writtenRow: number;
}

export interface StateTable {
  readonly subtask: number;
  readonly name: string;
  readonly isAlive: boolean;
  readonly watermark: string;
  readonly counts: string;
  /** Newest first, at most `rowsMax`. */
  readonly rows: readonly StateRow[];
  readonly hiddenCount: number;
}

export interface StateTableOptions {
  readonly precision: ClockPrecision;
  readonly focusKey: number;
  readonly rowsMax: number;
  readonly valueText: (value: Json) => string;
}

const number = (count: number): string => count.toLocaleString('en-US');

/** What one subtask holds: windows, keyed state and timers, the newest first. */
export function stateTable(
  trace: Trace,
  frame: Frame,
  subtask: number,
  options: StateTableOptions,
): StateTable {
  const held: SubtaskFrame = frame.subtasks[subtask];
  const info = trace.header.subtasks[subtask];
  const rows = [
    ...windowRows(held, options),
    ...keyedRows(trace, held, options),
    ...timerRows(held, trace.columns.atMs[frame.row] ?? 0),
  ]
    .filter(({ key }) => options.focusKey < 0 || key === options.focusKey)
    .sort((p, q) => q.writtenRow - p.writtenRow);
  return {
    subtask,
    name: `${info.operator} ${info.index}`,
    isAlive: held.isAlive,
    watermark: held.watermarkMs === WATERMARK_MIN ? 'none yet' : exactClockText(held.watermarkMs),
    counts: `${number(held.recordsIn)} in, ${number(held.droppedLateCount)} dropped late`,
    rows: rows.slice(0, options.rowsMax),
    hiddenCount: Math.max(0, rows.length - options.rowsMax),
  };
}

function windowRows(held: SubtaskFrame, options: StateTableOptions): readonly StateRow[] {
  const { precision, valueText } = options;
  return [...held.windows].map(([id, { key, startMs, endMs, value, row }]) => ({
    id: `window ${id}`,
    kind: 'window',
    key,
    name: `${clockText(startMs, precision)}–${clockText(endMs, precision)}`,
    value: valueText(value),
    writtenRow: row,
  }));
}

function keyedRows(
  trace: Trace,
  held: SubtaskFrame,
  { valueText }: StateTableOptions,
): readonly StateRow[] {
  return [...held.state].map(([id, { state, key, mapKey, value, row }]) => ({
    id: `state ${id}`,
    kind: 'state',
    key,
    name:
      mapKey < 0
        ? trace.header.states[state].name
        : `${trace.header.states[state].name}[${keyText(trace.keys[mapKey])}]`,
    value: valueText(value),
    writtenRow: row,
  }));
}

function timerRows(held: SubtaskFrame, nowMs: number): readonly StateRow[] {
  return [...held.timers].map(([id, { key, timeMs, domain, row }]) => ({
    id: `timer ${id}`,
    kind: 'timer',
    key,
    name: domain === 'event-time' ? 'timer' : 'timer (processing time)',
    value: exactMomentText(timeMs, nowMs),
    writtenRow: row,
  }));
}
