/**
 * Models one replica of a partition: Apache Kafka 4.1, storage, `UnifiedLog`, `LogSegment`.
 * Simplified: no indexes, no disk, no tiered storage; sizes count keys and values only.
 * Invariant: offsets rise by one from record to record and are never given twice;
 * start ≤ last stable ≤ high watermark ≤ end.
 */
import { assert } from '../../core/assert.ts';
import { ConfigError } from '../../core/errors.ts';
import { ProducerState } from './producer-state.ts';
import type { ProduceError } from './producer-state.ts';
import { batchBytes } from './record-batch.ts';
import type { LogBatch, ProduceBatch, TransactionMarker } from './record-batch.ts';

/** Settings of a topic that decide where its log is cut into segments. */
export interface SegmentSettings {
  /** `segment.bytes`; Kafka's default is 1 GiB. */
  readonly segmentBytes: number;
  /** `segment.ms`, between the first and the newest timestamp; Kafka's default is 7 days. */
  readonly segmentMs?: number;
}

/** A run of batches, deleted and compacted as one. The last segment is the active one. */
export interface LogSegment {
  readonly baseOffset: number;
  readonly batches: readonly LogBatch[];
}

/** What became of an append. */
export type AppendResult =
  | { readonly type: 'appended'; readonly baseOffset: number; readonly lastOffset: number }
  | { readonly type: 'duplicate'; readonly baseOffset: number; readonly lastOffset: number }
  | { readonly type: 'rejected'; readonly error: ProduceError };

const WEEK_MS = 604_800_000;
const MARKER_BYTES = 1;

/** An append-only log in segments, with the state of its producers. */
export class PartitionLog {
  readonly #settings: Required<SegmentSettings>;
  #segments: { baseOffset: number; batches: LogBatch[] }[] = [{ baseOffset: 0, batches: [] }];
  #producers = new ProducerState();
  #startOffset = 0;
  #endOffset = 0;
  #highWatermark = 0;
  #cleanedTo = 0;

