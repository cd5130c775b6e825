import { assert } from '../core/assert.ts';
import { Fold } from './fold.ts';
import type { FoldState } from './fold.ts';
import type { Frame } from './frame.ts';
import { KIND, TRACE_KINDS } from './kinds.ts';
import type { TraceKind } from './kinds.ts';
import { narrateEvent } from './narration.ts';
import type { Json, SubtaskInfo, Trace, TraceEvent } from './trace.ts';

const KEYFRAME_ROWS = 512;

/**
 * Reads a trace: any row, the picture after any row, and what is said about it. Keyframes are made
 * on first use and kept, so going back costs as little as going on.
 */
export class TraceReader {
  readonly trace: Trace;
  readonly #keyframes: FoldState[] = [];
  #fold: Fold | undefined;

  constructor(trace: Trace) {
    this.trace = trace;
  }

  get rowCount(): number {
    return this.trace.rowCount;
  }

  /** @throws AssertionError when there is no such row. */
  event(row: number): TraceEvent {
    assert(row >= 0 && row < this.rowCount, `row ${row} of ${this.rowCount}`);
    const { columns } = this.trace;
    return {
      row,
      kind: TRACE_KINDS[columns.kind[row] as number] as TraceKind,
      subtask: columns.subtask[row] as number,
      atMs: columns.atMs[row] as number,
      cause: columns.cause[row] as number,
      key: columns.key[row] as number,
      a: columns.a[row] as number,
      b: columns.b[row] as number,
      c: columns.c[row] as number,
      d: columns.d[row] as number,
      value: columns.value[row] as number,
    };
  }

  kindAt(row: number): TraceKind {
    return TRACE_KINDS[this.trace.columns.kind[row] as number] as TraceKind;
  }

  /** The JSON value that goes with a row, or null. */
  valueAt(row: number): Json {
    const index = this.trace.columns.value[row] as number;
    return index < 0 ? null : (this.trace.values[index] ?? null);
  }

  /** The picture after the fact at `row`; -1 gives the empty one. */
  frameAt(row: number): Frame {
    assert(row >= -1 && row < this.rowCount, `row ${row} of ${this.rowCount}`);
    const keyframe = this.#keyframeFor(row);
    if (this.#fold === undefined || this.#fold.row > row || this.#fold.row < keyframe.frame.row) {
      this.#fold = new Fold(this.trace, keyframe);
    }
    this.#fold.advanceTo(row);
    return this.#fold.frame();
  }

  /** One plain sentence about the fact at `row`. */
  narrate(row: number): string {
    return narrateEvent(this, this.event(row));
  }

  /** The last row at or before a moment of processing time; -1 when the run had not begun. */
  rowAtTime(atMs: number): number {
    const { atMs: times } = this.trace.columns;
    let low = 0;
    let high = this.rowCount;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] as number) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The nearest row after (or before) `from` whose kind is one of `kinds`; -1 when none is. */
  nextRow(from: number, kinds: readonly TraceKind[], direction: 1 | -1 = 1): number {
    const wanted = new Set(kinds.map((kind) => KIND[kind]));
    const { kind } = this.trace.columns;
    for (let row = from + direction; row >= 0 && row < this.rowCount; row += direction) {
      if (wanted.has(kind[row] as number)) return row;
    }
    return -1;
  }

  keyText(key: number): string {
    const value = this.trace.keys[key];
    if (value === undefined) return '';
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  subtaskText(id: number): string {
    const info: SubtaskInfo | undefined = this.trace.header.subtasks[id];
    return info === undefined ? 'the job' : `${info.operator}-${info.index}`;
  }

  #keyframeFor(row: number): FoldState {
    const index = Math.floor((row + 1) / KEYFRAME_ROWS);
    while (this.#keyframes.length <= index) {
      const previous = this.#keyframes.at(-1);
      const fold = new Fold(this.trace, previous);
      fold.advanceTo(this.#keyframes.length * KEYFRAME_ROWS - 1);
      this.#keyframes.push(fold.handOut());
    }
    return this.#keyframes[index] as FoldState;
  }
}
