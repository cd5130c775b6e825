import { cloneValue } from '../core/clone.ts';
import type { DirectLane } from './direct-lane.ts';
import type { OutputCredits } from './output-credits.ts';

/** What travels on a channel. */
export const ELEMENT = {
  record: 0,
  watermark: 1,
  barrier: 2,
  idle: 3,
  active: 4,
  end: 5,
  /** Where a barrier was that has overtaken after all. */
  nothing: 6,
} as const;

const FIRST_CAPACITY = 16;

/** Who reads a channel. */
export interface ChannelTarget {
  /** Something can be taken now. */
  onInput(): void;
  /** Something can be taken at `atMs`. */
  onInputLater(atMs: number, isBarrier: boolean): void;
  /** A barrier that has overtaken is there. */
  onUrgent(): void;
  /** Handles a record that did not wait in the channel. */
  receiveRecord(channel: number, value: unknown, time: number, key: number): void;
  /** Handles a watermark that did not wait in the channel. */
  receiveWatermark(channel: number, watermarkMs: number): void;
}

/** How a channel behaves, apart from whom it connects. */
export interface ChannelSettings {
  /** Elements it holds before its sender must wait. A step already begun may overdraw it. */
  readonly bufferRecords: number;
  readonly networkDelayMs: number;
  readonly nowMs: () => number;
  readonly lane: DirectLane;
}

/** A barrier that has overtaken `overtakenCount` elements, which belong to its checkpoint. */
export interface UrgentBarrier {
  readonly checkpointId: number;
  readonly cause: number;
  readonly overtakenCount: number;
}

/** One element as it is kept in an unaligned checkpoint. */
export interface InFlightElement {
  readonly kind: number;
  readonly time: number;
  readonly value: unknown;
  readonly key: number;
  readonly cause: number;
}

/**
 * A first-in-first-out connection between two subtasks, with credits: when it is full, its sender
 * waits (back pressure). Columns instead of objects: an element costs no allocation. After `take`,
 * the element is in the fields `kind`, `time`, `value`, `key` and `cause` until the next call.
 * Models the data path of Flink 2.x (RemoteInputChannel, credits); barriers and the end of the
 * input are events, which need no credit (CreditBasedSequenceNumberingViewReader).
 * Simplified: the unit is the element, not the 32 KB buffer.
 * Invariant: elements come out in the order they went in, but for the barrier of an unaligned
 * checkpoint, which overtakes all.
 */
export class Channel {
  readonly target: ChannelTarget;
  /** Place among the target's inputs. */
  readonly index: number;
  readonly #credits: OutputCredits;
  readonly #bufferRecords: number;
  readonly #networkDelayMs: number;
  readonly #nowMs: () => number;
  readonly #lane: DirectLane;
  size = 0;
  kind = 0;
  /** Timestamp of a record, watermark, or checkpoint id. */
  time = 0;
  value: unknown = undefined;
  key = 0;
  cause = 0;
  readonly #urgent: UrgentBarrier[] = [];
  /** Elements that take a place in the buffer. */
  #bufferedCount = 0;
  #head = 0;
  #capacity = FIRST_CAPACITY;
  #kinds = new Uint8Array(FIRST_CAPACITY);
  #times = new Float64Array(FIRST_CAPACITY);
  #keys = new Int32Array(FIRST_CAPACITY);
  #causes = new Int32Array(FIRST_CAPACITY);
  #values: unknown[] = new Array<unknown>(FIRST_CAPACITY).fill(undefined);
  #availableMs: Float64Array;

  constructor(
    target: ChannelTarget,
    index: number,
    credits: OutputCredits,
    settings: ChannelSettings,
  ) {
    this.target = target;
    this.index = index;
    this.#credits = credits;
    this.#bufferRecords = settings.bufferRecords;
    this.#networkDelayMs = settings.networkDelayMs;
    this.#nowMs = settings.nowMs;
    this.#lane = settings.lane;
    this.#availableMs = new Float64Array(settings.networkDelayMs > 0 ? FIRST_CAPACITY : 0);
  }

  push(kind: number, time: number, value: unknown, key: number, cause: number): void {
    if (!this.#lane.isOpen || kind > ELEMENT.watermark) {
      this.#enqueue(kind, time, value, key, cause);
    } else if (kind === ELEMENT.record) {
      this.target.receiveRecord(this.index, value, time, key);
    } else this.target.receiveWatermark(this.index, time);
  }

