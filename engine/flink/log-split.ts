import type { LogRecord } from '../logs/log.ts';
import { arrivedCount, edgesAt, offsetAt, placeOf } from '../logs/partition-life.ts';
import type { PartitionLife, ReadPartition } from '../logs/partition-life.ts';
import { ShardFetcher } from '../logs/kinesis/shard-fetcher.ts';
import type { ShardFetch } from '../logs/kinesis/shard-fetcher.ts';
import { edgeOffset, resumeAt, startOffset } from '../logs/read-position.ts';
import type { Resumption } from '../logs/read-position.ts';
import type { SourceReading } from '../connectors/source-reading.ts';

/**
 * One partition of a log with a life of its own, as one source subtask reads it: offsets with
 * gaps, records that leave the log, a beginning somewhere else than at 0.
 * Simplified: what is read is fetched at that moment, so nothing that has left the log is read.
 * Invariant: `offset` is the next one that the reader wants.
 */
export class LogSplit implements ReadPartition {
  readonly records: readonly LogRecord[];
  readonly life: PartitionLife | undefined;
  readonly reading: SourceReading;
  offset = 0;
  /** Whether the enumerator has handed the split out. */
  isAssigned = false;
  /** Why it reads what it reads next: it was handed out, went back, or has called the stream. */
  causeRow = -1;
  readonly #index: number;
  readonly #fetcher: ShardFetcher | undefined;

  constructor(partition: ReadPartition, index: number, reading: SourceReading) {
    this.records = partition.records;
    this.life = partition.life;
    this.reading = reading;
    this.#index = index;
    const { fetching } = reading;
    if (fetching !== undefined) {
      this.#fetcher = new ShardFetcher(this.records, this.life?.sizes ?? [], fetching);
    }
  }

  /** From when on it takes no more records, and so has an end. */
  get closedMs(): number {
    return this.life?.closedMs ?? Infinity;
  }

  /** Where a source without a state begins. */
  initialOffset(nowMs: number): number {
    return startOffset(this, this.#index, this.reading, nowMs);
  }

  earliestOffset(nowMs: number): number {
    return edgeOffset(this, 'earliest', nowMs);
  }

  /** Whether a new source asks for it at all: shards that closed before its start are not read. */
  isListed(nowMs: number): boolean {
    const { start } = this.reading;
    if (start === 'latest') return this.closedMs > nowMs;
    const isTimed = typeof start === 'object' && 'arrivalMs' in start;
    return !isTimed || this.closedMs > start.arrivalMs;
  }

  /** When a source that began at `beganMs` finds it; `isNew`: it has no state yet. */
  discoveredMs(beganMs: number, isNew: boolean): number {
    const openedMs = this.life?.openedMs ?? -Infinity;
    if (isNew && openedMs <= beganMs) return beganMs;
    const { firstDiscoveryMs, discoveryMs } = this.reading;
    const firstMs = beganMs + firstDiscoveryMs;
    if (openedMs <= firstMs) return firstMs;
    if (discoveryMs === Infinity) return Infinity;
    return firstMs + Math.ceil((openedMs - firstMs) / discoveryMs) * discoveryMs;
  }

  /** Puts the reader at an offset, and says at which place that is. */
  seek(offset: number, nowMs: number): number {
    return this.seekPlace(offset, placeOf(this, offset), nowMs);
  }

  /** The same for a place that is known. */
  seekPlace(offset: number, place: number, nowMs: number): number {
    this.offset = offset;
    this.#fetcher?.seek(place, nowMs);
    return place;
  }

  nextArrivalMs(place: number): number {
    const record = this.records[place];
    if (record === undefined || !this.isAssigned) return Infinity;
    if (this.#fetcher === undefined) return record.arrivalMs;
    return Math.max(record.arrivalMs, this.#fetcher.nextArrivalMs(place));
  }

  offsetOf(place: number): number {
    return offsetAt(this, place);
  }

  /** Calls the stream, if what it gave last is used up. */
  fetch(place: number, nowMs: number): ShardFetch | undefined {
    return this.#fetcher?.fetch(place, nowMs);
  }

  /**
   * Where reading goes on from `offset` now.
   * @throws ConfigError when the offset is out of range and the source has no reset.
   */
  resume(nowMs: number): Resumption {
    return resumeAt(this, this.offset, this.reading.reset, nowMs);
  }

  /**
   * The offset to commit: past markers and aborted records too, when nothing else is left
   * (KafkaPartitionSplitReader.reconcileOffsetsToCommit of the connector's main branch in 2026;
   * before it, a commit stopped behind the last record).
   */
  committableOffset(offset: number, nowMs: number): number {
    const isAtEnd = offset === this.offset && placeOf(this, offset) >= arrivedCount(this, nowMs);
    return isAtEnd ? Math.max(offset, edgesAt(this, nowMs).readableEnd) : offset;
  }
}
