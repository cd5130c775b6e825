/**
 * Models log compaction: Apache Kafka 4.1, storage, `Cleaner`, `LogCleanerManager
 * .cleanableOffsets`, `CleanedTransactionMetadata`; clients, `MemoryRecords.filterTo`.
 * Simplified: cleaning takes no time and its map never overflows; small segments are not merged;
 * the caller decides when (a broker: at `min.cleanable.dirty.ratio`, 0.5).
 * Invariant: the newest committed record of each key stays, at its offset; the active segment and
 * all from the last stable offset on are not touched.
 */
import { ConfigError } from '../../core/errors.ts';
import type { LogSegment, PartitionLog } from './partition-log.ts';
import type { AbortedTransaction } from './producer-state.ts';
import { batchBytes } from './record-batch.ts';
import type { LogBatch, StoredRecord } from './record-batch.ts';

/** How a compacted topic (`cleanup.policy=compact`) forgets. */
export interface CompactionSettings {
  /** `delete.retention.ms`: how long tombstones and markers can still be read. Default a day. */
  readonly deleteRetentionMs: number;
  /** `min.compaction.lag.ms`: younger records are not compacted. Default 0. */
  readonly minCompactionLagMs?: number;
}

/** Why a record or marker left the log. */
export type CompactionReason = 'newer-value' | 'tombstone' | 'aborted' | 'no-key' | 'marker';

/** One record or marker that compaction removed. */
export interface RecordCompacted {
  readonly type: 'record-compacted';
  readonly atMs: number;
  readonly offset: number;
  readonly key: string | null;
  readonly reason: CompactionReason;
}

/** One pass of the cleaner. */
export interface CompactionResult {
  /** Everything below is clean now. */
  readonly cleanedTo: number;
  readonly facts: readonly RecordCompacted[];
}

/**
 * Runs one pass over all but the active segment.
 * @throws ConfigError when a time is negative.
 */
export function compactLog(
  log: PartitionLog,
  settings: CompactionSettings,
  nowMs: number,
): CompactionResult {
  const { deleteRetentionMs, minCompactionLagMs = 0 } = settings;
  for (const [name, time] of Object.entries({ deleteRetentionMs, minCompactionLagMs })) {
    if (!(time >= 0)) throw new ConfigError(`${name} must be at least 0`, time, 'give ms');
  }
  const from = log.cleanedTo;
  const until = firstUncleanableOffset(log, minCompactionLagMs, nowMs);
  const newest = newestOffsets(log, from, until);
  const pass = new CleaningPass(log, { newest, until, deleteRetentionMs, nowMs });
  const segments = log.segments.slice(0, -1).filter((segment) => segment.baseOffset < until);
  const cleaned = segments.map((segment) => ({
    baseOffset: segment.baseOffset,
    batches: segment.batches.flatMap((batch) => pass.clean(batch)),
  }));
  log.replaceCleaned(cleaned, until);
  return { cleanedTo: until, facts: pass.facts };
}

function firstUncleanableOffset(log: PartitionLog, lagMs: number, nowMs: number): number {
  const active = log.segments[log.segments.length - 1] as LogSegment;
  const young = log.segments.find((segment) => {
    const isDirty =
      (segment.batches[segment.batches.length - 1]?.lastOffset ?? -1) >= log.cleanedTo;
    return isDirty && segment.batches.some((batch) => batch.maxTimestampMs > nowMs - lagMs);
  });
  const bound = lagMs > 0 && young !== undefined ? young.baseOffset : Infinity;
  return Math.max(log.cleanedTo, Math.min(log.lastStableOffset, active.baseOffset, bound));
}

/** Where the newest value of each key lies, of the part that was not cleaned before. */
function newestOffsets(log: PartitionLog, from: number, until: number): Map<string, number> {
  const newest = new Map<string, number>();
  const transactions = new CleanedTransactions(log.producers.abortedTransactions);
  for (const batch of log.segments.flatMap((segment) => segment.batches)) {
    if (transactions.canDiscard(batch) || batch.marker !== undefined) continue;
    for (const { key, offset } of batch.records) {
      if (key !== null && offset >= from && offset < until) newest.set(key, offset);
    }
  }
  return newest;
}

interface PassSettings {
  readonly newest: ReadonlyMap<string, number>;
  readonly until: number;
  readonly deleteRetentionMs: number;
  readonly nowMs: number;
}

class CleaningPass {
  readonly facts: RecordCompacted[] = [];
  readonly #settings: PassSettings;
  readonly #transactions: CleanedTransactions;
  readonly #lastOfProducers: ReadonlyMap<
    number,
    { readonly offset?: number; readonly epoch: number }
  >;

