/** One record as a producer hands it over. With a key and without a value it is a tombstone. */
export interface ProducerRecord {
  readonly key: string | null;
  /** Null: a tombstone, which tells a compacted topic to forget the key. */
  readonly value: unknown;
  /** Event time, ms: `CreateTime`, the default of `message.timestamp.type`. */
  readonly timestampMs: number;
}

/** A record at its place in a partition. */
export interface StoredRecord extends ProducerRecord {
  readonly offset: number;
}

/** Who wrote a batch, when the producer is idempotent; and the number of its first record. */
export interface ProducerStamp {
  readonly producerId: number;
  /** Rises when the producer starts again: lower ones are fenced. */
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
}

/** What a producer sends to one partition at once: stored whole or not at all. */
export interface ProduceBatch {
  readonly records: readonly ProducerRecord[];
  readonly stamp?: ProducerStamp;
}

/** A control record's meaning: the producer's transaction ended here. */
export type TransactionMarker = 'commit' | 'abort';

/** A batch as it lies in the log. Compaction takes records out, never renumbers. */
export interface LogBatch {
  readonly baseOffset: number;
  /** Last offset it ever held, also when that record was compacted away. */
  readonly lastOffset: number;
  readonly records: readonly StoredRecord[];
  readonly stamp?: ProducerStamp;
  readonly marker?: TransactionMarker;
  readonly leaderEpoch: number;
  /** When the leader appended it, ms of the broker's clock. */
  readonly appendedMs: number;
  readonly maxTimestampMs: number;
  readonly sizeBytes: number;
  /** From then on compaction may drop the tombstones or the marker; set by its first pass. */
  readonly deleteHorizonMs?: number;
}

/** Bytes of a record: its key and its value as JSON. Batch headers and compression: not counted. */
export function recordBytes(record: ProducerRecord): number {
  const key = record.key === null ? 0 : new TextEncoder().encode(record.key).length;
  return key + (record.value === null ? 0 : (JSON.stringify(record.value) ?? '').length);
}

/** Bytes of all of them. */
export function batchBytes(records: readonly ProducerRecord[]): number {
  return records.reduce((sum, record) => sum + recordBytes(record), 0);
}
