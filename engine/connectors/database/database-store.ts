import { assert } from '../../core/assert.ts';
import type { Json } from '../../core/clone.ts';
import type { TransactionStatus } from '../../trace/frame.ts';
import { keyOf } from '../../trace/table-contents.ts';
import type { TableDefinition, TableRow, WriteEffect } from '../../trace/table-contents.ts';
import { toTableRow } from '../external-store.ts';
import type {
  CommitOutcome,
  PlainTarget,
  SinkRow,
  SinkTable,
  TransactionalTarget,
  WriteOutcome,
} from '../external-store.ts';
import { Database } from './database.ts';
import type { TableChange } from './database.ts';

interface WaitingTransaction {
  readonly owner: number;
  readonly changes: TableChange[];
  status: TransactionStatus;
}

/**
 * A database table behind a sink. What comes in single writes is there at once. What comes in
 * transactions waits with the checkpoint and is written when that is complete, in one transaction
 * of the database together with its number in the ledger. Models Flink 2.x GenericWriteAheadSink
 * with a CheckpointCommitter that keeps its ids in the same database.
 * Simplified: what waits is kept here instead of in the checkpoint; the ledger counts transactions
 * of the sink instead of checkpoints of a subtask.
 * Invariant: a transaction is applied once, however often it is committed.
 */
export class DatabaseStore implements PlainTarget, TransactionalTarget {
  readonly name: string;
  readonly kind = 'database';
  readonly #definition: TableDefinition;
  readonly #database: Database;
  readonly #transactions: WaitingTransaction[] = [];
  readonly #applied: TableRow[] = [];
  #writeCount = 0;

  constructor(name: string, definition: TableDefinition) {
    this.name = name;
    this.#definition = definition;
    this.#database = new Database({ [name]: definition });
  }

  get writeCount(): number {
    return this.#writeCount;
  }

  /** A transaction of its own for one row. @throws UniqueViolation */
  write(_key: Json, value: unknown): WriteOutcome {
    this.#writeCount += 1;
    const row = toTableRow(this.name, value);
    const [effect] = this.#database.transact(this.name, [{ row, change: 'put' }]);
    this.#applied.push(row);
    return { effect: effect as WriteEffect };
  }

  begin(owner: number): number {
    return this.#transactions.push({ owner, changes: [], status: 'open' }) - 1;
  }

  writeIn(id: number, _key: Json, row: unknown): undefined {
    const transaction = this.#get(id);
    assert(transaction.status === 'open', `transaction ${id} is open`);
    transaction.changes.push({ row: toTableRow(this.name, row), change: 'put' });
    this.#writeCount += 1;
  }

  prepare(id: number): void {
    this.#get(id).status = 'prepared';
  }

  /** @throws UniqueViolation */
  commit(id: number): CommitOutcome {
    const transaction = this.#get(id);
    const { changes } = transaction;
    const entry = { applicationId: this.name, batchId: id };
    const effects = this.#database.commitBatch(entry, this.name, changes);
    if (effects === undefined) return 'already-committed';
    transaction.status = 'committed';
    this.#applied.push(...changes.map(({ row }) => row));
    return 'committed';
  }

  fence(owner: number, parallelism: number): readonly number[] {
    const left: number[] = [];
    this.#transactions.forEach((transaction, id) => {
      const isOwn = transaction.owner % parallelism === owner;
      if (!isOwn || !['open', 'prepared'].includes(transaction.status)) return;
      transaction.status = 'aborted';
      left.push(id);
    });
    return left;
  }

  writes(): readonly SinkRow[] {
    const { primaryKey } = this.#definition;
    return this.#applied.map((row) => {
      const key = keyOf(row, primaryKey);
      return { key: key.length === 1 ? (key[0] as Json) : key, row };
    });
  }

  tables(): readonly SinkTable[] {
    return this.#database.tables();
  }

  #get(id: number): WaitingTransaction {
    const transaction = this.#transactions[id];
    assert(transaction !== undefined, `transaction ${id} exists`);
    return transaction;
  }
}
