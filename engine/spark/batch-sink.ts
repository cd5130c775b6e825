import { ConfigError } from '../core/errors.ts';
import { cloneValue } from '../core/clone.ts';
import type { ExternalTable, SinkSpec } from '../dataset/data-stream-writer.ts';
import type { OutputMode } from '../dataset/plan.ts';
import { keyText } from '../dataset/value.ts';
import type { Row } from '../dataset/value.ts';
import type { Partitions } from './batch.ts';
import type { SinkBatch } from './scenario.ts';

/** What goes wrong while a batch is written: how often each partition is written again. */
export type ExtraWrites = ReadonlyMap<number, number>;

/**
 * The place outside where batches go; it survives the driver. Models Spark 4.2.0 MemorySink and
 * FileStreamSink, which skip a batch that they have, KafkaSink, whose tasks write as they run, and
 * foreachBatch.
 */
export class BatchSink {
  readonly batches: SinkBatch[] = [];
  readonly #spec: SinkSpec;
  readonly #outputMode: OutputMode;
  readonly #tables = new Map<string, Table>();

  constructor(spec: SinkSpec, outputMode: OutputMode) {
    this.#spec = spec;
    this.#outputMode = outputMode;
  }

  get description(): string {
    return `${this.#spec.type} ${this.#spec.name}`;
  }

  /** Writes a batch; returns false when the sink had it already. */
  addBatch(batchId: number, partitions: Partitions, extra: ExtraWrites): boolean {
    const rows = partitions.flat();
    switch (this.#spec.type) {
      case 'memory':
      case 'file': {
        const isSkipped = this.batches.some((batch) => batch.batchId === batchId);
        this.batches.push({ batchId, rows, isSkipped });
        return !isSkipped;
      }
      case 'kafka': {
        const again = [...extra].flatMap(([partition, times]) =>
          Array.from({ length: times }, () => partitions[partition] ?? []).flat(),
        );
        this.batches.push({ batchId, rows: [...again, ...rows], isSkipped: false });
        return true;
      }
      case 'foreachBatch':
        this.batches.push({ batchId, rows, isSkipped: false });
        this.#spec.act(cloneValue(rows), batchId, (name) => this.#table(name));
        return true;
    }
  }

  /** What a reader finds: in complete mode the last batch, else all that was written. */
  rows(): readonly Row[] {
    const written = this.batches.filter(({ isSkipped }) => !isSkipped);
    if (this.#outputMode === 'complete') return written.at(-1)?.rows ?? [];
    return written.flatMap(({ rows }) => rows);
  }

  tables(): { readonly [name: string]: readonly Row[] } {
    return Object.fromEntries([...this.#tables].map(([name, table]) => [name, table.rows()]));
  }

  #table(name: string): Table {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new Table(name);
      this.#tables.set(name, table);
    }
    return table;
  }
}

/** A table of a database outside. */
class Table implements ExternalTable {
  readonly #name: string;
  readonly #rows = new Map<string, Row>();
  readonly #batchIds = new Set<number>();

  constructor(name: string) {
    this.#name = name;
  }

  insert(rows: readonly Row[]): void {
    for (const row of rows) this.#rows.set(`row ${this.#rows.size}`, cloneValue(row));
  }

  upsert(key: readonly string[], rows: readonly Row[]): void {
    for (const row of rows) this.#rows.set(this.#idOf(key, row), cloneValue(row));
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
    if (this.#batchIds.has(batchId)) return;
    this.#batchIds.add(batchId);
    this.insert(rows);
  }

  rows(): readonly Row[] {
    return [...this.#rows.values()];
  }

  #idOf(key: readonly string[], row: Row): string {
    const values = key.map((column) => {
      const value = row[column];
      if (value !== undefined) return value;
      throw new ConfigError(
        `a row for table ${this.#name} must have the columns of its key`,
        column,
        `it has ${Object.keys(row).join(', ')}`,
      );
    });
    return keyText(values);
  }
}
