/** W4 as fast as we know how: the rules of `sessions.ts` with typed arrays and a calendar. */
import type { WorkloadColumns } from '../workload-data.ts';
import { Calendar } from './calendar.ts';
import type { SessionCount, SessionOptions, SessionsResult } from './sessions.ts';

const BUCKET_MS = 16;
/** More than any record is behind the largest timestamp. */
const DISORDER_MS_MAX = 60_000;

/** Open sessions: slots of columns, those of one key in a list. */
class SessionSlots {
  readonly key: Int32Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly count: Int32Array;
  readonly sum: Int32Array;
  /** The next session of the key. */
  readonly next: Int32Array;
  readonly first: Int32Array;
  readonly #free: Int32Array;
  #freeCount: number;

  constructor(keyCount: number, capacity: number) {
    this.key = new Int32Array(capacity);
    this.start = new Int32Array(capacity);
    this.end = new Int32Array(capacity);
    this.count = new Int32Array(capacity);
    this.sum = new Int32Array(capacity);
    this.next = new Int32Array(capacity);
    this.first = new Int32Array(keyCount).fill(-1);
    this.#free = Int32Array.from({ length: capacity }, (_, slot) => slot);
    this.#freeCount = capacity;
  }

  open(key: number, start: number, end: number, value: number): number {
    if (this.#freeCount === 0) throw new RangeError('too many open sessions: make more slots');
    const slot = this.#free[--this.#freeCount];
    this.key[slot] = key;
    this.start[slot] = start;
    this.end[slot] = end;
    this.count[slot] = 1;
    this.sum[slot] = value;
    this.next[slot] = this.first[key];
    this.first[key] = slot;
    return slot;
  }

  /** Takes a session out of its key's list. Its slot may still be in the calendar. */
  unlink(slot: number): void {
    const key = this.key[slot];
    if (this.first[key] === slot) {
      this.first[key] = this.next[slot];
      return;
    }
    let before = this.first[key];
    while (this.next[before] !== slot) before = this.next[before];
    this.next[before] = this.next[slot];
  }

  free(slot: number): void {
    this.#free[this.#freeCount++] = slot;
  }

  /** Makes other sessions of the key that touch this one part of it. */
  merge(slot: number): void {
    let other = this.first[this.key[slot]];
    while (other !== -1) {
      const next = this.next[other];
      const touches = this.start[other] <= this.end[slot] && this.end[other] >= this.start[slot];
      if (other !== slot && touches) {
        if (this.start[other] < this.start[slot]) this.start[slot] = this.start[other];
        if (this.end[other] > this.end[slot]) this.end[slot] = this.end[other];
        this.count[slot] += this.count[other];
        this.sum[slot] += this.sum[other];
        this.unlink(other);
        this.count[other] = 0;
      }
      other = next;
    }
  }
}

/** The limit. Times inside are relative to the workload's start. */
export function sessionsLimit(
  columns: WorkloadColumns,
  { gapMs, delayMs }: SessionOptions,
): SessionsResult {
  const { keyCount, timestampMs, key: keys, value: values, startMs } = columns;
  const capacity = Math.max(keyCount * 4, 64);
  const slots = new SessionSlots(keyCount, capacity);
  const calendar = new Calendar(capacity, gapMs + delayMs + DISORDER_MS_MAX, BUCKET_MS);
  const { start, end, count, sum, next, first } = slots;
  const rows: SessionCount[] = [];
  let watermark = -1;
  let lateCount = 0;

  const visit = (slot: number): void => {
    if (count[slot] === 0) {
      slots.free(slot);
    } else if (end[slot] - 1 > watermark) {
      calendar.put(slot, end[slot] - 1);
    } else {
      const key = slots.key[slot];
      const from = startMs + start[slot];
      rows.push({ key, start: from, end: startMs + end[slot], count: count[slot], sum: sum[slot] });
      slots.unlink(slot);
      slots.free(slot);
    }
  };

  for (let i = 0; i < timestampMs.length; i++) {
    const ts = timestampMs[i];
    const key = keys[i];
    let slot = first[key];
    while (slot !== -1 && (ts > end[slot] || ts + gapMs < start[slot])) slot = next[slot];
    if (slot !== -1) {
      if (ts < start[slot]) start[slot] = ts;
      if (ts + gapMs > end[slot]) end[slot] = ts + gapMs;
      count[slot]++;
      sum[slot] += values[i];
      if (next[first[key]] !== -1) slots.merge(slot);
    } else if (ts + gapMs - 1 <= watermark) {
      lateCount++;
      continue;
    } else {
      calendar.put(slots.open(key, ts, ts + gapMs, values[i]), ts + gapMs - 1);
    }
    if (ts - delayMs - 1 > watermark) {
      watermark = ts - delayMs - 1;
      calendar.takeDue(watermark, visit);
    }
  }
  watermark += gapMs + delayMs + DISORDER_MS_MAX;
  calendar.takeDue(watermark, visit);
  return { rows, lateCount };
}
