import type { Output } from '../operators/operator.ts';

const FIRST_CAPACITY = 64;

/**
 * Records in columns: what one task has written for one other to read. An element costs no
 * allocation but its place.
 */
export class RecordColumns implements Output {
  readonly values: unknown[] = [];
  times = new Float64Array(FIRST_CAPACITY);
  /** Interned keys, or -1. */
  keys = new Int32Array(FIRST_CAPACITY);
  /** The facts that the records came from; empty when nobody watches. */
  causes: Int32Array;
  readonly #isTraced: boolean;
  #capacity = FIRST_CAPACITY;

  constructor(isTraced: boolean) {
    this.#isTraced = isTraced;
    this.causes = new Int32Array(isTraced ? FIRST_CAPACITY : 0);
  }

  get count(): number {
    return this.values.length;
  }

  emit(value: unknown, timestampMs: number, key: number, cause: number): void {
    const at = this.values.length;
    if (at === this.#capacity) this.#grow();
    this.values.push(value);
    this.times[at] = timestampMs;
    this.keys[at] = key;
    if (this.#isTraced) this.causes[at] = cause;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.times = widened(this.times, new Float64Array(this.#capacity));
    this.keys = widened(this.keys, new Int32Array(this.#capacity));
    if (this.#isTraced) this.causes = widened(this.causes, new Int32Array(this.#capacity));
  }
}

function widened<T extends Float64Array | Int32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
