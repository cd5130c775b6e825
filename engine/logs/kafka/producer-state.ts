/**
 * Models what a partition remembers of its producers: Apache Kafka 4.1, storage,
 * `ProducerStateManager`, `ProducerAppendInfo`, `ProducerStateEntry`.
 * Simplified: no verification with the transaction coordinator, no coordinator epochs, no
 * snapshots on disk.
 * Invariant: of one producer session, every sequence number is stored at most once and in order.
 */
import { assert } from '../../core/assert.ts';
import type { LogBatch, ProduceBatch, ProducerStamp, TransactionMarker } from './record-batch.ts';

/** After this number the sequence begins at 0 again (Java's largest `int`). */
const SEQUENCE_MAX = 2 ** 31 - 1;
/** How many batches of a producer a resend is compared with: hence at most 5 in flight. */
const BATCHES_REMEMBERED = 5;

/** Why a broker refuses a batch, in the names of Kafka's protocol (`Errors`). */
export type ProduceError =
  'OUT_OF_ORDER_SEQUENCE_NUMBER' | 'INVALID_PRODUCER_EPOCH' | 'INVALID_TXN_STATE';

/** A transaction that ended in an abort: its records are never shown to `read_committed`. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Offset of the abort marker. */
  readonly lastOffset: number;
}

interface BatchMetadata {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
}

interface ProducerEntry {
  epoch: number;
  batches: BatchMetadata[];
  transactionFirstOffset: number | undefined;
  lastTimestampMs: number;
}

/** What the log does with a batch. */
export type BatchVerdict =
  | { readonly type: 'append' }
  | { readonly type: 'duplicate'; readonly baseOffset: number; readonly lastOffset: number }
  | { readonly type: 'reject'; readonly error: ProduceError };

/** The sequences, epochs and open transactions of the producers of one partition. */
export class ProducerState {
  readonly #entries = new Map<number, ProducerEntry>();
  readonly #aborted: AbortedTransaction[] = [];
  /** Ended, but the marker may not be replicated yet: first offset and the marker's. */
  #unreplicated: { firstOffset: number; markerOffset: number }[] = [];

  get abortedTransactions(): readonly AbortedTransaction[] {
    return this.#aborted;
  }

  /** What becomes of a batch that a client sends. Changes nothing. */
  check(batch: ProduceBatch): BatchVerdict {
    const { stamp } = batch;
    if (stamp === undefined) return { type: 'append' };
    const entry = this.#entries.get(stamp.producerId);
    const last = addToSequence(stamp.baseSequence, batch.records.length - 1);
    const known = entry?.batches.find(
      (sent) => sent.firstSequence === stamp.baseSequence && sent.lastSequence === last,
    );
    if (entry?.epoch === stamp.producerEpoch && known !== undefined) {
      return { type: 'duplicate', baseOffset: known.baseOffset, lastOffset: known.lastOffset };
    }
    // A producer that is not known may begin anywhere: its records may have been deleted.
    if (entry === undefined) return { type: 'append' };
    const error = errorOf(entry, stamp);
    return error === undefined ? { type: 'append' } : { type: 'reject', error };
  }

  /** A marker of an older epoch than the last seen one comes from a zombie. */
  checkMarker(producerId: number, producerEpoch: number): BatchVerdict {
    const entry = this.#entries.get(producerId);
    const isFenced = entry !== undefined && producerEpoch < entry.epoch;
    return isFenced ? { type: 'reject', error: 'INVALID_PRODUCER_EPOCH' } : { type: 'append' };
  }

  /** Takes in a batch that the log has stored, a marker or data. */
  onAppended(batch: LogBatch): void {
    const { stamp, marker } = batch;
    if (stamp === undefined) return;
    const entry = this.#entryOf(stamp);
    entry.lastTimestampMs = Math.max(entry.lastTimestampMs, batch.maxTimestampMs);
    if (marker !== undefined) {
      this.#endTransaction(stamp.producerId, entry, marker, batch.baseOffset);
      return;
    }
    const length = batch.lastOffset - batch.baseOffset;
    entry.batches.push({
      firstSequence: stamp.baseSequence,
      lastSequence: addToSequence(stamp.baseSequence, length),
      baseOffset: batch.baseOffset,
      lastOffset: batch.lastOffset,
    });
    if (entry.batches.length > BATCHES_REMEMBERED) entry.batches.shift();
    if (stamp.isTransactional) entry.transactionFirstOffset ??= batch.baseOffset;
  }

