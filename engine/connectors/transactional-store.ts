import { toJson } from '../core/clone.ts';
import type { Json } from '../core/clone.ts';
import { assert } from '../core/assert.ts';
import type { TransactionStatus } from '../trace/frame.ts';
import { toColumns } from './external-store.ts';
import type { CommitOutcome, SinkRow, SinkTable, TransactionalTarget } from './external-store.ts';

export type { TransactionStatus };

interface Transaction {
  readonly id: number;
  /** Index of the subtask that writes it. */
  readonly owner: number;
  readonly begunMs: number;
  readonly writes: SinkRow[];
  status: TransactionStatus;
}

/**
 * An external system with transactions, as Kafka 4.x has them for a producer with a transactional
 * id: what is written becomes visible to `read_committed` readers when the transaction commits;
 * committing twice does no harm; a transaction older than its timeout is aborted by the broker,
 * whatever the job still wants; a new producer with the same id fences the old one.
 * Simplified: a transaction is aborted when someone asks after its timeout.
 * Invariant: a committed transaction stays committed, an aborted one stays aborted.
 */
export class TransactionalStore implements TransactionalTarget {
  readonly name: string;
  readonly kind = 'transactional';
  readonly #timeoutMs: number;
  readonly #transactions: Transaction[] = [];
  /** In the order of commit. */
  readonly #committed: Transaction[] = [];
  #writeCount = 0;

  constructor(name: string, timeoutMs: number) {
    this.name = name;
    this.#timeoutMs = timeoutMs;
  }

  get writeCount(): number {
    return this.#writeCount;
  }

  begin(owner: number, nowMs: number): number {
    const id = this.#transactions.length;
    this.#transactions.push({ id, owner, begunMs: nowMs, writes: [], status: 'open' });
    return id;
  }

  writeIn(id: number, key: Json, row: unknown): undefined {
    const transaction = this.#get(id);
    assert(transaction.status === 'open', `transaction ${id} is open`);
    transaction.writes.push({ key, row: toJson(row) });
    this.#writeCount += 1;
  }

  prepare(id: number): void {
    const transaction = this.#get(id);
    assert(transaction.status === 'open', `transaction ${id} is open`);
    transaction.status = 'prepared';
  }

  commit(id: number, nowMs: number): CommitOutcome {
    const transaction = this.#get(id);
    if (transaction.status === 'committed') return 'already-committed';
    if (transaction.status === 'aborted') return 'timed-out';
    if (nowMs - transaction.begunMs > this.#timeoutMs) {
      transaction.status = 'aborted';
      return 'timed-out';
    }
    transaction.status = 'committed';
    this.#committed.push(transaction);
    return 'committed';
  }

  /** Gives up what one writer has not committed; a committed transaction stays as it is. */
  abort(id: number): void {
    const transaction = this.#get(id);
    if (transaction.status !== 'committed') transaction.status = 'aborted';
  }

  fence(owner: number, parallelism: number): number[] {
    const left = this.#transactions.filter(
      ({ owner: other, status }) =>
        other % parallelism === owner && (status === 'open' || status === 'prepared'),
    );
    for (const transaction of left) transaction.status = 'aborted';
    return left.map(({ id }) => id);
  }

  statusOf(id: number): TransactionStatus {
    return this.#get(id).status;
  }

  /** What a `read_committed` reader sees, in the order of commits. */
  writes(): readonly SinkRow[] {
    return this.#committed.flatMap(({ writes }) => writes);
  }

  tables(): readonly SinkTable[] {
    const rows = this.writes().map(({ row }) => toColumns(row));
    return [{ name: this.name, primaryKey: [], rows }];
  }

  #get(id: number): Transaction {
    const transaction = this.#transactions[id];
    assert(transaction !== undefined, `transaction ${id} exists`);
    return transaction;
  }
}
