import { assert } from '../core/assert.ts';
import { ConfigError } from '../core/errors.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import { TIMER_BYTES } from './byte-size.ts';
import type { KeyContext } from './state-context.ts';
import { TimerHeap } from './timer-heap.ts';
import { TimerTable } from './timer-table.ts';

/**
 * Models Flink 2.3 `InternalTimerServiceImpl`: a timer is one per (time, key), however often it is
 * registered; timers fire in the order of their times, and one registered behind the watermark
 * fires with the next watermark.
 * Simplified: timers of one time fire in the order of registration (Flink leaves it open).
 */
export interface TimerSnapshot {
  /** In the order of registration. */
  readonly entries: readonly TimerEntry[];
}

/** One timer, with the fact that set it. */
export type TimerEntry = readonly [timeMs: number, key: number, row: number];

/**
 * The timers of one operator subtask in one time domain: a table finds a timer by key and time, a
 * heap the earliest one. A deleted timer stays in the heap, without a key, until it comes up or
 * until most of the heap is such.
 */
export class TimerQueue {
  readonly #context: KeyContext;
  readonly #domain: 0 | 1;
  readonly #table = new TimerTable();
  readonly #heap = new TimerHeap();
  #nextOrder = 0;

  /** `domain` is the index in `TIME_DOMAINS`: 0 event time, 1 processing time. */
  constructor(context: KeyContext, domain: 0 | 1) {
    this.#context = context;
    this.#domain = domain;
  }

  get size(): number {
    return this.#table.size;
  }

  /** Entries held, with those of deleted timers that have not come up yet. */
  get heldCount(): number {
    return this.#heap.size;
  }

  /** Estimated bytes held. */
  byteCount(): number {
    return this.#table.size * TIMER_BYTES;
  }

  /** The earliest time that has a timer, or Infinity. */
  peekTimeMs(): number {
    const heap = this.#heap;
    while (heap.size > 0) {
      const slot = heap.firstSlot();
      if (this.#table.keys[slot] !== NONE) return heap.firstTimeMs();
      heap.pop();
      this.#table.free(slot);
    }
    return Infinity;
  }

  /**
   * Sets a timer for the current key; returns whether it is new.
   * @throws ConfigError when the time is not a whole number of ms.
   */
  register(timeMs: number): boolean {
    if (!Number.isInteger(timeMs)) {
      throw new ConfigError(
        'a timer needs a time in whole ms',
        timeMs,
        'check the arithmetic: an undefined or fractional time is often a missing timestamp',
      );
    }
    if (this.#context.ignoresTimers === true) return false;
    const { currentKey, recorder, subtask, callbackRow } = this.#context;
    const slot = this.#add(timeMs, currentKey);
    if (slot === NONE) return false;
    if (recorder.isOn) {
      const kind = KIND['timer-set'];
      const domain = this.#domain;
      const row = recorder.add(kind, subtask, callbackRow, currentKey, timeMs, 0, domain, NONE);
      this.#table.rows[slot] = row;
    }
    return true;
  }

  delete(timeMs: number): void {
    const { currentKey, recorder, subtask, callbackRow } = this.#context;
    const table = this.#table;
    const slot = table.find(currentKey, timeMs);
    if (slot === NONE) return;
    const row = table.rows[slot] as number;
    table.remove(slot);
    const kind = KIND['timer-deleted'];
    recorder.add(kind, subtask, callbackRow, currentKey, timeMs, 0, this.#domain, row);
    if (this.#heap.size > 64 && this.#heap.size > 2 * table.size) this.#dropDeleted();
  }

  /**
   * Takes out the first timer whose time is ≤ `untilMs`, makes its key current and notes the
   * firing as the running callback. Returns its time, or undefined when none is due.
   */
  fireNext(untilMs: number, cause: number): number | undefined {
    const timeMs = this.peekTimeMs();
    if (timeMs > untilMs || this.#heap.size === 0) return undefined;
    const table = this.#table;
    const slot = this.#heap.firstSlot();
    this.#heap.pop();
    const key = table.keys[slot] as number;
    const setRow = table.rows[slot] as number;
    table.remove(slot);
    table.free(slot);
    const context = this.#context;
    context.currentKey = key;
    const { recorder, subtask } = context;
    const kind = KIND['timer-fired'];
    context.callbackRow = recorder.add(kind, subtask, cause, key, timeMs, 0, this.#domain, setRow);
    return timeMs;
  }

  /** Writes every timer into the trace. */
  noteRestored(): void {
    const { recorder, subtask, callbackRow } = this.#context;
    const kind = KIND['timer-set'];
    const { times, keys, rows } = this.#table;
    for (const slot of this.#heap.slotsInOrder()) {
      const key = keys[slot] as number;
      if (key === NONE) continue;
      const timeMs = times[slot] as number;
      const before = rows[slot] as number;
      rows[slot] = recorder.add(kind, subtask, callbackRow, key, timeMs, 0, this.#domain, before);
    }
  }

  snapshot(): TimerSnapshot {
    const { times, keys, rows } = this.#table;
    const entries: TimerEntry[] = [];
    for (const slot of this.#heap.slotsInOrder()) {
      const key = keys[slot] as number;
      if (key === NONE) continue;
      entries.push([times[slot] as number, key, rows[slot] as number]);
    }
    assert(entries.length === this.size, 'every timer is in the heap');
    return { entries };
  }

  restore(snapshot: TimerSnapshot): void {
    const { recorder, subtask } = this.#context;
    for (const [timeMs, key, savedRow] of snapshot.entries) {
      const slot = this.#add(timeMs, key);
      if (slot === NONE) continue;
      // A timer that comes from another run has no fact in this one yet.
      const row =
        savedRow === NONE
          ? recorder.add(KIND['timer-set'], subtask, NONE, key, timeMs, 0, this.#domain, NONE)
          : savedRow;
      this.#table.rows[slot] = row;
    }
  }

  #add(timeMs: number, key: number): number {
    const slot = this.#table.add(key, timeMs);
    if (slot === NONE) return NONE;
    this.#heap.push(timeMs, this.#nextOrder, slot);
    this.#nextOrder += 1;
    return slot;
  }

  #dropDeleted(): void {
    const { keys } = this.#table;
    this.#heap.keepOnly((slot) => {
      if (keys[slot] !== NONE) return true;
      this.#table.free(slot);
      return false;
    });
  }
}
