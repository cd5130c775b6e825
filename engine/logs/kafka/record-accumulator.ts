/**
 * Models how Kafka's producer gathers records into batches: Apache Kafka 4.1, clients,
 * `RecordAccumulator`, `KafkaProducer.partition`; `batch.size` 16384 and, since 4.0, `linger.ms` 5.
 * Simplified: the network is always ready, so a batch leaves when it is full or has lingered;
 * memory (`buffer.memory`) never runs out; sizes are those of keys and values.
 * Invariant: records of one partition keep the order in which they were sent.
 */
import { ConfigError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import { kafkaPartition } from './partitioner.ts';
import { recordBytes } from './record-batch.ts';
import type { ProducerRecord } from './record-batch.ts';
import { StickyPartitioner } from './sticky-partitioner.ts';

/** A record and when `send()` is called with it. */
export interface RecordToSend extends ProducerRecord {
  readonly sendMs: number;
  /** Goes there, whatever its key. */
  readonly partition?: number;
}

/** How a producer batches. */
export interface BatchSettings {
  readonly partitionCount: number;
  /** `batch.size` in bytes; a single larger record still goes, alone. */
  readonly batchBytes: number;
  /** `linger.ms`: how long a batch that is not full waits for more. */
  readonly lingerMs: number;
  readonly random: Random;
}

/** A batch that leaves the producer. */
export interface BatchReady {
  readonly type: 'batch-ready';
  /** When it leaves. */
  readonly atMs: number;
  readonly partition: number;
  readonly records: readonly ProducerRecord[];
  readonly sizeBytes: number;
  readonly reason: 'full' | 'linger';
}

interface OpenBatch {
  readonly createdMs: number;
  readonly records: ProducerRecord[];
  sizeBytes: number;
}

/**
 * The batches in the order in which they leave. Records with a key go by its hash, those without
 * stay on one partition until a batch size was produced to it.
 * @throws ConfigError when sizes or times are out of range or not in order.
 */
export function batchRecords(
  records: readonly RecordToSend[],
  settings: BatchSettings,
): BatchReady[] {
  const accumulator = new RecordAccumulator(settings);
  let previousMs = -Infinity;
  for (const record of records) {
    if (!(record.sendMs >= previousMs)) {
      throw new ConfigError(
        'records must be ordered by sendMs',
        `${record.sendMs} after ${previousMs}`,
        'sort them: one thread calls send()',
      );
    }
    previousMs = record.sendMs;
    accumulator.append(record);
  }
  return accumulator.finish();
}

class RecordAccumulator {
  readonly #settings: BatchSettings;
  readonly #sticky: StickyPartitioner;
  readonly #open = new Map<number, OpenBatch>();
  readonly #ready: BatchReady[] = [];

  constructor(settings: BatchSettings) {
    const { partitionCount, batchBytes, lingerMs, random } = settings;
    if (!(lingerMs >= 0)) {
      throw new ConfigError('lingerMs must be at least 0', lingerMs, 'give for example 5');
    }
    this.#settings = settings;
    this.#sticky = new StickyPartitioner({ partitionCount, stickyBatchBytes: batchBytes, random });
  }

  append(record: RecordToSend): void {
    this.#drainLingering(record.sendMs);
    const isSticky = record.partition === undefined && record.key === null;
    const partition = this.#partitionOf(record);
    const sizeBytes = recordBytes(record);
    const { key, value, timestampMs } = record;
    const open = this.#open.get(partition);
    if (open !== undefined && open.sizeBytes + sizeBytes > this.#settings.batchBytes) {
      this.#close(partition, record.sendMs, 'full');
    }
    const batch = this.#open.get(partition) ?? {
      createdMs: record.sendMs,
      records: [],
      sizeBytes: 0,
    };
    this.#open.set(partition, batch);
    batch.records.push({ key, value, timestampMs });
    batch.sizeBytes += sizeBytes;
    const isFull = batch.sizeBytes >= this.#settings.batchBytes;
    if (isFull) this.#close(partition, record.sendMs, 'full');
    if (isSticky) this.#sticky.onAppended(sizeBytes, isFull);
  }

  finish(): BatchReady[] {
    this.#drainLingering(Infinity);
    return this.#ready;
  }

  #partitionOf(record: RecordToSend): number {
    const { partitionCount } = this.#settings;
    if (record.partition !== undefined) {
      if (record.partition < 0 || record.partition >= partitionCount) {
        throw new ConfigError(
          `a record's partition must be below ${partitionCount}`,
          record.partition,
          'leave it out to let the key decide',
        );
      }
      return record.partition;
    }
    if (record.key !== null) return kafkaPartition(record.key, partitionCount);
    const current = this.#sticky.currentPartition();
    // A switch that waited for the batch to be complete happens now, when none is open.
    if (!this.#open.has(current)) this.#sticky.onAppended(0, true);
    return this.#sticky.currentPartition();
  }

  #drainLingering(nowMs: number): void {
    const due = [...this.#open]
      .map(([partition, batch]) => ({ partition, atMs: batch.createdMs + this.#settings.lingerMs }))
      .filter(({ atMs }) => atMs <= nowMs)
      .sort((a, b) => a.atMs - b.atMs || a.partition - b.partition);
    for (const { partition, atMs } of due) this.#close(partition, atMs, 'linger');
  }

  #close(partition: number, atMs: number, reason: BatchReady['reason']): void {
    const batch = this.#open.get(partition) as OpenBatch;
    this.#open.delete(partition);
    const { records, sizeBytes } = batch;
    this.#ready.push({ type: 'batch-ready', atMs, partition, records, sizeBytes, reason });
  }
}
