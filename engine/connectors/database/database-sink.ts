import type { Json } from '../../core/clone.ts';
import { keyOf } from '../../trace/table-contents.ts';
import type { TableWrite } from '../../trace/table-contents.ts';
import { checkDelivery } from '../delivery-guarantee.ts';
import type { DeliveryGuarantee } from '../delivery-guarantee.ts';
import { checkName, toTableRow } from '../external-store.ts';
import { SinkWriter } from '../sink-writer.ts';
import type { Sink } from '../sinks.ts';
import { TwoPhaseCommitWriter } from '../two-phase-commit-writer.ts';
import { DatabaseStore } from './database-store.ts';

/** What a database sink needs to know. */
export interface DatabaseSinkOptions {
  /** Of the sink and of its table. */
  readonly name: string;
  /** Columns, by name: rows have a field for each. */
  readonly primaryKey: readonly string[];
  readonly write: TableWrite;
  /**
   * `at-least-once` writes each row at once, `exactly-once` with the checkpoint, in one transaction
   * with the ledger. Default `at-least-once`, as Flink's JdbcSink.
   */
  readonly delivery?: DeliveryGuarantee;
}

/**
 * A table with a primary key in a database.
 * @throws ConfigError for a table that no database would take.
 */
export function databaseSink<T extends object>(options: DatabaseSinkOptions): Sink<T> {
  const { primaryKey, write } = options;
  const delivery = checkDelivery(options.delivery ?? 'at-least-once');
  const name = checkName(options.name);
  const table = { primaryKey, write };
  const key = (row: unknown): Json => keyText(name, row, primaryKey);
  // A table that can't be is refused here, before anything runs.
  new DatabaseStore(name, table);
  return {
    kind: 'database',
    name,
    key,
    table,
    connect: () => {
      const store = new DatabaseStore(name, table);
      return {
        store,
        createWriter: (context, index) =>
          delivery === 'exactly-once'
            ? new TwoPhaseCommitWriter(context, { key }, store, index)
            : new SinkWriter(context, { key }, store, index),
      };
    },
  };
}

function keyText(name: string, row: unknown, primaryKey: readonly string[]): Json {
  const key = keyOf(toTableRow(name, row), primaryKey);
  return key.length === 1 ? (key[0] as Json) : key;
}
