import { assert } from '../../core/assert.ts';
import { toJson } from '../../core/clone.ts';
import type { Json } from '../../core/clone.ts';
import { fetchRecords } from '../../logs/kafka/fetch.ts';
import type { IsolationLevel } from '../../logs/kafka/fetch.ts';
import { PartitionLog } from '../../logs/kafka/partition-log.ts';
import { kafkaPartition } from '../../logs/kafka/partitioner.ts';
import type { TransactionStatus } from '../../trace/frame.ts';
import { toColumns } from '../external-store.ts';
import type {
  CommitOutcome,
  PlainTarget,
  SinkRow,
  SinkTable,
  TransactionalTarget,
  WriteOutcome,
} from '../external-store.ts';

/** A record of the topic, where a consumer finds it. */
export interface TopicRecord extends SinkRow {
  readonly partition: number;
  readonly offset: number;
}

interface ProducerTransaction {
  readonly owner: number;
  readonly begunMs: number;
  /** Records written so far, by partition: the next sequence number there. */
  readonly sequences: Map<number, number>;
  status: TransactionStatus;
}

const SEGMENT_BYTES = 2 ** 30;

/**
 * A topic with its partitions, as Kafka 4.1 keeps them: records of an open transaction are in the
 * log at once, and only `read_committed` does not see them; a commit or abort adds a marker to each
 * partition written to. Models Flink KafkaSink with its default naming of transactions: a new
 * transactional id, and so a new producer, for each.
 * Simplified: one replica; records without a key go round the partitions one by one; a transaction
 * that is older than its timeout is aborted when someone asks for it.
 * Invariant: a committed transaction stays committed, an aborted one stays aborted.
 */
export class TopicStore implements PlainTarget, TransactionalTarget {
  readonly name: string;
  readonly kind = 'topic';
  readonly #timeoutMs: number;
  readonly #partitions: readonly PartitionLog[];
  readonly #transactions: ProducerTransaction[] = [];
  #nowMs = 0;
  #writeCount = 0;

  constructor(name: string, partitionCount: number, timeoutMs: number) {
    this.name = name;
    this.#timeoutMs = timeoutMs;
    this.#partitions = Array.from(
      { length: partitionCount },
      () => new PartitionLog({ segmentBytes: SEGMENT_BYTES }),
    );
  }

  get writeCount(): number {
    return this.#writeCount;
  }

  /** Appends a record outside of any transaction: everybody sees it at once. */
  write(key: Json, row: unknown, nowMs: number): WriteOutcome {
    this.#nowMs = nowMs;
    const partition = this.#partitionOf(key);
    this.#store(partition, key, row);
    return { partition };
  }

  begin(owner: number, nowMs: number): number {
    this.#nowMs = nowMs;
    const transaction = { owner, begunMs: nowMs, sequences: new Map(), status: 'open' } as const;
    return this.#transactions.push({ ...transaction }) - 1;
  }

  writeIn(id: number, key: Json, row: unknown): WriteOutcome {
    const transaction = this.#get(id);
    assert(transaction.status === 'open', `transaction ${id} is open`);
    const partition = this.#partitionOf(key);
    const baseSequence = transaction.sequences.get(partition) ?? 0;
    const stamp = { producerId: id, producerEpoch: 0, baseSequence, isTransactional: true };
    this.#store(partition, key, row, stamp);
    transaction.sequences.set(partition, baseSequence + 1);
    return { partition };
  }

  prepare(id: number): void {
    const transaction = this.#get(id);
    assert(transaction.status === 'open', `transaction ${id} is open`);
    transaction.status = 'prepared';
  }

  commit(id: number, nowMs: number): CommitOutcome {
    this.#nowMs = nowMs;
    const transaction = this.#get(id);
    if (transaction.status === 'committed') return 'already-committed';
    if (transaction.status === 'aborted') return 'timed-out';
    if (nowMs - transaction.begunMs > this.#timeoutMs) {
      this.#end(id, 'abort');
      return 'timed-out';
    }
    this.#end(id, 'commit');
    return 'committed';
  }

  fence(owner: number, parallelism: number): readonly number[] {
    const left: number[] = [];
    this.#transactions.forEach((transaction, id) => {
      const isOwn = transaction.owner % parallelism === owner;
      if (!isOwn || !['open', 'prepared'].includes(transaction.status)) return;
      this.#end(id, 'abort');
      left.push(id);
    });
    return left;
  }

  /** What a consumer of this isolation reads from the beginning, partition by partition. */
  read(isolation: IsolationLevel): readonly TopicRecord[] {
    return this.#partitions.flatMap((log, partition) => {
      const fetched = fetchRecords(log, { offset: log.startOffset, isolation });
      assert(fetched.type === 'records', 'the first offset can be read');
      return fetched.records.map(({ key, value, offset }) => ({
        partition,
        offset,
        key: key === null ? null : (JSON.parse(key) as Json),
        row: value as Json,
      }));
    });
  }

  /** How far `read_committed` gets in a partition. */
  lastStableOffset(partition: number): number {
    return this.#partitions[partition]?.lastStableOffset ?? 0;
  }

  /** Where the next record or marker of a partition goes. */
  endOffset(partition: number): number {
    return this.#partitions[partition]?.endOffset ?? 0;
  }

  writes(): readonly SinkRow[] {
    return this.read('read_committed').map(({ key, row }) => ({ key, row }));
  }

  tables(): readonly SinkTable[] {
    const rows = this.read('read_committed').map(({ partition, offset, row }) => ({
      ...toColumns(row),
      _partition: partition,
      _offset: offset,
    }));
    return [{ name: this.name, primaryKey: ['_partition', '_offset'], rows }];
  }

  #partitionOf(key: Json): number {
    const count = this.#partitions.length;
    return key === null ? this.#writeCount % count : kafkaPartition(JSON.stringify(key), count);
  }

  #store(
    partition: number,
    key: Json,
    row: unknown,
    stamp?: Parameters<PartitionLog['append']>[0]['stamp'],
  ): void {
    const log = this.#partitions[partition] as PartitionLog;
    const record = {
      key: key === null ? null : JSON.stringify(key),
      value: toJson(row),
      timestampMs: this.#nowMs,
    };
    const result = log.append({ records: [record], ...(stamp && { stamp }) }, this.#nowMs);
    assert(result.type === 'appended', 'each producer writes in order, and no other as it');
    log.advanceHighWatermark(log.endOffset);
    this.#writeCount += 1;
  }

  #end(id: number, marker: 'commit' | 'abort'): void {
    const transaction = this.#get(id);
    transaction.status = marker === 'commit' ? 'committed' : 'aborted';
    for (const partition of transaction.sequences.keys()) {
      const log = this.#partitions[partition] as PartitionLog;
      log.appendMarker({ producerId: id, producerEpoch: 0, marker }, this.#nowMs);
      log.advanceHighWatermark(log.endOffset);
    }
  }

  #get(id: number): ProducerTransaction {
    const transaction = this.#transactions[id];
    assert(transaction !== undefined, `transaction ${id} exists`);
    return transaction;
  }
}