  /** @throws ConfigError when a segment could hold nothing. */
  constructor(settings: SegmentSettings) {
    this.#settings = { segmentMs: WEEK_MS, ...settings };
    for (const name of ['segmentBytes', 'segmentMs'] as const) {
      if (!(this.#settings[name] > 0)) {
        throw new ConfigError(`${name} must be positive`, this.#settings[name], 'give a size');
      }
    }
  }

  /** The first offset that can still be read. */
  get startOffset(): number {
    return this.#startOffset;
  }

  /** The offset that the next record gets. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** Everything below is on all in-sync replicas: consumers read no further. */
  get highWatermark(): number {
    return this.#highWatermark;
  }

  /** Everything below is decided, committed or aborted: `read_committed` reads no further. */
  get lastStableOffset(): number {
    const undecided = this.#producers.firstUnstableOffset(this.#highWatermark);
    return Math.max(Math.min(undecided, this.#highWatermark), this.#startOffset);
  }

  get segments(): readonly LogSegment[] {
    return this.#segments;
  }

  get producers(): ProducerState {
    return this.#producers;
  }

  /** Where the next compaction begins to look for newer values: all before is clean. */
  get cleanedTo(): number {
    return Math.max(this.#cleanedTo, this.#startOffset);
  }

  /** Stores a batch of a client, unless it is a resend or out of order. */
  append(batch: ProduceBatch, nowMs: number, leaderEpoch = 0): AppendResult {
    if (batch.records.length === 0) {
      throw new ConfigError('a batch must hold a record', 0, 'leave the empty batch out');
    }
    const verdict = this.#producers.check(batch);
    if (verdict.type === 'reject') return { type: 'rejected', error: verdict.error };
    if (verdict.type === 'duplicate') return verdict;
    const baseOffset = this.#endOffset;
    const records = batch.records.map((record, place) => ({
      ...record,
      offset: baseOffset + place,
    }));
    const lastOffset = baseOffset + records.length - 1;
    const maxTimestampMs = Math.max(...records.map((record) => record.timestampMs));
    const sizeBytes = batchBytes(records);
    const { stamp } = batch;
    const appendedMs = nowMs;
    const stored = { baseOffset, lastOffset, records, leaderEpoch, appendedMs };
    this.replicate({ ...stored, maxTimestampMs, sizeBytes, ...(stamp && { stamp }) });
    return { type: 'appended', baseOffset, lastOffset };
  }

  /** Stores the control record that ends a producer's transaction in this partition. */
  appendMarker(
    ending: {
      readonly producerId: number;
      readonly producerEpoch: number;
      readonly marker: TransactionMarker;
    },
    nowMs: number,
    leaderEpoch = 0,
  ): AppendResult {
    const { producerId, producerEpoch, marker } = ending;
    const verdict = this.#producers.checkMarker(producerId, producerEpoch);
    if (verdict.type === 'reject') return { type: 'rejected', error: verdict.error };
    const offset = this.#endOffset;
    this.replicate({
      baseOffset: offset,
      lastOffset: offset,
      records: [],
      stamp: { producerId, producerEpoch, baseSequence: -1, isTransactional: true },
      marker,
      leaderEpoch,
      appendedMs: nowMs,
      maxTimestampMs: nowMs,
      sizeBytes: MARKER_BYTES,
    });
    return { type: 'appended', baseOffset: offset, lastOffset: offset };
  }

  /** Stores a batch at the offsets that the leader gave it. */
  replicate(batch: LogBatch): void {
    assert(batch.baseOffset >= this.#endOffset, 'offsets rise');
    this.#rollBefore(batch);
    this.#activeSegment().batches.push(batch);
    this.#endOffset = batch.lastOffset + 1;
    this.#producers.onAppended(batch);
  }

  /** Moves the high watermark; it never passes the end and never falls behind the start. */
  advanceHighWatermark(offset: number): void {
    this.#highWatermark = Math.max(this.#startOffset, Math.min(offset, this.#endOffset));
  }

  /** Cuts off everything from `offset` on, as a follower does that has more than its leader. */
  truncateTo(offset: number): LogBatch[] {
    const batches = this.#segments.flatMap((segment) => segment.batches);
    const kept = batches.filter((batch) => batch.lastOffset < offset);
    const cut = batches.filter((batch) => batch.lastOffset >= offset);
    if (cut.length === 0) return cut;
    this.#segments = [{ baseOffset: this.#startOffset, batches: [] }];
    this.#endOffset = this.#startOffset;
    this.#producers = new ProducerState();
    for (const batch of kept) this.replicate(batch);
    this.#endOffset = Math.max(this.#endOffset, Math.min(offset, cut[0]?.baseOffset ?? offset));
    this.#highWatermark = Math.min(this.#highWatermark, this.#endOffset);
    return cut;
  }

  /** Drops the oldest segments. Deleting all of them leaves an empty active one. */
  deleteOldest(count: number): void {
    if (count === this.#segments.length) {
      this.#segments.push({ baseOffset: this.#endOffset, batches: [] });
    }
    this.#segments.splice(0, count);
    this.#startOffset = Math.max(this.#startOffset, this.#segments[0]?.baseOffset ?? 0);
  }

  /** Puts cleaned batches in the place of those up to `cleanedTo`. */
  replaceCleaned(segments: readonly LogSegment[], cleanedTo: number): void {
    const left = this.#segments.slice(segments.length);
    const cleaned = segments
      .filter((segment) => segment.batches.length > 0)
      .map((segment) => ({ baseOffset: segment.baseOffset, batches: [...segment.batches] }));
    this.#segments = [...cleaned, ...left];
    this.#cleanedTo = cleanedTo;
  }

  #activeSegment(): { baseOffset: number; batches: LogBatch[] } {
    return this.#segments[this.#segments.length - 1] as { baseOffset: number; batches: LogBatch[] };
  }

  #rollBefore(batch: LogBatch): void {
    const { batches } = this.#activeSegment();
    const first = batches[0];
    if (first === undefined) return;
    const size = batches.reduce((sum, stored) => sum + stored.sizeBytes, 0);
    const isFull = size > this.#settings.segmentBytes - batch.sizeBytes;
    const isOld = batch.maxTimestampMs - first.maxTimestampMs > this.#settings.segmentMs;
    if (isFull || isOld) this.#segments.push({ baseOffset: batch.baseOffset, batches: [] });
  }
}
