/** From here on, a table finds a time faster than a look through the list. */
const INDEXED_MIN = 16;

/**
 * What one side of an interval join keeps of one key: records by timestamp, in the order in which
 * the timestamps were first seen. Records whose time has come stay until `sweep`.
 */
export class JoinSide {
  times: number[] = [];
  /** By place: when its time was first seen, as a count over all keys. */
  orders: number[] = [];
  /** By place. */
  records: unknown[][] = [];
  /** The last place of each time; undefined while there are few. */
  #places: Map<number, number> | undefined;

  /** The last place of a time, or -1. */
  find(timeMs: number): number {
    if (this.#places !== undefined) return this.#places.get(timeMs) ?? -1;
    return this.times.lastIndexOf(timeMs);
  }

  add(timeMs: number, order: number, records: unknown[]): void {
    const place = this.times.push(timeMs) - 1;
    this.orders.push(order);
    this.records.push(records);
    if (this.#places !== undefined) this.#places.set(timeMs, place);
    else if (this.times.length > INDEXED_MIN) this.#index();
  }

  /** Gives up what `isOver` says; returns whether nothing is left. */
  sweep(isOver: (timeMs: number, order: number) => boolean): boolean {
    const { times, orders, records } = this;
    let kept = 0;
    for (let place = 0; place < times.length; place += 1) {
      const timeMs = times[place] as number;
      const order = orders[place] as number;
      if (isOver(timeMs, order)) continue;
      times[kept] = timeMs;
      orders[kept] = order;
      records[kept] = records[place] as unknown[];
      kept += 1;
    }
    if (kept === times.length) return kept === 0;
    // Setting `length` would be slower than this, as most go one or two at a time.
    while (times.length > kept) {
      times.pop();
      orders.pop();
      records.pop();
    }
    this.#places = undefined;
    if (kept > INDEXED_MIN) this.#index();
    return kept === 0;
  }

  #index(): void {
    this.#places = new Map(this.times.map((timeMs, place) => [timeMs, place]));
  }
}
