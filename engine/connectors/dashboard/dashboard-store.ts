import type { Json } from '../../core/clone.ts';
import { TableContents } from '../../trace/table-contents.ts';
import type { RowChange, TableRow } from '../../trace/table-contents.ts';
import { toTableRow } from '../external-store.ts';
import type { PlainTarget, SinkRow, SinkTable, WriteOutcome } from '../external-store.ts';

/**
 * A screen that shows the newest row of each key. Models an upsert sink as Flink SQL 2.x feeds it
 * (RowKind): `+I` and `+U` put a row, `-U` and `-D` take it away.
 * Invariant: it shows at most one row per key.
 */
export class DashboardStore implements PlainTarget {
  readonly name: string;
  readonly kind = 'dashboard';
  readonly #primaryKey: readonly string[];
  readonly #changeOf: (row: unknown) => RowChange;
  readonly #contents: TableContents;
  readonly #writes: SinkRow[] = [];

  constructor(name: string, primaryKey: readonly string[], changeOf: (row: unknown) => RowChange) {
    this.name = name;
    this.#primaryKey = primaryKey;
    this.#changeOf = changeOf;
    this.#contents = new TableContents({ primaryKey, write: { type: 'upsert' } });
  }

  get writeCount(): number {
    return this.#writes.length;
  }

  write(key: Json, value: unknown): WriteOutcome {
    const row = toTableRow(this.name, value);
    const change = this.#changeOf(value);
    const effect = this.#contents.apply(row, change);
    this.#writes.push({ key, row });
    return { effect, change };
  }

  /** What it shows now. */
  rows(): readonly TableRow[] {
    return this.#contents.rows();
  }

  writes(): readonly SinkRow[] {
    return this.#writes;
  }

  tables(): readonly SinkTable[] {
    return [{ name: this.name, primaryKey: this.#primaryKey, rows: this.rows() }];
  }
}
