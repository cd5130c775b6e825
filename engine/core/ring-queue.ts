/** First in, first out, without moving or freeing anything: a queue for the hottest loop. */
export class RingQueue<T> {
  #items: (T | undefined)[] = new Array<T | undefined>(16).fill(undefined);
  #head = 0;
  size = 0;

  push(item: T): void {
    if (this.size === this.#items.length) this.#grow();
    this.#items[(this.#head + this.size) & (this.#items.length - 1)] = item;
    this.size += 1;
  }

  /** Takes out the oldest. Only when `size` is above zero. */
  shift(): T {
    const item = this.#items[this.#head] as T;
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.size -= 1;
    return item;
  }

  /** Keeps only what passes the test, in order. */
  retain(isKept: (item: T) => boolean): void {
    for (let left = this.size; left > 0; left -= 1) {
      const item = this.shift();
      if (isKept(item)) this.push(item);
    }
  }

  #grow(): void {
    const count = this.#items.length;
    const wider = new Array<T | undefined>(count * 2).fill(undefined);
    for (let place = 0; place < count; place += 1) {
      wider[place] = this.#items[(this.#head + place) & (count - 1)];
    }
    this.#items = wider;
    this.#head = 0;
  }
}
