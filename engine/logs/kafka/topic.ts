/**
 * Models a topic: its partitions, and what producers wrote to it. Apache Kafka 4.1;
 * `kafka-topics.sh --alter --partitions` for adding some.
 * Simplified: one replica, so what is appended is readable at once.
 * Invariant: a key's records lie in one partition as long as partitions are not added.
 */
import { ConfigError } from '../../core/errors.ts';
import type { LogInput, LogRecord } from '../log.ts';
import { fetchRecords } from './fetch.ts';
import type { IsolationLevel } from './fetch.ts';
import { PartitionLog } from './partition-log.ts';
import type { SegmentSettings } from './partition-log.ts';
import { kafkaPartition } from './partitioner.ts';
import type { BatchReady } from './record-accumulator.ts';
import type { ProducerRecord } from './record-batch.ts';

const GIBIBYTE = 2 ** 30;

/** A topic's partitions, on one broker. */
export class Topic {
  readonly name: string;
  readonly #settings: SegmentSettings;
  readonly #logs: PartitionLog[] = [];

  /** @throws ConfigError when it has no partition. */
  constructor(name: string, options: { readonly partitions: number } & Partial<SegmentSettings>) {
    const { partitions, ...segments } = options;
    this.name = name;
    this.#settings = { segmentBytes: GIBIBYTE, ...segments };
    if (!Number.isInteger(partitions) || partitions < 1) {
      throw new ConfigError(
        `topic "${name}" must have at least one partition`,
        partitions,
        'give for example 6',
      );
    }
    while (this.#logs.length < partitions) this.#logs.push(new PartitionLog(this.#settings));
  }

  get partitions(): readonly PartitionLog[] {
    return this.#logs;
  }

  /** The partitions by name, `flights-3`, as transactions and groups call them. */
  byName(): ReadonlyMap<string, PartitionLog> {
    return new Map(this.#logs.map((log, partition) => [`${this.name}-${partition}`, log]));
  }

  /** Writes one record to the partition of its key. Returns where it went. */
  send(
    record: ProducerRecord & { readonly key: string },
    nowMs: number,
  ): { readonly partition: number; readonly offset: number } {
    const partition = kafkaPartition(record.key, this.#logs.length);
    const log = this.#logs[partition] as PartitionLog;
    const offset = log.endOffset;
    log.append({ records: [record] }, nowMs);
    log.advanceHighWatermark(log.endOffset);
    return { partition, offset };
  }

  /** Writes the batches of a producer, at the times at which they left it. */
  append(batches: readonly BatchReady[]): void {
    for (const { partition, records, atMs } of batches) {
      const log = this.#logs[partition] as PartitionLog;
      log.append({ records }, atMs);
      log.advanceHighWatermark(log.endOffset);
    }
  }

  /**
   * Adds partitions. Old records stay where they are, while new ones of the same key may go
   * elsewhere: a reader can then see a key's newer record before its older one.
   * @throws ConfigError when there would be fewer: records can't be thrown away.
   */
  addPartitions(partitions: number): void {
    if (!Number.isInteger(partitions) || partitions <= this.#logs.length) {
      throw new ConfigError(
        `topic "${this.name}" has ${this.#logs.length} partitions, and the number can only rise`,
        partitions,
        'write to a new topic to have fewer',
      );
    }
    while (this.#logs.length < partitions) this.#logs.push(new PartitionLog(this.#settings));
  }

  /**
   * The topic as a runtime reads it: what is retained and, for `read_committed`, committed.
   * Simplified: offsets count from 0 without gaps.
   */
  toLogInput<V = unknown>(
    options: {
      readonly isolation?: IsolationLevel;
      readonly isBounded?: boolean;
    } = {},
  ): LogInput<V> {
    const isolation = options.isolation ?? 'read_uncommitted';
    const partitions = this.#logs.map((log) => toLogRecords<V>(log, isolation));
    const { isBounded } = options;
    return { partitions, ...(isBounded === undefined ? {} : { isBounded }) };
  }
}

/**
 * One partition's readable records. A record arrives when its batch was appended; for
 * `read_committed`, when all before it was decided and its own transaction committed.
 */
export function toLogRecords<V>(log: PartitionLog, isolation: IsolationLevel): LogRecord<V>[] {
  const fetched = fetchRecords(log, { offset: log.startOffset, isolation });
  if (fetched.type === 'out-of-range') return [];
  const arrivals = arrivalsOf(log, isolation);
  return fetched.records.map(({ key, value, timestampMs, offset }) => ({
    ...(key === null ? {} : { key }),
    value: value as V,
    timestampMs,
    arrivalMs: arrivals.get(offset) as number,
  }));
}

/** Follows the last stable offset through the log: it passes a record when that can be shown. */
function arrivalsOf(log: PartitionLog, isolation: IsolationLevel): Map<number, number> {
  const arrivals = new Map<number, number>();
  const open = new Map<number, number>();
  let held: number[] = [];
  for (const batch of log.segments.flatMap((segment) => segment.batches)) {
    const producerId = batch.stamp?.producerId ?? -1;
    if (batch.marker !== undefined) open.delete(producerId);
    else if (batch.stamp?.isTransactional === true && !open.has(producerId)) {
      open.set(producerId, batch.baseOffset);
    }
    held.push(...batch.records.map((record) => record.offset));
    const stableEnd =
      isolation === 'read_committed' ? Math.min(Infinity, ...open.values()) : Infinity;
    for (const offset of held) {
      if (offset < stableEnd) arrivals.set(offset, batch.appendedMs);
    }
    held = held.filter((offset) => offset >= stableEnd);
  }
  return arrivals;
}
