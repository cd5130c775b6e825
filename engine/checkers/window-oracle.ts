import { WATERMARK_MIN } from '../core/time.ts';

/** A tumbling window of one key, as the oracle counts it. */
export interface OracleWindow {
  readonly id: string;
  /** Index of the key in the trace's `keys`. */
  readonly key: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly count: number;
}

/** What a checkpoint keeps of an oracle. */
export interface OracleSnapshot {
  readonly open: ReadonlyMap<string, OracleWindow>;
  readonly closed: ReadonlyMap<string, OracleWindow>;
}

/** Identity of a window of a key. */
export function windowId(key: number, endMs: number): string {
  return `${key}@${endMs}`;
}

/**
 * The naive answer to "count per key and tumbling window": told which records came and where the
 * watermark was, it says what has to come out. It knows nothing of state, timers or windows
 * operators. A record is late iff its window's last ms is at or below the watermark.
 */
export class WindowOracle {
  readonly #sizeMs: number;
  #open = new Map<string, OracleWindow>();
  #closed = new Map<string, OracleWindow>();
  watermarkMs = WATERMARK_MIN;

  constructor(sizeMs: number) {
    this.#sizeMs = sizeMs;
  }

  get open(): ReadonlyMap<string, OracleWindow> {
    return this.#open;
  }

  /** Windows that are over, with their final counts. */
  get closed(): ReadonlyMap<string, OracleWindow> {
    return this.#closed;
  }

  /** Counts a record, unless it is late. Returns the id of its window. */
  add(key: number, timestampMs: number): { readonly id: string; readonly isLate: boolean } {
    const startMs = Math.floor(timestampMs / this.#sizeMs) * this.#sizeMs;
    const endMs = startMs + this.#sizeMs;
    const id = windowId(key, endMs);
    if (endMs - 1 <= this.watermarkMs) return { id, isLate: true };
    const count = (this.#open.get(id)?.count ?? 0) + 1;
    this.#open.set(id, { id, key, startMs, endMs, count });
    return { id, isLate: false };
  }

  /** Moves event time on; returns the windows that are over now, earliest first. */
  advanceTo(watermarkMs: number): readonly OracleWindow[] {
    this.watermarkMs = watermarkMs;
    const due = [...this.#open.values()]
      .filter((window) => window.endMs - 1 <= watermarkMs)
      .sort((left, right) => left.endMs - right.endMs);
    for (const window of due) {
      this.#open.delete(window.id);
      this.#closed.set(window.id, window);
    }
    return due;
  }

  isKeyOpen(key: number): boolean {
    return [...this.#open.values()].some((window) => window.key === key);
  }

  snapshot(): OracleSnapshot {
    return { open: new Map(this.#open), closed: new Map(this.#closed) };
  }

  /** Goes back to a snapshot, or to nothing. Watermarks are not part of a checkpoint. */
  restore(snapshot: OracleSnapshot | undefined): void {
    this.#open = new Map(snapshot?.open);
    this.#closed = new Map(snapshot?.closed);
    this.watermarkMs = WATERMARK_MIN;
  }
}
