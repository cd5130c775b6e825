import { ConfigError } from '../core/errors.ts';
import type { Json } from '../core/clone.ts';

/** One row of a table, by column. */
export type TableRow = { readonly [column: string]: Json };

/** What a write does when the table has its primary key already. */
export type TableWrite =
  /** `INSERT`: the whole transaction fails, or (`ON CONFLICT DO NOTHING`) the row is left out. */
  | { readonly type: 'insert'; readonly onConflict: 'fail' | 'nothing' }
  /** `ON CONFLICT DO UPDATE`: the row takes the place of the old one. */
  | { readonly type: 'upsert' }
  /** The same, but only when the row's version is greater: old news change nothing. */
  | { readonly type: 'versioned-upsert'; readonly version: string }
  /** `SET n = table.n + excluded.n` for these columns; the others stay as they were. */
  | { readonly type: 'increment'; readonly columns: readonly string[] };

/** A table, and how a sink writes to it. */
export interface TableDefinition {
  readonly primaryKey: readonly string[];
  readonly write: TableWrite;
}

/** What a write has done. `older`: the table had a newer version. `absent`: nothing to delete. */
export type WriteEffect =
  'inserted' | 'updated' | 'added' | 'ignored' | 'older' | 'violated' | 'deleted' | 'absent';

/** Whether a write puts a row in, or takes the row with its key away. */
export type RowChange = 'put' | 'delete';

/**
 * The rows of a table with a primary key. Models what PostgreSQL 18 does for one `INSERT` with
 * each kind of `ON CONFLICT`.
 * Invariant: no two rows have the same primary key.
 */
export class TableContents {
  readonly #definition: TableDefinition;
  readonly #rows: Map<string, TableRow>;

  constructor(definition: TableDefinition, rows: ReadonlyMap<string, TableRow> = new Map()) {
    this.#definition = definition;
    this.#rows = new Map(rows);
  }

  get rowCount(): number {
    return this.#rows.size;
  }

  /** In the order in which their keys were first put in. */
  rows(): readonly TableRow[] {
    return [...this.#rows.values()];
  }

  /** A table of its own with the same rows. */
  copy(): TableContents {
    return new TableContents(this.#definition, this.#rows);
  }

  /** Writes a row. One that violates the primary key changes nothing. */
  apply(row: TableRow, change: RowChange = 'put'): WriteEffect {
    const id = JSON.stringify(keyOf(row, this.#definition.primaryKey));
    if (change === 'delete') return this.#rows.delete(id) ? 'deleted' : 'absent';
    const old = this.#rows.get(id);
    if (old === undefined) {
      this.#rows.set(id, row);
      return 'inserted';
    }
    const { write } = this.#definition;
    switch (write.type) {
      case 'insert':
        return write.onConflict === 'fail' ? 'violated' : 'ignored';
      case 'versioned-upsert':
        if (!isNewer(row[write.version], old[write.version])) return 'older';
        this.#rows.set(id, row);
        return 'updated';
      case 'upsert':
        this.#rows.set(id, row);
        return 'updated';
      case 'increment':
        this.#rows.set(id, withSums(old, row, write.columns));
        return 'added';
    }
  }
}

/**
 * The values of the primary key, one for each of its columns.
 * @throws ConfigError when a column is missing or null: a primary key has a value.
 */
export function keyOf(row: TableRow, primaryKey: readonly string[]): readonly Json[] {
  return primaryKey.map((column) => {
    const value = row[column];
    if (value !== undefined && value !== null) return value;
    throw new ConfigError(
      'a row must have a value for each column of the primary key',
      `no ${column} in ${JSON.stringify(row)}`,
      `give the row a field ${column}, or choose another primary key`,
    );
  });
}

function isNewer(version: Json | undefined, than: Json | undefined): boolean {
  if (typeof version === 'number' && typeof than === 'number') return version > than;
  return String(version) > String(than);
}

function withSums(old: TableRow, row: TableRow, columns: readonly string[]): TableRow {
  const sums = columns.map(
    (column) => [column, Number(old[column]) + Number(row[column])] as const,
  );
  return { ...old, ...Object.fromEntries(sums) };
}
