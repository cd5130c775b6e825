/**
 * Models one reader of one shard: flink-connector-aws 6.0, `PollingKinesisShardSplitReader` (no
 * pause after a call that gave something, 250 ms after one that gave nothing) under the limits of
 * `ShardMeter`, or `FanOutKinesisShardSplitReader` with a pipe of its own, pushed every 70 ms.
 * Simplified: the next call is made when the records of the last one are used up; a call that is
 * refused is tried again after the pause; other readers call at the same moments and get as much.
 * Invariant: records come in the order of the shard, none twice.
 */
import type { LogRecord } from '../log.ts';
import { FanOutMeter, SHARD_LIMITS, ShardMeter } from './shard-limits.ts';

/** What one call gave. */
export interface ShardFetch {
  readonly isThrottled: boolean;
  readonly untilPlace: number;
}

/** How a shard is read: by polling, beside others, or with enhanced fan-out. */
export type ShardReading =
  | {
      readonly type: 'polling';
      readonly emptyFetchIntervalMs: number;
      readonly otherPollingReaders: number;
    }
  | { readonly type: 'fan-out' };

/** What AWS names as the delay of a push. */
const PUSH_MS = 70;

/** When which records of a shard reach its reader. */
export class ShardFetcher {
  readonly #records: readonly LogRecord[];
  readonly #sizes: readonly number[];
  readonly #reading: ShardReading;
  readonly #pauseMs: number;
  readonly #meter = new ShardMeter();
  readonly #pipe = new FanOutMeter();
  #fetchedUntil = 0;
  #nextCallMs = -Infinity;

  constructor(records: readonly LogRecord[], sizes: readonly number[], reading: ShardReading) {
    this.#records = records;
    this.#sizes = sizes;
    this.#reading = reading;
    this.#pauseMs = reading.type === 'polling' ? reading.emptyFetchIntervalMs : PUSH_MS;
  }

  /** Begins at a place: nothing is fetched yet. */
  seek(place: number, nowMs: number): void {
    this.#fetchedUntil = place;
    this.#nextCallMs = nowMs;
  }

  /** When the call is due that brings the record at `place`; at once when it has been fetched. */
  nextArrivalMs(place: number): number {
    const record = this.#records[place];
    if (record === undefined) return Infinity;
    if (place < this.#fetchedUntil) return -Infinity;
    const emptyCalls = Math.ceil((record.arrivalMs - this.#nextCallMs) / this.#pauseMs);
    return this.#nextCallMs + Math.max(0, emptyCalls) * this.#pauseMs;
  }

  /** Calls GetRecords; undefined when the record at `place` has been fetched already. */
  fetch(place: number, nowMs: number): ShardFetch | undefined {
    if (place < this.#fetchedUntil) return undefined;
    if (this.#reading.type === 'fan-out') return this.#push(place, nowMs);
    const readerCount = this.#reading.otherPollingReaders + 1;
    let isThrottled = false;
    for (let reader = 0; reader < readerCount; reader += 1) {
      if (!this.#meter.tryReadCall(nowMs)) isThrottled = true;
    }
    if (isThrottled) {
      this.#nextCallMs = nowMs + this.#pauseMs;
      return { isThrottled, untilPlace: place };
    }
    const { until, bytes } = this.#take(place, nowMs);
    this.#meter.countRead(bytes * readerCount, nowMs);
    this.#nextCallMs = nowMs + (until === place ? this.#pauseMs : 0);
    return { isThrottled, untilPlace: until };
  }

  /** Nobody else uses the pipe; when it is full, the next push waits. */
  #push(place: number, nowMs: number): ShardFetch {
    this.#nextCallMs = nowMs + this.#pauseMs;
    if (!this.#pipe.hasRoom(nowMs)) return { isThrottled: false, untilPlace: place };
    const { until, bytes } = this.#take(place, nowMs);
    this.#pipe.count(bytes, nowMs);
    return { isThrottled: false, untilPlace: until };
  }

  #take(place: number, nowMs: number): { readonly until: number; readonly bytes: number } {
    let bytes = 0;
    let until = place;
    while (until < this.#records.length && until - place < SHARD_LIMITS.readRecordsPerCall) {
      const size = this.#sizes[until] ?? 0;
      const isHere = (this.#records[until] as LogRecord).arrivalMs <= nowMs;
      if (!isHere || (until > place && bytes + size > SHARD_LIMITS.readBytesPerCall)) break;
      bytes += size;
      until += 1;
    }
    this.#fetchedUntil = until;
    return { until, bytes };
  }
}
