const ABSENT = -1;

/**
 * Gives each key that has state a place in dense columns. Keys are dense integers themselves (see
 * `KeyTable`), so finding a place is one look into an array, and going over all that is there costs
 * no more than what is there.
 * Invariant: the places in use are 0 to size − 1; taking a key out moves the last one to its place.
 */
export class KeySlots {
  #placeOf = new Int32Array(64).fill(ABSENT);
  /** The keys, by place. Only the first `size` count. */
  keys = new Int32Array(16);
  size = 0;

  /** The place of `key`, or -1. */
  find(key: number): number {
    return key < this.#placeOf.length ? (this.#placeOf[key] as number) : ABSENT;
  }

  /** Adds a `key` that is not there yet and returns its place, the last one. */
  add(key: number): number {
    if (key >= this.#placeOf.length) this.#growTo(key);
    const place = this.size;
    if (place === this.keys.length) {
      const keys = new Int32Array(place * 2);
      keys.set(this.keys);
      this.keys = keys;
    }
    this.keys[place] = key;
    this.#placeOf[key] = place;
    this.size = place + 1;
    return place;
  }

  /** Takes out the key at `place`. What the columns hold at place `size` belongs there now. */
  removeAt(place: number): void {
    const last = this.size - 1;
    const moved = this.keys[last] as number;
    this.#placeOf[this.keys[place] as number] = ABSENT;
    if (last !== place) {
      this.keys[place] = moved;
      this.#placeOf[moved] = place;
    }
    this.size = last;
  }

  #growTo(key: number): void {
    const wider = new Int32Array(2 ** (32 - Math.clz32(key))).fill(ABSENT);
    wider.set(this.#placeOf);
    this.#placeOf = wider;
  }
}
