import { assert } from '../core/assert.ts';

/** Slots below this; orders as many as leave the two together an exact number. */
const SLOT_LIMIT = 2 ** 24;
const ORDER_LIMIT = 2 ** 29;

/**
 * Slots by time, and by order of registration within one time. Two typed columns: a timer costs no
 * object. An order and its slot are one number, so that they are compared and moved as one.
 */
export class TimerHeap {
  #times = new Float64Array(16);
  #tags = new Float64Array(16);
  size = 0;

  firstTimeMs(): number {
    return this.#times[0] as number;
  }

  firstSlot(): number {
    return slotOf(this.#tags[0] as number);
  }

  push(timeMs: number, order: number, slot: number): void {
    assert(slot < SLOT_LIMIT && order < ORDER_LIMIT, 'the number of timers is within its limit');
    if (this.size === this.#times.length) this.#grow();
    this.size += 1;
    this.#raise(this.size - 1, timeMs, order * SLOT_LIMIT + slot);
  }

  pop(): void {
    const last = this.size - 1;
    this.size = last;
    if (last > 0) this.#sink(0, this.#times[last] as number, this.#tags[last] as number);
  }

  /** All slots in the order of their registration. */
  slotsInOrder(): Int32Array {
    const tags = this.#tags.slice(0, this.size).sort();
    return Int32Array.from(tags, slotOf);
  }

  /** Takes out every slot that `isKept` refuses. */
  keepOnly(isKept: (slot: number) => boolean): void {
    const times = this.#times;
    const tags = this.#tags;
    let kept = 0;
    for (let index = 0; index < this.size; index += 1) {
      const tag = tags[index] as number;
      if (!isKept(slotOf(tag))) continue;
      times[kept] = times[index] as number;
      tags[kept] = tag;
      kept += 1;
    }
    this.size = kept;
    for (let index = (kept >> 1) - 1; index >= 0; index -= 1) {
      this.#sink(index, times[index] as number, tags[index] as number);
    }
  }

  #raise(from: number, timeMs: number, tag: number): void {
    const times = this.#times;
    const tags = this.#tags;
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const parentMs = times[parent] as number;
      if (parentMs < timeMs || (parentMs === timeMs && (tags[parent] as number) < tag)) break;
      times[index] = parentMs;
      tags[index] = tags[parent] as number;
      index = parent;
    }
    times[index] = timeMs;
    tags[index] = tag;
  }

  #sink(from: number, timeMs: number, tag: number): void {
    const times = this.#times;
    const tags = this.#tags;
    const { size } = this;
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      let childMs = times[child] as number;
      const right = child + 1;
      if (right < size) {
        const rightMs = times[right] as number;
        const isRightFirst =
          rightMs < childMs ||
          (rightMs === childMs && (tags[right] as number) < (tags[child] as number));
        if (isRightFirst) {
          child = right;
          childMs = rightMs;
        }
      }
      if (childMs > timeMs || (childMs === timeMs && (tags[child] as number) > tag)) break;
      times[index] = childMs;
      tags[index] = tags[child] as number;
      index = child;
    }
    times[index] = timeMs;
    tags[index] = tag;
  }

  #grow(): void {
    const times = new Float64Array(this.size * 2);
    const tags = new Float64Array(this.size * 2);
    times.set(this.#times);
    tags.set(this.#tags);
    this.#times = times;
    this.#tags = tags;
  }
}

/** What `tag % SLOT_LIMIT` is, without the slow remainder of large numbers. */
function slotOf(tag: number): number {
  return tag - Math.floor(tag / SLOT_LIMIT) * SLOT_LIMIT;
}
