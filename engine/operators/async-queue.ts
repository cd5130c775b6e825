/**
 * What an async operator has under way, in the order in which it came. A watermark is done from the
 * beginning. Models Flink 2.3 OrderedStreamElementQueue and UnorderedStreamElementQueue.
 */
export interface AsyncElement {
  readonly type: 'record' | 'watermark';
  readonly value: unknown;
  /** Event time of a record, or the watermark. */
  readonly timestampMs: number;
  readonly key: number;
  /** The fact that brought it. */
  readonly row: number;
}

/** A place in the queue. */
export interface AsyncEntry extends AsyncElement {
  isDone: boolean;
  results: readonly unknown[];
  /** The `async-answered` row. */
  answeredRow: number;
}

/** Keeps what is under way and says what may leave next. */
export interface AsyncQueue {
  readonly size: number;
  add(entry: AsyncEntry): void;
  /** Notes that the entry's results are there. */
  complete(entry: AsyncEntry): void;
  /** Takes out what may leave now; undefined when nothing may. */
  takeCompleted(): AsyncEntry | undefined;
  /** All that is under way, results included that have not left yet. */
  elements(): AsyncElement[];
}

/** Everything leaves in the order in which it came. */
export class OrderedAsyncQueue implements AsyncQueue {
  readonly #entries: AsyncEntry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  add(entry: AsyncEntry): void {
    this.#entries.push(entry);
  }

  complete(entry: AsyncEntry): void {
    entry.isDone = true;
  }

  takeCompleted(): AsyncEntry | undefined {
    return this.#entries[0]?.isDone === true ? this.#entries.shift() : undefined;
  }

  elements(): AsyncElement[] {
    return [...this.#entries];
  }
}

/** A watermark and the records after it. */
interface Segment {
  readonly incomplete: Set<AsyncEntry>;
  readonly completed: AsyncEntry[];
}

/**
 * Records between two watermarks leave as their results come. A watermark, being done, is the first
 * of its segment to leave (Flink keeps it in a segment of its own).
 * Invariant: nothing passes a watermark, in either direction.
 */
export class UnorderedAsyncQueue implements AsyncQueue {
  readonly #segments: Segment[] = [];
  size = 0;

  add(entry: AsyncEntry): void {
    let last = this.#segments.at(-1);
    if (last === undefined || entry.type === 'watermark') {
      last = { incomplete: new Set(), completed: [] };
      this.#segments.push(last);
    }
    if (entry.isDone) last.completed.push(entry);
    else last.incomplete.add(entry);
    this.size += 1;
  }

  complete(entry: AsyncEntry): void {
    entry.isDone = true;
    const segment = this.#segments.find(({ incomplete }) => incomplete.delete(entry));
    segment?.completed.push(entry);
  }

  takeCompleted(): AsyncEntry | undefined {
    const first = this.#segments[0];
    const entry = first?.completed.shift();
    if (first === undefined || entry === undefined) return undefined;
    this.size -= 1;
    if (first.completed.length === 0 && first.incomplete.size === 0) this.#segments.shift();
    return entry;
  }

  elements(): AsyncElement[] {
    return this.#segments.flatMap(({ completed, incomplete }) => [...completed, ...incomplete]);
  }
}
