import type { OutputColumns } from './tumbling-count-limit.ts';

/** What it takes to go on with a ring: slices of its memory. */
export interface CountRingCopy {
  readonly counts: Int32Array;
  readonly sums: Int32Array;
  readonly touched: Int32Array;
  readonly touchedCount: Int32Array;
}

/**
 * Counts and sums of the windows that are open, by dense key: a ring of slots. A key is listed once
 * in its slot, when its count leaves zero, so that firing a window reads only the keys it holds.
 */
export class CountRing {
  rowCount = 0;
  readonly #out: OutputColumns;
  readonly #windowMs: number;
  readonly #keyCount: number;
  readonly #slotCount: number;
  readonly #counts: Int32Array;
  readonly #sums: Int32Array;
  readonly #touched: Int32Array;
  readonly #touchedCount: Int32Array;

  constructor(
    { keyCount, slotCount, windowMs }: { keyCount: number; slotCount: number; windowMs: number },
    out: OutputColumns,
  ) {
    this.#out = out;
    this.#windowMs = windowMs;
    this.#keyCount = keyCount;
    this.#slotCount = slotCount;
    this.#counts = new Int32Array(slotCount * keyCount);
    this.#sums = new Int32Array(slotCount * keyCount);
    this.#touched = new Int32Array(slotCount * keyCount);
    this.#touchedCount = new Int32Array(slotCount);
  }

  /** Adds a record to the window with this index. */
  add(index: number, key: number, value: number): void {
    const slot = index % this.#slotCount;
    const base = slot * this.#keyCount;
    if (this.#counts[base + key]++ === 0) {
      this.#touched[base + this.#touchedCount[slot]++] = key;
    }
    this.#sums[base + key] += value;
  }

  /** Lets the rows of a window out and makes room for another. */
  fire(index: number): void {
    const slot = index % this.#slotCount;
    const base = slot * this.#keyCount;
    const end = base + this.#touchedCount[slot];
    for (let i = base; i < end; i++) {
      const key = this.#touched[i];
      const row = this.rowCount++;
      this.#out.key[row] = key;
      this.#out.windowStartMs[row] = index * this.#windowMs;
      this.#out.count[row] = this.#counts[base + key];
      this.#out.sum[row] = this.#sums[base + key];
      this.#counts[base + key] = 0;
      this.#sums[base + key] = 0;
    }
    this.#touchedCount[slot] = 0;
  }

  copy(): CountRingCopy {
    return {
      counts: this.#counts.slice(),
      sums: this.#sums.slice(),
      touched: this.#touched.slice(),
      touchedCount: this.#touchedCount.slice(),
    };
  }
}