  #enqueue(kind: number, time: number, value: unknown, key: number, cause: number): void {
    if (this.size === this.#capacity) this.#grow();
    const at = (this.#head + this.size) & (this.#capacity - 1);
    this.#kinds[at] = kind;
    this.#times[at] = time;
    this.#values[at] = value;
    this.#keys[at] = key;
    this.#causes[at] = cause;
    this.size += 1;
    if (isBuffered(kind)) {
      this.#bufferedCount += 1;
      if (this.#bufferedCount === this.#bufferRecords) this.#credits.channelFilled();
    }
    if (this.#networkDelayMs === 0) {
      this.target.onInput();
      return;
    }
    const atMs = this.#nowMs() + this.#networkDelayMs;
    this.#availableMs[at] = atMs;
    this.target.onInputLater(atMs, kind === ELEMENT.barrier);
  }

  /** Lets the barrier of an unaligned checkpoint overtake what waits. */
  pushUrgent(checkpointId: number, cause: number): void {
    this.#urgent.push({ checkpointId, cause, overtakenCount: this.size });
    this.target.onUrgent();
  }

  /** Takes out a barrier that has overtaken, before everything else; undefined if there is none. */
  takeUrgent(): UrgentBarrier | undefined {
    return this.#urgent.shift();
  }

  /** Takes a waiting barrier out of its place, as if it had overtaken; undefined if not here. */
  expedite(checkpointId: number): UrgentBarrier | undefined {
    for (let place = 0; place < this.size; place += 1) {
      const at = (this.#head + place) & (this.#capacity - 1);
      if (this.#kinds[at] !== ELEMENT.barrier || this.#times[at] !== checkpointId) continue;
      const cause = this.#causes[at] as number;
      this.#kinds[at] = ELEMENT.nothing;
      return { checkpointId, cause, overtakenCount: place };
    }
    return undefined;
  }

  /** Copies of the oldest `count` elements: the records and watermarks among them. */
  waiting(count: number): InFlightElement[] {
    const elements: InFlightElement[] = [];
    for (let place = 0; place < Math.min(count, this.size); place += 1) {
      const at = (this.#head + place) & (this.#capacity - 1);
      const kind = this.#kinds[at] as number;
      if (kind !== ELEMENT.record && kind !== ELEMENT.watermark) continue;
      elements.push({
        kind,
        time: this.#times[at] as number,
        value: cloneValue(this.#values[at]),
        key: this.#keys[at] as number,
        cause: this.#causes[at] as number,
      });
    }
    return elements;
  }

  /** Whether `take` may be called now. */
  isReady(): boolean {
    if (this.size === 0) return false;
    if (this.#networkDelayMs === 0) return true;
    return (this.#availableMs[this.#head] as number) <= this.#nowMs();
  }

  take(): void {
    const at = this.#head;
    this.kind = this.#kinds[at] as number;
    this.time = this.#times[at] as number;
    this.value = this.#values[at];
    this.key = this.#keys[at] as number;
    this.cause = this.#causes[at] as number;
    this.#values[at] = undefined;
    this.#head = (at + 1) & (this.#capacity - 1);
    this.size -= 1;
    if (!isBuffered(this.kind)) return;
    this.#bufferedCount -= 1;
    if (this.#bufferedCount === this.#bufferRecords - 1) this.#credits.channelDrained();
  }

  #grow(): void {
    const capacity = this.#capacity * 2;
    const kinds = new Uint8Array(capacity);
    const times = new Float64Array(capacity);
    const keys = new Int32Array(capacity);
    const causes = new Int32Array(capacity);
    const values = new Array<unknown>(capacity).fill(undefined);
    const hasDelay = this.#networkDelayMs > 0;
    const availableMs = new Float64Array(hasDelay ? capacity : 0);
    for (let place = 0; place < this.size; place += 1) {
      const at = (this.#head + place) & (this.#capacity - 1);
      kinds[place] = this.#kinds[at] as number;
      times[place] = this.#times[at] as number;
      keys[place] = this.#keys[at] as number;
      causes[place] = this.#causes[at] as number;
      values[place] = this.#values[at];
      if (hasDelay) availableMs[place] = this.#availableMs[at] as number;
    }
    this.#kinds = kinds;
    this.#times = times;
    this.#keys = keys;
    this.#causes = causes;
    this.#values = values;
    this.#availableMs = availableMs;
    this.#head = 0;
    this.#capacity = capacity;
  }
}

function isBuffered(kind: number): boolean {
  return kind !== ELEMENT.barrier && kind !== ELEMENT.end && kind !== ELEMENT.nothing;
}
