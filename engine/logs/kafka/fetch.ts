/**
 * Models what a consumer gets of a partition: Apache Kafka 4.1, clients, `CompletedFetch`,
 * `AutoOffsetResetStrategy`, `OffsetFetcherUtils`; storage, `UnifiedLog.read`.
 * Simplified: limits count records (`max.poll.records`), not bytes.
 * Invariant: offsets rise and are never given twice to one position; `read_committed` never shows
 * a record that is aborted or not decided.
 */
import { ConfigError } from '../../core/errors.ts';
import type { PartitionLog } from './partition-log.ts';
import type { AbortedTransaction } from './producer-state.ts';
import type { LogBatch, StoredRecord } from './record-batch.ts';

/** `isolation.level`; Kafka's default is `read_uncommitted`. */
export type IsolationLevel = 'read_uncommitted' | 'read_committed';

/**
 * `auto.offset.reset`: where to begin without a committed offset, or when it is out of range.
 * Default `latest`. `by_duration:` and ms (Kafka writes an ISO duration): that long ago.
 */
export type OffsetReset = 'earliest' | 'latest' | 'none' | `by_duration:${number}`;

/** Why an offset was skipped without a record being shown. */
export type HiddenReason = 'aborted' | 'marker' | 'compacted';

/** One answer of the broker, as the consumer sees it. */
export type FetchResult =
  | {
      readonly type: 'records';
      readonly records: readonly StoredRecord[];
      /** The position after it: where the next fetch begins. */
      readonly nextOffset: number;
      /** What the position passed over. */
      readonly hidden: readonly { readonly offset: number; readonly reason: HiddenReason }[];
    }
  | {
      readonly type: 'out-of-range';
      readonly startOffset: number;
      readonly endOffset: number;
    };

/** How far a consumer of this isolation can read: the high watermark or the last stable offset. */
export function readableEnd(log: PartitionLog, isolation: IsolationLevel): number {
  return isolation === 'read_committed' ? log.lastStableOffset : log.highWatermark;
}

/** Reads from `offset` on, at most `maxRecords`. */
export function fetchRecords(
  log: PartitionLog,
  request: {
    readonly offset: number;
    readonly isolation: IsolationLevel;
    readonly maxRecords?: number;
  },
): FetchResult {
  const { offset, isolation, maxRecords = Infinity } = request;
  if (offset < log.startOffset || offset > log.endOffset) {
    return { type: 'out-of-range', startOffset: log.startOffset, endOffset: log.endOffset };
  }
  const end = readableEnd(log, isolation);
  const records: StoredRecord[] = [];
  const hidden: { offset: number; reason: HiddenReason }[] = [];
  const filter = new AbortedFilter(log.producers.abortedTransactions, offset);
  let position = offset;
  for (const batch of batchesFrom(log, offset)) {
    if (batch.baseOffset >= end) break;
    const reason = filter.hiddenReason(batch, isolation);
    const shown = new Map(batch.records.map((record) => [record.offset, record]));
    const until = Math.min(batch.lastOffset + 1, end);
    // Compaction leaves holes between batches too: the position jumps over them.
    for (; position < batch.baseOffset; position += 1) {
      hidden.push({ offset: position, reason: 'compacted' });
    }
    for (; position < until; position += 1) {
      const record = shown.get(position);
      if (reason !== undefined || record === undefined) {
        hidden.push({ offset: position, reason: reason ?? 'compacted' });
        continue;
      }
      if (records.length === maxRecords) break;
      records.push(record);
    }
    if (position < until) break;
  }
  return { type: 'records', records, nextOffset: position, hidden };
}

/** Where a consumer begins that has no valid position; undefined: `none`, it fails instead. */
export function resetOffset(
  log: PartitionLog,
  reset: OffsetReset,
  options: { readonly isolation: IsolationLevel; readonly nowMs: number },
): number | undefined {
  const end = readableEnd(log, options.isolation);
  if (reset === 'none') return undefined;
  if (reset === 'earliest') return log.startOffset;
  if (reset === 'latest') return end;
  const durationMs = Number(/^by_duration:(\d+)$/.exec(reset)?.[1] ?? NaN);
  if (!Number.isFinite(durationMs)) {
    throw new ConfigError(
      'auto.offset.reset must be earliest, latest, none or by_duration:<ms>',
      reset,
      'use for example by_duration:3600000 for the last hour',
    );
  }
  return offsetForTime(log, options.nowMs - durationMs) ?? end;
}

/** The first offset whose timestamp is at or after the time (`offsetsForTimes`). */
export function offsetForTime(log: PartitionLog, timestampMs: number): number | undefined {
  for (const batch of batchesFrom(log, log.startOffset)) {
    const record = batch.records.find((candidate) => candidate.timestampMs >= timestampMs);
    if (record !== undefined) return record.offset < log.highWatermark ? record.offset : undefined;
  }
  return undefined;
}

function batchesFrom(log: PartitionLog, offset: number): readonly LogBatch[] {
  return log.segments
    .flatMap((segment) => segment.batches)
    .filter((batch) => batch.lastOffset >= offset);
}

/** Knows, batch by batch, whose open transaction ends in an abort. */
class AbortedFilter {
  readonly #pending: AbortedTransaction[];
  readonly #producers = new Set<number>();

  constructor(aborted: readonly AbortedTransaction[], fromOffset: number) {
    this.#pending = aborted
      .filter((transaction) => transaction.lastOffset >= fromOffset)
      .sort((a, b) => a.firstOffset - b.firstOffset);
  }

  hiddenReason(batch: LogBatch, isolation: IsolationLevel): HiddenReason | undefined {
    while ((this.#pending[0]?.firstOffset ?? Infinity) <= batch.lastOffset) {
      this.#producers.add(this.#pending.shift()?.producerId as number);
    }
    const producerId = batch.stamp?.producerId ?? -1;
    if (batch.marker !== undefined) {
      if (batch.marker === 'abort') this.#producers.delete(producerId);
      return 'marker';
    }
    const isAborted = batch.stamp?.isTransactional === true && this.#producers.has(producerId);
    return isAborted && isolation === 'read_committed' ? 'aborted' : undefined;
  }
}
