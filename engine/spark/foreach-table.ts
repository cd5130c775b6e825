import { toTableRow } from '../connectors/external-store.ts';
import type { ExternalStore, SinkRow, SinkTable } from '../connectors/external-store.ts';
import { cloneValue, toJson } from '../core/clone.ts';
import { ConfigError } from '../core/errors.ts';
import type { ExternalTable } from '../dataset/data-stream-writer.ts';
import { keyText } from '../dataset/value.ts';
import type { Row, Value } from '../dataset/value.ts';

/**
 * A table of a database outside, as foreachBatch writes to it. Models what a JDBC writer does in
 * one connection: a write is a transaction of its own, or part of one with the batch's id.
 * Invariant: a transaction happens whole or not at all.
 */
export class ForeachTable implements ExternalTable, ExternalStore {
  readonly name: string;
  readonly kind = 'database';
  #rows = new Map<string, Row>();
  readonly #batchIds = new Set<number>();

  constructor(name: string) {
    this.name = name;
  }

  insert(rows: readonly Row[]): void {
    for (const row of rows) this.#rows.set(`row ${this.#rows.size}`, cloneValue(row));
  }

  upsert(key: readonly string[], rows: readonly Row[]): void {
    for (const row of rows) this.#rows.set(this.#idOf(key, row), cloneValue(row));
  }

  upsertNewer(key: readonly string[], version: string, rows: readonly Row[]): void {
    for (const row of rows) {
      const id = this.#idOf(key, row);
      const before = this.#rows.get(id);
      if (before === undefined || isNewer(row[version], before[version])) {
        this.#rows.set(id, cloneValue(row));
      }
    }
  }

  increment(key: readonly string[], column: string, rows: readonly Row[]): void {
    for (const row of rows) {
      const id = this.#idOf(key, row);
      const before = this.#rows.get(id)?.[column] ?? 0;
      this.#rows.set(id, { ...row, [column]: Number(before) + Number(row[column] ?? 0) });
    }
  }

  hasBatch(batchId: number): boolean {
    return this.#batchIds.has(batchId);
  }

  insertOnce(batchId: number, rows: readonly Row[]): void {
    this.commitBatch(batchId, () => this.insert(rows));
  }

  commitBatch(batchId: number, write: () => void): boolean {
    if (this.#batchIds.has(batchId)) return false;
    const before = new Map(this.#rows);
    try {
      write();
    } catch (error) {
      this.#rows = before;
      throw error;
    }
    this.#batchIds.add(batchId);
    return true;
  }

  rows(): readonly Row[] {
    return [...this.#rows.values()];
  }

  writes(): readonly SinkRow[] {
    return this.rows().map((row) => ({ key: null, row: toJson(row) }));
  }

  tables(): readonly SinkTable[] {
    const { name } = this;
    const rows = this.rows().map((row) => toTableRow(name, row));
    const table = { name, primaryKey: [], rows };
    if (this.#batchIds.size === 0) return [table];
    const ledger = [...this.#batchIds].map((id) => ({ batch_id: id }));
    return [table, { name: `${name}_ledger`, primaryKey: ['batch_id'], rows: ledger }];
  }

  #idOf(key: readonly string[], row: Row): string {
    const values = key.map((column) => {
      const value = row[column];
      if (value !== undefined) return value;
      throw new ConfigError(
        `a row for table ${this.name} must have the columns of its key`,
        column,
        `it has ${Object.keys(row).join(', ')}`,
      );
    });
    return keyText(values);
  }
}

function isNewer(version: Value | undefined, than: Value | undefined): boolean {
  if (typeof version === 'number' && typeof than === 'number') return version > than;
  return String(version) > String(than);
}
