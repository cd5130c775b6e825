import { ConfigError } from '../core/errors.ts';
import { NumberHeap } from '../core/number-heap.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { KeyContext } from './keyed-state-backend.ts';

/**
 * Models Flink 2.x `InternalTimerServiceImpl`: a timer is one per (time, key), however often it is
 * registered; timers fire in the order of their times, and one registered behind the watermark
 * fires with the next watermark.
 * Simplified: timers of one time fire in the order of registration (Flink leaves it open).
 */
export interface TimerSnapshot {
  readonly entries: readonly (readonly [timeMs: number, key: number, row: number])[];
}

/** The timers of one operator subtask in one time domain. */
export class TimerQueue {
  readonly #context: KeyContext;
  readonly #domain: 0 | 1;
  readonly #times = new NumberHeap();
  /** For each time, its keys and the fact that set each timer. */
  readonly #byTime = new Map<number, Map<number, number>>();
  #count = 0;

  /** `domain` is the index in `TIME_DOMAINS`: 0 event time, 1 processing time. */
  constructor(context: KeyContext, domain: 0 | 1) {
    this.#context = context;
    this.#domain = domain;
  }

  get size(): number {
    return this.#count;
  }

  /** The earliest time that has a timer, or Infinity. */
  peekTimeMs(): number {
    for (;;) {
      const timeMs = this.#times.peek();
      if (timeMs === Infinity || (this.#byTime.get(timeMs)?.size ?? 0) > 0) return timeMs;
      // All timers of this time were deleted.
      this.#times.pop();
      this.#byTime.delete(timeMs);
    }
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
    const { currentKey, recorder, subtask, callbackRow } = this.#context;
    const keys = this.#keysAt(timeMs);
    if (keys.has(currentKey)) return false;
    const kind = KIND['timer-set'];
    const row = recorder.isOn
      ? recorder.add(kind, subtask, callbackRow, currentKey, timeMs, 0, this.#domain, NONE)
      : NONE;
    keys.set(currentKey, row);
    this.#count += 1;
    return true;
  }

  delete(timeMs: number): void {
    const { currentKey, recorder, subtask, callbackRow } = this.#context;
    const keys = this.#byTime.get(timeMs);
    const row = keys?.get(currentKey);
    if (keys === undefined || row === undefined) return;
    keys.delete(currentKey);
    this.#count -= 1;
    const kind = KIND['timer-deleted'];
    recorder.add(kind, subtask, callbackRow, currentKey, timeMs, 0, this.#domain, row);
  }

  /**
   * Takes out the first timer whose time is ≤ `untilMs`, makes its key current and notes the
   * firing as the running callback. Returns its time, or undefined when none is due.
   */
  fireNext(untilMs: number, cause: number): number | undefined {
    const timeMs = this.peekTimeMs();
    if (timeMs > untilMs) return undefined;
    const keys = this.#byTime.get(timeMs) as Map<number, number>;
    const [key, setRow] = keys.entries().next().value as [number, number];
    keys.delete(key);
    this.#count -= 1;
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
    for (const [timeMs, keys] of this.#byTime) {
      for (const [key, before] of keys) {
        const row = recorder.add(kind, subtask, callbackRow, key, timeMs, 0, this.#domain, before);
        keys.set(key, row);
      }
    }
  }

  snapshot(): TimerSnapshot {
    const entries: [number, number, number][] = [];
    for (const [timeMs, keys] of this.#byTime) {
      for (const [key, row] of keys) entries.push([timeMs, key, row]);
    }
    return { entries };
  }

  restore(snapshot: TimerSnapshot): void {
    for (const [timeMs, key, row] of snapshot.entries) {
      this.#keysAt(timeMs).set(key, row);
      this.#count += 1;
    }
  }

  #keysAt(timeMs: number): Map<number, number> {
    let keys = this.#byTime.get(timeMs);
    if (keys === undefined) {
      keys = new Map();
      this.#byTime.set(timeMs, keys);
      this.#times.push(timeMs);
    }
    return keys;
  }
}
