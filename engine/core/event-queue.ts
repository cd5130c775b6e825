/**
 * Work planned for a moment of virtual time, ordered by time and then by insertion.
 * Invariant: two entries of the same time come out in the order they went in.
 */
export class EventQueue<T> {
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #items: T[] = [];
  #nextOrder = 0;

  get size(): number {
    return this.#items.length;
  }

  /** The earliest time planned, or Infinity when nothing is. */
  peekTimeMs(): number {
    return this.#times.length === 0 ? Infinity : (this.#times[0] as number);
  }

  push(atMs: number, item: T): void {
    let index = this.#items.length;
    const order = this.#nextOrder;
    this.#nextOrder += 1;
    this.#times.push(atMs);
    this.#orders.push(order);
    this.#items.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#isBefore(parent, atMs, order)) break;
      this.#move(parent, index);
      index = parent;
    }
    this.#place(index, atMs, order, item);
  }

  /** Takes out the earliest entry; undefined when there is none. */
  pop(): T | undefined {
    const size = this.#items.length;
    if (size === 0) return undefined;
    const first = this.#items[0] as T;
    const atMs = this.#times.pop() as number;
    const order = this.#orders.pop() as number;
    const item = this.#items.pop() as T;
    if (size > 1) this.#sink(atMs, order, item);
    return first;
  }

  clear(): void {
    this.#times.length = 0;
    this.#orders.length = 0;
    this.#items.length = 0;
  }

  #sink(atMs: number, order: number, item: T): void {
    const size = this.#items.length;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#isChildBefore(child + 1, child)) child += 1;
      if (!this.#isBefore(child, atMs, order)) break;
      this.#move(child, index);
      index = child;
    }
    this.#place(index, atMs, order, item);
  }

  #isBefore(index: number, atMs: number, order: number): boolean {
    const time = this.#times[index] as number;
    return time < atMs || (time === atMs && (this.#orders[index] as number) < order);
  }

  #isChildBefore(left: number, right: number): boolean {
    return this.#isBefore(left, this.#times[right] as number, this.#orders[right] as number);
  }

  #move(from: number, to: number): void {
    this.#place(
      to,
      this.#times[from] as number,
      this.#orders[from] as number,
      this.#items[from] as T,
    );
  }

  #place(index: number, atMs: number, order: number, item: T): void {
    this.#times[index] = atMs;
    this.#orders[index] = order;
    this.#items[index] = item;
  }
}
