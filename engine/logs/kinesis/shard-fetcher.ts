/**
 * Models one reader that polls one shard: flink-connector-aws 6.0, `PollingKinesisShardSplitReader`
 * (no pause after a call that gave something, 250 ms after one that gave nothing), under the limits
 * of `ShardMeter`.
 * Simplified: the next call is made when the records of the last one are used up; a call that is
 * refused is tried again after the pause; other readers call at the same moments and get as much.
 * Invariant: records come in the order of the shard, none twice.
 */
import type { LogRecord } from '../log.ts';
import { SHARD_LIMITS, ShardMeter } from './shard-limits.ts';

/** What one call gave. */
export interface ShardFetch {
  readonly isThrottled: boolean;
  readonly untilPlace: number;
}

/** When which records of a shard reach its reader. */
export class ShardFetcher {
  readonly #records: readonly LogRecord[];
  readonly #sizes: readonly number[];
  readonly #pauseMs: number;
  readonly #readerCount: number;
  readonly #meter = new ShardMeter();
  #fetchedUntil = 0;
  #nextCallMs = -Infinity;

  constructor(
    records: readonly LogRecord[],
    sizes: readonly number[],
    options: { readonly emptyFetchIntervalMs: number; readonly otherPollingReaders: number },
  ) {
    this.#records = records;
    this.#sizes = sizes;
    this.#pauseMs = options.emptyFetchIntervalMs;
    this.#readerCount = options.otherPollingReaders + 1;
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
    let isThrottled = false;
    for (let reader = 0; reader < this.#readerCount; reader += 1) {
      if (!this.#meter.tryReadCall(nowMs)) isThrottled = true;
    }
    if (isThrottled) {
      this.#nextCallMs = nowMs + this.#pauseMs;
      return { isThrottled, untilPlace: place };
    }
    let bytes = 0;
    let until = place;
    while (until < this.#records.length && until - place < SHARD_LIMITS.readRecordsPerCall) {
      const size = this.#sizes[until] ?? 0;
      const isHere = (this.#records[until] as LogRecord).arrivalMs <= nowMs;
      if (!isHere || (until > place && bytes + size > SHARD_LIMITS.readBytesPerCall)) break;
      bytes += size;
      until += 1;
    }
    this.#meter.countRead(bytes * this.#readerCount, nowMs);
    this.#fetchedUntil = until;
    this.#nextCallMs = nowMs + (until === place ? this.#pauseMs : 0);
    return { isThrottled, untilPlace: until };
  }
}
