import { toJson } from '../core/clone.ts';
import type { Json } from '../core/clone.ts';
import type { KeyTable } from '../core/key-table.ts';
import type { Trace, TraceColumns, TraceHeader } from './trace.ts';

const FIRST_CAPACITY = 1024;

/** Nothing caused this fact, or there is no such column. */
export const NONE = -1;

/**
 * Appends facts to columns. When it is off, every call returns NONE at once, and the run leaves no
 * trace. Invariant: a row's cause is an earlier row.
 */
export class Recorder {
  readonly isOn: boolean;
  rowCount = 0;
  atMs = 0;
  #capacity: number;
  #kind: Uint8Array;
  #subtask: Int16Array;
  #at: Float64Array;
  #cause: Int32Array;
  #key: Int32Array;
  #a: Float64Array;
  #b: Float64Array;
  #c: Int32Array;
  #d: Int32Array;
  #value: Int32Array;
  readonly #values: Json[] = [];

  constructor(isOn: boolean) {
    this.isOn = isOn;
    this.#capacity = isOn ? FIRST_CAPACITY : 0;
    this.#kind = new Uint8Array(this.#capacity);
    this.#subtask = new Int16Array(this.#capacity);
    this.#at = new Float64Array(this.#capacity);
    this.#cause = new Int32Array(this.#capacity);
    this.#key = new Int32Array(this.#capacity);
    this.#a = new Float64Array(this.#capacity);
    this.#b = new Float64Array(this.#capacity);
    this.#c = new Int32Array(this.#capacity);
    this.#d = new Int32Array(this.#capacity);
    this.#value = new Int32Array(this.#capacity);
  }

  /**
   * Appends a fact at the current time (`atMs`) and returns its row, or NONE when off. The columns
   * are described in `kinds.ts`.
   */
  add(
    kind: number,
    subtask: number,
    cause: number,
    key: number,
    a: number,
    b: number,
    c: number,
    d: number,
  ): number {
    if (!this.isOn) return NONE;
    const row = this.rowCount;
    if (row === this.#capacity) this.#grow();
    this.#kind[row] = kind;
    this.#subtask[row] = subtask;
    this.#at[row] = this.atMs;
    this.#cause[row] = cause;
    this.#key[row] = key;
    this.#a[row] = a;
    this.#b[row] = b;
    this.#c[row] = c;
    this.#d[row] = d;
    this.#value[row] = NONE;
    this.rowCount = row + 1;
    return row;
  }

  /** Gives a fact its value, as JSON: a copy, so later changes of the object don't show. */
  setValue(row: number, value: unknown): void {
    if (row === NONE) return;
    this.#value[row] = this.#values.length;
    this.#values.push(toJson(value));
  }

  finish(header: TraceHeader, keys: KeyTable): Trace {
    const count = this.rowCount;
    const columns: TraceColumns = {
      kind: this.#kind.slice(0, count),
      subtask: this.#subtask.slice(0, count),
      atMs: this.#at.slice(0, count),
      cause: this.#cause.slice(0, count),
      key: this.#key.slice(0, count),
      a: this.#a.slice(0, count),
      b: this.#b.slice(0, count),
      c: this.#c.slice(0, count),
      d: this.#d.slice(0, count),
      value: this.#value.slice(0, count),
    };
    return { header, rowCount: count, columns, keys: keys.toJson(), values: this.#values };
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#kind = widen(this.#kind, new Uint8Array(this.#capacity));
    this.#subtask = widen(this.#subtask, new Int16Array(this.#capacity));
    this.#at = widen(this.#at, new Float64Array(this.#capacity));
    this.#cause = widen(this.#cause, new Int32Array(this.#capacity));
    this.#key = widen(this.#key, new Int32Array(this.#capacity));
    this.#a = widen(this.#a, new Float64Array(this.#capacity));
    this.#b = widen(this.#b, new Float64Array(this.#capacity));
    this.#c = widen(this.#c, new Int32Array(this.#capacity));
    this.#d = widen(this.#d, new Int32Array(this.#capacity));
    this.#value = widen(this.#value, new Int32Array(this.#capacity));
  }
}

function widen<T extends Uint8Array | Int16Array | Int32Array | Float64Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