  /** First offset that is not decided for all, or Infinity: a bound of the last stable offset. */
  firstUnstableOffset(highWatermark: number): number {
    this.#unreplicated = this.#unreplicated.filter((ended) => ended.markerOffset >= highWatermark);
    let first = Infinity;
    for (const entry of this.#entries.values()) {
      first = Math.min(first, entry.transactionFirstOffset ?? Infinity);
    }
    return this.#unreplicated.reduce((least, ended) => Math.min(least, ended.firstOffset), first);
  }

  /** Forgets producers that were idle for `producer.id.expiration.ms`, unless in a transaction. */
  expire(nowMs: number, expirationMs: number): number[] {
    const expired: number[] = [];
    for (const [producerId, entry] of this.#entries) {
      const isIdle = nowMs - entry.lastTimestampMs >= expirationMs;
      if (entry.transactionFirstOffset === undefined && isIdle) expired.push(producerId);
    }
    for (const producerId of expired) this.#entries.delete(producerId);
    return expired;
  }

  /** The last data offset of each producer: compaction keeps that batch, if only its header. */
  lastDataOffsets(): ReadonlyMap<number, { readonly offset?: number; readonly epoch: number }> {
    return new Map(
      [...this.#entries].map(([producerId, { batches, epoch }]) => {
        const offset = batches[batches.length - 1]?.lastOffset;
        return [producerId, { epoch, ...(offset === undefined ? {} : { offset }) }];
      }),
    );
  }

  #entryOf(stamp: ProducerStamp): ProducerEntry {
    let entry = this.#entries.get(stamp.producerId);
    if (entry === undefined) {
      entry = {
        epoch: stamp.producerEpoch,
        batches: [],
        transactionFirstOffset: undefined,
        lastTimestampMs: -Infinity,
      };
      this.#entries.set(stamp.producerId, entry);
    }
    assert(stamp.producerEpoch >= entry.epoch, 'a fenced batch is not stored');
    if (stamp.producerEpoch > entry.epoch) {
      entry.epoch = stamp.producerEpoch;
      entry.batches = [];
    }
    return entry;
  }

  #endTransaction(
    producerId: number,
    entry: ProducerEntry,
    marker: TransactionMarker,
    markerOffset: number,
  ): void {
    const firstOffset = entry.transactionFirstOffset;
    // A marker without data before it changes nothing for readers.
    if (firstOffset === undefined) return;
    entry.transactionFirstOffset = undefined;
    this.#unreplicated.push({ firstOffset, markerOffset });
    if (marker === 'abort') {
      this.#aborted.push({ producerId, firstOffset, lastOffset: markerOffset });
    }
  }
}

function errorOf(entry: ProducerEntry, stamp: ProducerStamp): ProduceError | undefined {
  if (stamp.producerEpoch < entry.epoch) return 'INVALID_PRODUCER_EPOCH';
  if (stamp.producerEpoch > entry.epoch) {
    return stamp.baseSequence === 0 ? undefined : 'OUT_OF_ORDER_SEQUENCE_NUMBER';
  }
  const last = entry.batches[entry.batches.length - 1]?.lastSequence ?? -1;
  const expected = last === -1 ? 0 : addToSequence(last, 1);
  if (stamp.baseSequence !== expected) return 'OUT_OF_ORDER_SEQUENCE_NUMBER';
  const isInTransaction = entry.transactionFirstOffset !== undefined;
  return isInTransaction && !stamp.isTransactional ? 'INVALID_TXN_STATE' : undefined;
}

/** The sequence number `count` later (`DefaultRecordBatch.incrementSequence`). */
export function addToSequence(sequence: number, count: number): number {
  return sequence > SEQUENCE_MAX - count ? count - (SEQUENCE_MAX - sequence) - 1 : sequence + count;
}
