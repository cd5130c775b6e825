const EMPTY = -1;

/**
 * Finds the place of an integer ≥ 0 in a dense list, by open addressing: no object per entry and
 * no hashing of strings. Places are given out in the order of first use.
 */
export class IntTable {
  #slots: Int32Array;
  #mask: number;
  /** The integers, by place. Only the first `size` count. */
  ids: Int32Array;
  size = 0;

  constructor(capacity = 16) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(capacity, 4) * 2));
    this.#slots = new Int32Array(slots).fill(EMPTY);
    this.#mask = slots - 1;
    this.ids = new Int32Array(slots >> 1);
  }

  /** The place of `id`, or -1. */
  find(id: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let at = Math.imul(id, 0x9e3779b1) & mask;
    for (;;) {
      const place = slots[at] as number;
      if (place === EMPTY) return EMPTY;
      if (this.ids[place] === id) return place;
      at = (at + 1) & mask;
    }
  }

  /** Adds an `id` that is not there yet and returns its place. */
  add(id: number): number {
    if (this.size === this.ids.length) this.#grow();
    const place = this.size;
    this.ids[place] = id;
    this.size = place + 1;
    this.#insert(id, place);
    return place;
  }

  clear(): void {
    this.#slots.fill(EMPTY);
    this.size = 0;
  }

  #insert(id: number, place: number): void {
    let at = Math.imul(id, 0x9e3779b1) & this.#mask;
    while (this.#slots[at] !== EMPTY) at = (at + 1) & this.#mask;
    this.#slots[at] = place;
  }

  #grow(): void {
    const slots = this.#slots.length * 2;
    const ids = new Int32Array(slots >> 1);
    ids.set(this.ids);
    this.ids = ids;
    this.#slots = new Int32Array(slots).fill(EMPTY);
    this.#mask = slots - 1;
    for (let place = 0; place < this.size; place += 1) this.#insert(ids[place] as number, place);
  }
}
