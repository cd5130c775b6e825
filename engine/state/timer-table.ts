const EMPTY = -1;

/**
 * Finds a timer by its key and time, by open addressing; timers live in slots that are used again.
 * Invariant: a slot without a key (-1) is in no chain: it is free, or still in a heap.
 */
export class TimerTable {
  /** By slot. */
  times = new Float64Array(16);
  keys = new Int32Array(16);
  rows = new Int32Array(16);
  /** Timers that are set. */
  size = 0;
  #slotCount = 0;
  #freeSlots: number[] = [];
  #buckets = new Int32Array(32).fill(EMPTY);
  #mask = 31;

  /** The slot of a timer, or -1. */
  find(key: number, timeMs: number): number {
    let at = hash(key, timeMs) & this.#mask;
    for (;;) {
      const slot = this.#buckets[at] as number;
      if (slot === EMPTY) return EMPTY;
      if (this.keys[slot] === key && this.times[slot] === timeMs) return slot;
      at = (at + 1) & this.#mask;
    }
  }

  /** Adds a timer and returns its slot, or -1 when it is there already. */
  add(key: number, timeMs: number): number {
    if (this.size * 2 >= this.#buckets.length) this.#growBuckets();
    let at = hash(key, timeMs) & this.#mask;
    for (;;) {
      const slot = this.#buckets[at] as number;
      if (slot === EMPTY) break;
      if (this.keys[slot] === key && this.times[slot] === timeMs) return EMPTY;
      at = (at + 1) & this.#mask;
    }
    const slot = this.#freeSlots.pop() ?? this.#newSlot();
    this.times[slot] = timeMs;
    this.keys[slot] = key;
    this.rows[slot] = EMPTY;
    this.#buckets[at] = slot;
    this.size += 1;
    return slot;
  }

  /** Takes a timer out; its slot can be used again after `free`. */
  remove(slot: number): void {
    const mask = this.#mask;
    let hole = this.#homeOf(slot);
    while (this.#buckets[hole] !== slot) hole = (hole + 1) & mask;
    let at = hole;
    // Those behind the hole move up, unless that would put them in front of where they belong.
    for (;;) {
      at = (at + 1) & mask;
      const other = this.#buckets[at] as number;
      if (other === EMPTY) break;
      const distance = (at - this.#homeOf(other)) & mask;
      if (distance < ((at - hole) & mask)) continue;
      this.#buckets[hole] = other;
      hole = at;
    }
    this.#buckets[hole] = EMPTY;
    this.keys[slot] = EMPTY;
    this.size -= 1;
  }

  free(slot: number): void {
    this.#freeSlots.push(slot);
  }

  #homeOf(slot: number): number {
    return hash(this.keys[slot] as number, this.times[slot] as number) & this.#mask;
  }

  #newSlot(): number {
    const slot = this.#slotCount;
    this.#slotCount += 1;
    if (slot === this.times.length) this.#growSlots();
    return slot;
  }

  #growSlots(): void {
    const capacity = this.times.length * 2;
    const times = new Float64Array(capacity);
    const keys = new Int32Array(capacity);
    const rows = new Int32Array(capacity);
    times.set(this.times);
    keys.set(this.keys);
    rows.set(this.rows);
    this.times = times;
    this.keys = keys;
    this.rows = rows;
  }

  #growBuckets(): void {
    const old = this.#buckets;
    this.#buckets = new Int32Array(old.length * 2).fill(EMPTY);
    this.#mask = this.#buckets.length - 1;
    for (const slot of old) {
      if (slot === EMPTY) continue;
      let at = this.#homeOf(slot);
      while (this.#buckets[at] !== EMPTY) at = (at + 1) & this.#mask;
      this.#buckets[at] = slot;
    }
  }
}

function hash(key: number, timeMs: number): number {
  let mixed = Math.imul(key, 0x9e3779b1) ^ Math.imul(timeMs | 0, 0x85ebca6b);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
