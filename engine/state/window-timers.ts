import { assert } from '../core/assert.ts';
import { ConfigError } from '../core/errors.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import { isSameWindow } from '../windows/time-window.ts';
import type { TimeWindow } from '../windows/time-window.ts';
import { TIMER_BYTES } from './byte-size.ts';
import type { KeyContext } from './state-context.ts';
import { TimerHeap } from './timer-heap.ts';
import { TimerTable } from './timer-table.ts';

/** A timer of a key and window. */
export interface WindowTimer {
  readonly timeMs: number;
  readonly key: number;
  readonly window: TimeWindow;
  /** The `timer-set` fact. */
  row: number;
}

interface SetTimer extends WindowTimer {
  isDeleted: boolean;
  /** Of the same key and time, for another window. */
  next: SetTimer | undefined;
}

/** In the order of registration. */
export type WindowTimerSnapshot = readonly (readonly [
  timeMs: number,
  key: number,
  row: number,
  startMs: number,
  endMs: number,
])[];

/** @throws ConfigError when the time is not a whole number of ms. */
export function checkTimerTime(timeMs: number): void {
  if (Number.isInteger(timeMs)) return;
  throw new ConfigError(
    'a timer needs a time in whole ms',
    timeMs,
    'check the arithmetic in the trigger',
  );
}

/**
 * Models the timers of Flink 2.3.0 WindowOperator ("window-timers"): one per (time, key, window).
 * Simplified: timers of one time fire in the order of registration (Flink leaves it open).
 * Invariant: a timer fires once, or is deleted.
 */
export class WindowTimerQueue {
  readonly #context: KeyContext;
  readonly #domain: 0 | 1;
  /** Finds what is set for a key and time: place `slot` of `#firsts`. */
  readonly #index = new TimerTable();
  readonly #firsts: (SetTimer | undefined)[] = [];
  readonly #heap = new TimerHeap();
  readonly #slots: (SetTimer | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  #nextOrder = 0;
  size = 0;

  /** `domain` is the index in `TIME_DOMAINS`: 0 event time, 1 processing time. */
  constructor(context: KeyContext, domain: 0 | 1) {
    this.#context = context;
    this.#domain = domain;
  }

  /** Estimated bytes held. */
  byteCount(): number {
    // A window's two bounds stand beside the key.
    return this.size * (TIMER_BYTES + 16);
  }

  /** The earliest time that has a timer, or Infinity. */
  peekTimeMs(): number {
    while (this.#heap.size > 0) {
      const timer = this.#slots[this.#heap.firstSlot()] as SetTimer;
      if (!timer.isDeleted) return timer.timeMs;
      this.#popSlot();
    }
    return Infinity;
  }