  constructor(log: PartitionLog, settings: PassSettings) {
    this.#settings = settings;
    this.#transactions = new CleanedTransactions(log.producers.abortedTransactions);
    this.#lastOfProducers = log.producers.lastDataOffsets();
  }

  /** The batch without what is not needed, or nothing. */
  clean(batch: LogBatch): LogBatch[] {
    const canDiscard = this.#transactions.canDiscard(batch);
    if (batch.marker !== undefined) return this.#cleanMarker(batch, canDiscard);
    const records = canDiscard ? [] : batch.records.filter((record) => this.#keeps(batch, record));
    if (canDiscard) {
      for (const record of batch.records) this.#note(record, 'aborted');
    }
    if (records.length === 0) return this.#mustKeepHeader(batch) ? [emptied(batch)] : [];
    const hasTombstone = records.some((record) => record.value === null);
    const sizeBytes = batchBytes(records);
    const kept = { ...batch, records, sizeBytes };
    return [hasTombstone ? this.#withHorizon(kept) : kept];
  }

  #cleanMarker(batch: LogBatch, canDiscard: boolean): LogBatch[] {
    const { nowMs } = this.#settings;
    const isDue = batch.deleteHorizonMs !== undefined && batch.deleteHorizonMs <= nowMs;
    if (!canDiscard) return [batch];
    if (!isDue) return [this.#withHorizon(batch)];
    if (this.#mustKeepHeader(batch)) return [batch];
    this.#note({ offset: batch.baseOffset, key: null }, 'marker');
    return [];
  }

  #keeps(batch: LogBatch, record: StoredRecord): boolean {
    const { newest, until, nowMs } = this.#settings;
    if (record.offset >= until) return true;
    if (record.key === null) return this.#note(record, 'no-key');
    if (record.offset < (newest.get(record.key) ?? -1)) return this.#note(record, 'newer-value');
    const isDue = batch.deleteHorizonMs !== undefined && nowMs >= batch.deleteHorizonMs;
    return record.value === null && isDue ? this.#note(record, 'tombstone') : true;
  }

  /** The last batch of a producer stays: its sequence number must survive a restart. */
  #mustKeepHeader(batch: LogBatch): boolean {
    if (batch.lastOffset + 1 === this.#settings.until) return true;
    const last = batch.stamp && this.#lastOfProducers.get(batch.stamp.producerId);
    if (last === undefined) return false;
    if (last.offset !== undefined) return batch.lastOffset === last.offset;
    return batch.marker !== undefined && batch.stamp?.producerEpoch === last.epoch;
  }

  #withHorizon(batch: LogBatch): LogBatch {
    if (batch.deleteHorizonMs !== undefined) return batch;
    const { nowMs, deleteRetentionMs } = this.#settings;
    return { ...batch, deleteHorizonMs: nowMs + deleteRetentionMs };
  }

  #note(record: Pick<StoredRecord, 'offset' | 'key'>, reason: CompactionReason): false {
    const { offset, key } = record;
    this.facts.push({ type: 'record-compacted', atMs: this.#settings.nowMs, offset, key, reason });
    return false;
  }
}

function emptied(batch: LogBatch): LogBatch {
  return { ...batch, records: [], sizeBytes: 0 };
}

/** Follows the transactions along the log: what was aborted, and which markers are left over. */
class CleanedTransactions {
  readonly #pending: AbortedTransaction[];
  /** Aborted transactions begun and not ended, and whether a batch of theirs was seen. */
  readonly #aborted = new Map<number, { hasBatch: boolean }>();
  readonly #committed = new Set<number>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#pending = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** True for aborted data, and for a marker whose data is all gone. */
  canDiscard(batch: LogBatch): boolean {
    while ((this.#pending[0]?.firstOffset ?? Infinity) <= batch.lastOffset) {
      this.#aborted.set(this.#pending.shift()?.producerId as number, { hasBatch: false });
    }
    const producerId = batch.stamp?.producerId ?? -1;
    if (batch.marker === 'commit') return !this.#committed.delete(producerId);
    const aborted = this.#aborted.get(producerId);
    if (batch.marker === 'abort') {
      this.#aborted.delete(producerId);
      return aborted?.hasBatch !== true;
    }
    if (batch.stamp?.isTransactional !== true) return false;
    if (aborted === undefined) this.#committed.add(producerId);
    else aborted.hasBatch = true;
    return aborted !== undefined;
  }
}
