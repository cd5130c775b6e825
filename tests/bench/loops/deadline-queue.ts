interface Entry<T> {
  readonly timeMs: number;
  readonly item: T;
}

/** A binary heap of items by time, as one would write it by hand: objects, no deletion. */
export class DeadlineQueue<T> {
  readonly #heap: Entry<T>[] = [];

  /** Whether there is an item whose time is not after `nowMs`. */
  isDue(nowMs: number): boolean {
    return this.#heap.length > 0 && this.#heap[0].timeMs <= nowMs;
  }

  push(timeMs: number, item: T): void {
    const heap = this.#heap;
    let place = heap.length;
    const entry = { timeMs, item };
    heap.push(entry);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (heap[parent].timeMs <= timeMs) break;
      heap[place] = heap[parent];
      place = parent;
    }
    heap[place] = entry;
  }

  /** Takes the first item. @throws RangeError when there is none. */
  pop(): T {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined)
      throw new RangeError('an empty queue has no first item: ask isDue first');
    if (heap.length > 0) this.#sink(last);
    return first.item;
  }

  #sink(entry: Entry<T>): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1].timeMs < heap[child].timeMs) child += 1;
      if (heap[child].timeMs >= entry.timeMs) break;
      heap[place] = heap[child];
      place = child;
    }
    heap[place] = entry;
  }
}
