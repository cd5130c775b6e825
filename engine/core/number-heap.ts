/** The smallest of many numbers first. Typed, so that a timer costs no object. */
export class NumberHeap {
  #items = new Float64Array(16);
  size = 0;

  /** The smallest number, or Infinity. */
  peek(): number {
    return this.size === 0 ? Infinity : (this.#items[0] as number);
  }

  push(value: number): void {
    if (this.size === this.#items.length) {
      const wider = new Float64Array(this.size * 2);
      wider.set(this.#items);
      this.#items = wider;
    }
    const items = this.#items;
    let index = this.size;
    this.size += 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if ((items[parent] as number) <= value) break;
      items[index] = items[parent] as number;
      index = parent;
    }
    items[index] = value;
  }

  /** Takes out the smallest number. */
  pop(): number {
    const items = this.#items;
    const first = items[0] as number;
    this.size -= 1;
    const size = this.size;
    const last = items[size] as number;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      if (child + 1 < size && (items[child + 1] as number) < (items[child] as number)) child += 1;
      if ((items[child] as number) >= last) break;
      items[index] = items[child] as number;
      index = child;
    }
    items[index] = last;
    return first;
  }
}
