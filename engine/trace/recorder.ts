import { toJson } from '../core/clone.ts';
import type { Json } from '../core/clone.ts';
import type { KeyTable } from '../core/key-table.ts';
import type { Trace, TraceColumns, TraceHeader } from './trace.ts';

/** Rows that the first chunk holds; each one after it holds twice as many, up to the limit. */
const FIRST_CAPACITY = 1024;
const CHUNK_CAPACITY_MAX = 1 << 16;

/** Nothing caused this fact, or there is no such column. */
export const NONE = -1;

/** As many rows as were set aside at a time. */
interface Chunk {
  readonly firstRow: number;
  readonly capacity: number;
  readonly columns: TraceColumns;
}

function createColumns(capacity: number): TraceColumns {
  return {
    kind: new Uint8Array(capacity),
    subtask: new Int16Array(capacity),
    atMs: new Float64Array(capacity),
    cause: new Int32Array(capacity),
    key: new Int32Array(capacity),
    a: new Float64Array(capacity),
    b: new Float64Array(capacity),
    c: new Int32Array(capacity),
    d: new Int32Array(capacity),
    value: new Int32Array(capacity),
  };
}

const COLUMNS = Object.keys(createColumns(0)) as (keyof TraceColumns)[];

/**
 * Appends facts to columns, chunk by chunk, so that none is moved before the end. When it is off,
 * every call returns NONE at once, and the run leaves no trace.
 * Invariant: a row's cause is an earlier row.
 */
export class Recorder {
  readonly isOn: boolean;
  rowCount = 0;
  atMs = 0;
  readonly #chunks: Chunk[] = [];
  /** Of the last chunk. */
  #columns: TraceColumns;
  #firstRow = 0;
  #capacity: number;
  readonly #values: Json[] = [];

  constructor(isOn: boolean) {
    this.isOn = isOn;
    this.#capacity = isOn ? FIRST_CAPACITY : 0;
    this.#columns = createColumns(this.#capacity);
    this.#chunks.push({ firstRow: 0, capacity: this.#capacity, columns: this.#columns });
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
    return this.isOn ? this.#append(kind, subtask, cause, key, a, b, c, d) : NONE;
  }

  /** Gives a fact its value, as JSON: a copy, so later changes of the object don't show. */
  setValue(row: number, value: unknown): void {
    if (row === NONE) return;
    const { firstRow, columns } = this.#chunkOf(row);
    columns.value[row - firstRow] = this.#values.length;
    this.#values.push(toJson(value));
  }

  finish(header: TraceHeader, keys: KeyTable): Trace {
    const columns = createColumns(this.rowCount);
    for (const chunk of this.#chunks) {
      const count = Math.min(chunk.capacity, this.rowCount - chunk.firstRow);
      for (const name of COLUMNS) {
        columns[name].set(chunk.columns[name].subarray(0, count), chunk.firstRow);
      }
    }
    return { header, rowCount: this.rowCount, columns, keys: keys.toJson(), values: this.#values };
  }

  #append(
    kind: number,
    subtask: number,
    cause: number,
    key: number,
    a: number,
    b: number,
    c: number,
    d: number,
  ): number {
    const row = this.rowCount;
    if (row === this.#firstRow + this.#capacity) this.#addChunk();
    const at = row - this.#firstRow;
    const columns = this.#columns;
    columns.kind[at] = kind;
    columns.subtask[at] = subtask;
    columns.atMs[at] = this.atMs;
    columns.cause[at] = cause;
    columns.key[at] = key;
    columns.a[at] = a;
    columns.b[at] = b;
    columns.c[at] = c;
    columns.d[at] = d;
    columns.value[at] = NONE;
    this.rowCount = row + 1;
    return row;
  }

  #addChunk(): void {
    this.#firstRow += this.#capacity;
    this.#capacity = Math.min(this.#capacity * 2, CHUNK_CAPACITY_MAX);
    this.#columns = createColumns(this.#capacity);
    const chunk = { firstRow: this.#firstRow, capacity: this.#capacity, columns: this.#columns };
    this.#chunks.push(chunk);
  }

  #chunkOf(row: number): Chunk {
    let index = this.#chunks.length - 1;
    while ((this.#chunks[index] as Chunk).firstRow > row) index -= 1;
    return this.#chunks[index] as Chunk;
  }
}