  /**
   * Sets a timer for the current key; returns whether it is new.
   * @throws ConfigError when the time is not a whole number of ms.
   */
  register(timeMs: number, window: TimeWindow): boolean {
    checkTimerTime(timeMs);
    if (this.#context.ignoresTimers === true) return false;
    const { currentKey } = this.#context;
    for (let timer = this.#firstOf(currentKey, timeMs); timer !== undefined; timer = timer.next) {
      if (isSameWindow(timer.window, window)) return false;
    }
    this.#add(timeMs, currentKey, window, this.#note('timer-set', timeMs, window, NONE));
    return true;
  }

  delete(timeMs: number, window: TimeWindow): void {
    let timer = this.#firstOf(this.#context.currentKey, timeMs);
    while (timer !== undefined && !isSameWindow(timer.window, window)) timer = timer.next;
    if (timer === undefined) return;
    this.#unlink(timer);
    timer.isDeleted = true;
    this.#note('timer-deleted', timeMs, window, timer.row);
    if (this.#heap.size > 64 && this.#heap.size > 2 * this.size) this.#dropDeleted();
  }

  /**
   * Takes out the first timer whose time is ≤ `untilMs`, makes its key current and notes the
   * firing as the running callback. Undefined when none is due.
   */
  fireNext(untilMs: number, cause: number): WindowTimer | undefined {
    if (this.peekTimeMs() > untilMs || this.#heap.size === 0) return undefined;
    const timer = this.#popSlot();
    this.#unlink(timer);
    const context = this.#context;
    context.currentKey = timer.key;
    context.callbackRow = cause;
    context.callbackRow = this.#note('timer-fired', timer.timeMs, timer.window, timer.row);
    return timer;
  }

  snapshot(): WindowTimerSnapshot {
    const entries: WindowTimerSnapshot[number][] = [];
    for (const slot of this.#heap.slotsInOrder()) {
      const { timeMs, key, row, window, isDeleted } = this.#slots[slot] as SetTimer;
      if (!isDeleted) entries.push([timeMs, key, row, window.startMs, window.endMs]);
    }
    assert(entries.length === this.size, 'every window timer is in the heap');
    return entries;
  }

  /** Writes every timer into the trace. */
  noteRestored(): void {
    for (const slot of this.#heap.slotsInOrder()) {
      const timer = this.#slots[slot] as SetTimer;
      if (timer.isDeleted) continue;
      this.#context.currentKey = timer.key;
      timer.row = this.#note('timer-set', timer.timeMs, timer.window, timer.row);
    }
  }

  restore(snapshot: WindowTimerSnapshot): void {
    for (const [timeMs, key, row, startMs, endMs] of snapshot) {
      const window = { startMs, endMs };
      this.#context.currentKey = key;
      this.#context.callbackRow = NONE;
      // A timer that comes from another run has no fact in this one yet.
      const setRow = row === NONE ? this.#note('timer-set', timeMs, window, NONE) : row;
      this.#add(timeMs, key, window, setRow);
    }
  }

  #add(timeMs: number, key: number, window: TimeWindow, row: number): void {
    const next = this.#firstOf(key, timeMs);
    const timer: SetTimer = { timeMs, key, window, row, isDeleted: false, next };
    const place = next === undefined ? this.#index.add(key, timeMs) : this.#placeOf(timer);
    this.#firsts[place] = timer;
    const slot = this.#freeSlots.pop() ?? this.#slots.length;
    this.#slots[slot] = timer;
    this.#heap.push(timeMs, this.#nextOrder, slot);
    this.#nextOrder += 1;
    this.size += 1;
  }

  #popSlot(): SetTimer {
    const slot = this.#heap.firstSlot();
    this.#heap.pop();
    const timer = this.#slots[slot] as SetTimer;
    this.#free(slot);
    return timer;
  }

  #free(slot: number): void {
    this.#slots[slot] = undefined;
    this.#freeSlots.push(slot);
  }

  #unlink(timer: SetTimer): void {
    const place = this.#placeOf(timer);
    const first = this.#firsts[place] as SetTimer;
    this.size -= 1;
    if (first !== timer) {
      let before = first;
      while (before.next !== timer) before = before.next as SetTimer;
      before.next = timer.next;
      return;
    }
    this.#firsts[place] = timer.next;
    if (timer.next !== undefined) return;
    this.#index.remove(place);
    this.#index.free(place);
  }

  #placeOf({ key, timeMs }: SetTimer): number {
    return this.#index.find(key, timeMs);
  }

  #firstOf(key: number, timeMs: number): SetTimer | undefined {
    const place = this.#index.find(key, timeMs);
    return place === NONE ? undefined : this.#firsts[place];
  }

  #dropDeleted(): void {
    this.#heap.keepOnly((slot) => {
      if (!(this.#slots[slot] as SetTimer).isDeleted) return true;
      this.#free(slot);
      return false;
    });
  }

  #note(
    kind: 'timer-set' | 'timer-deleted' | 'timer-fired',
    timeMs: number,
    { startMs, endMs }: TimeWindow,
    setRow: number,
  ): number {
    const { recorder, subtask, callbackRow, currentKey } = this.#context;
    if (!recorder.isOn) return NONE;
    const domain = this.#domain;
    const kindId = KIND[kind];
    const row = recorder.add(kindId, subtask, callbackRow, currentKey, timeMs, 0, domain, setRow);
    recorder.setValue(row, { startMs, endMs });
    return row;
  }
}
