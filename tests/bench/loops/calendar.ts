/**
 * Numbered items by due time, in a ring of buckets of one width: putting one in and taking one out
 * costs the same however many there are. Items are slots of someone's typed arrays, and each is in
 * the calendar at most once.
 */
export class Calendar {
  readonly #heads: Int32Array;
  readonly #next: Int32Array;
  readonly #dueMs: Int32Array;
  readonly #widthMs: number;
  #bucket = 0;

  /** Due times lie less than `spanMs` apart, and are not negative. */
  constructor(itemCount: number, spanMs: number, widthMs: number) {
    this.#widthMs = widthMs;
    this.#heads = new Int32Array(Math.ceil(spanMs / widthMs) + 2).fill(-1);
    this.#next = new Int32Array(itemCount);
    this.#dueMs = new Int32Array(itemCount);
  }

  put(item: number, dueMs: number): void {
    const bucket = Math.max((dueMs / this.#widthMs) | 0, this.#bucket) % this.#heads.length;
    this.#dueMs[item] = dueMs;
    this.#next[item] = this.#heads[bucket];
    this.#heads[bucket] = item;
  }

  /**
   * Calls `visit` for each item that is due at `nowMs`; in order of bucket, not of time. It may put
   * items in that are due later.
   */
  takeDue(nowMs: number, visit: (item: number) => void): void {
    const last = (nowMs / this.#widthMs) | 0;
    for (; this.#bucket < last; this.#bucket++) this.#drain(nowMs, visit);
    this.#drain(nowMs, visit);
  }

  #drain(nowMs: number, visit: (item: number) => void): void {
    const place = this.#bucket % this.#heads.length;
    let item = this.#heads[place];
    if (item === -1) return;
    this.#heads[place] = -1;
    while (item !== -1) {
      const next = this.#next[item];
      if (this.#dueMs[item] <= nowMs) visit(item);
      else {
        this.#next[item] = this.#heads[place];
        this.#heads[place] = item;
      }
      item = next;
    }
  }
}
