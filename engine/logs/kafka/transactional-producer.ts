/**
 * Models the client side of Kafka's transactions: Apache Kafka 4.1, clients, `KafkaProducer`,
 * `TransactionManager`.
 * Simplified: every record is its own batch and is acknowledged at once.
 * Invariant: once fenced, a producer writes nothing more.
 */
import { assert } from '../../core/assert.ts';
import type { AppendResult, PartitionLog } from './partition-log.ts';
import type { ProducerRecord } from './record-batch.ts';
import { addToSequence } from './producer-state.ts';
import type {
  ProducerSession,
  TransactionCoordinator,
  TransactionError,
} from './transaction-coordinator.ts';

/** What a call of the producer gives. `PRODUCER_FENCED` is fatal: the producer must be closed. */
export type TransactionOutcome = 'ok' | TransactionError;

/** A producer with a `transactional.id`. */
export class TransactionalProducer {
  readonly transactionalId: string;
  readonly #coordinator: TransactionCoordinator;
  readonly #logs: ReadonlyMap<string, PartitionLog>;
  #session: ProducerSession;
  #sequences = new Map<string, number>();

  /** Calls `initTransactions()`: older producers of the same id are fenced from here on. */
  constructor(
    cluster: {
      readonly coordinator: TransactionCoordinator;
      readonly logs: ReadonlyMap<string, PartitionLog>;
    },
    options: { readonly transactionalId: string; readonly timeoutMs: number },
    nowMs: number,
  ) {
    this.#coordinator = cluster.coordinator;
    this.#logs = cluster.logs;
    this.transactionalId = options.transactionalId;
    this.#session = cluster.coordinator.initProducer(options.transactionalId, options, nowMs);
  }

  get session(): ProducerSession {
    return this.#session;
  }

  /** Writes a record in the open transaction; the first one opens it. */
  send(partition: string, record: ProducerRecord, nowMs: number): TransactionOutcome {
    const { transactionalId } = this;
    const error = this.#coordinator.addPartition(transactionalId, this.#session, partition, nowMs);
    return error ?? this.write(partition, record, nowMs);
  }

  /** Writes to a partition that is already part of the transaction, past the coordinator. */
  write(partition: string, record: ProducerRecord, nowMs: number): TransactionOutcome {
    const log = this.#logs.get(partition);
    assert(log !== undefined, `a partition named ${partition}`);
    const baseSequence = this.#sequences.get(partition) ?? 0;
    const stamp = { ...this.#session, baseSequence, isTransactional: true };
    const stored: AppendResult = log.append({ records: [record], stamp }, nowMs);
    // The broker knows a newer epoch: this producer is a zombie.
    if (stored.type === 'rejected') return 'PRODUCER_FENCED';
    log.advanceHighWatermark(log.endOffset);
    this.#sequences.set(partition, addToSequence(baseSequence, 1));
    return 'ok';
  }

  /** Commits read positions of a group together with what was written. */
  sendOffsets(
    groupId: string,
    offsets: ReadonlyMap<string, number>,
    nowMs: number,
  ): TransactionOutcome {
    const request = { groupId, offsets };
    const { transactionalId } = this;
    return this.#coordinator.addOffsets(transactionalId, this.#session, request, nowMs) ?? 'ok';
  }

  commit(nowMs: number): TransactionOutcome {
    return this.#end('commit', nowMs);
  }

  abort(nowMs: number): TransactionOutcome {
    return this.#end('abort', nowMs);
  }

  #end(marker: 'commit' | 'abort', nowMs: number): TransactionOutcome {
    const { transactionalId } = this;
    const ended = this.#coordinator.endTransaction(transactionalId, this.#session, marker, nowMs);
    if (typeof ended === 'string') return ended;
    this.#session = ended;
    // With a new epoch, every partition counts from 0 again.
    this.#sequences = new Map();
    return 'ok';
  }
}
