import { ConfigError } from '../../core/errors.ts';
import { TableContents, keyOf } from '../../trace/table-contents.ts';
import type {
  RowChange,
  TableDefinition,
  TableRow,
  WriteEffect,
} from '../../trace/table-contents.ts';
import type { SinkTable } from '../external-store.ts';

/** A row on its way into a table. */
export interface TableChange {
  readonly row: TableRow;
  readonly change: RowChange;
}

/** A row that breaks the primary key: the whole transaction has come to nothing. */
export class UniqueViolation extends Error {
  override readonly name = 'UniqueViolation';
}

/** Which transaction it was that a ledger knows: of whom, and the how manieth. */
export interface LedgerEntry {
  readonly applicationId: string;
  readonly batchId: number;
}

/**
 * A database with tables, transactions and a ledger. Models PostgreSQL 18 as a writer sees it: a
 * transaction happens whole or not at all, and a unique violation undoes it. The ledger is a table
 * like any other, with the primary key (application, batch): it is written in the same transaction
 * as the rows, so that either both are there or none.
 * Simplified: transactions run one after another; readers see what is committed.
 * Invariant: a batch that is in the ledger was applied exactly once.
 */
export class Database {
  readonly #definitions: ReadonlyMap<string, TableDefinition>;
  readonly #tables = new Map<string, TableContents>();
  readonly #ledger = new Map<string, LedgerEntry>();

  constructor(definitions: { readonly [table: string]: TableDefinition }) {
    this.#definitions = new Map(Object.entries(definitions));
    for (const [name, definition] of this.#definitions) {
      checkTable(name, definition);
      this.#tables.set(name, new TableContents(definition));
    }
  }

  /**
   * One transaction: all the changes, in order, or none.
   * @throws UniqueViolation when a plain insert meets its primary key; nothing has changed then.
   */
  transact(table: string, changes: readonly TableChange[]): readonly WriteEffect[] {
    const before = this.#contents(table);
    // One change that violates the key changes nothing: there is nothing to undo.
    const contents = changes.length === 1 ? before : before.copy();
    const effects = changes.map(({ row, change }) => {
      const effect = contents.apply(row, change);
      if (effect === 'violated') throw this.#violation(table, row);
      return effect;
    });
    this.#tables.set(table, contents);
    return effects;
  }

  /**
   * One transaction that also writes the batch into the ledger. Undefined when the ledger has it:
   * then nothing changes, however often it is tried.
   * @throws UniqueViolation as `transact` does; the ledger has not got the batch then.
   */
  commitBatch(
    entry: LedgerEntry,
    table: string,
    changes: readonly TableChange[],
  ): readonly WriteEffect[] | undefined {
    if (this.hasBatch(entry)) return undefined;
    const effects = this.transact(table, changes);
    this.#ledger.set(ledgerKey(entry), entry);
    return effects;
  }

  hasBatch(entry: LedgerEntry): boolean {
    return this.#ledger.has(ledgerKey(entry));
  }

  rows(table: string): readonly TableRow[] {
    return this.#contents(table).rows();
  }

  /** Every table, and the ledger when there is something in it. */
  tables(): readonly SinkTable[] {
    const tables = [...this.#definitions].map(([name, { primaryKey }]) => ({
      name,
      primaryKey,
      rows: this.rows(name),
    }));
    if (this.#ledger.size === 0) return tables;
    const rows = [...this.#ledger.values()].map(({ applicationId, batchId }) => ({
      application_id: applicationId,
      batch_id: batchId,
    }));
    const primaryKey = ['application_id', 'batch_id'];
    return [...tables, { name: `${tables[0]?.name ?? 'batch'}_ledger`, primaryKey, rows }];
  }

  #contents(table: string): TableContents {
    const contents = this.#tables.get(table);
    if (contents !== undefined) return contents;
    throw new ConfigError(
      'a write must name a table of the database',
      table,
      `use one of: ${[...this.#tables.keys()].join(', ')}`,
    );
  }

  #violation(table: string, row: TableRow): UniqueViolation {
    const { primaryKey } = this.#definitions.get(table) as TableDefinition;
    const values = keyOf(row, primaryKey).join(', ');
    return new UniqueViolation(
      `duplicate key value violates unique constraint "${table}_pkey": ` +
        `Key (${primaryKey.join(', ')})=(${values}) already exists.`,
    );
  }
}

function ledgerKey({ applicationId, batchId }: LedgerEntry): string {
  return JSON.stringify([applicationId, batchId]);
}

function checkTable(name: string, { primaryKey, write }: TableDefinition): void {
  if (!Array.isArray(primaryKey) || primaryKey.length === 0) {
    throw new ConfigError(
      `table ${name} must have a primary key`,
      primaryKey,
      "name its columns: primaryKey: ['origin', 'windowStart']",
    );
  }
  if (write.type !== 'increment') return;
  const fixed = write.columns.find((column) => primaryKey.includes(column));
  if (write.columns.length > 0 && fixed === undefined) return;
  throw new ConfigError(
    `an increment of table ${name} must name columns that are not part of its primary key`,
    fixed ?? '[]',
    "use for example { type: 'increment', columns: ['departures'] }",
  );
}
