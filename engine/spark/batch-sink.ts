import { toTableRow } from '../connectors/external-store.ts';
import type { ExternalStore } from '../connectors/external-store.ts';
import type { LakeTable } from '../connectors/lake/lake-table.ts';
import { cloneValue, toJson } from '../core/clone.ts';
import type { SinkSpec } from '../dataset/data-stream-writer.ts';
import type { OutputMode } from '../dataset/plan.ts';
import type { Row } from '../dataset/value.ts';
import type { Partitions } from './batch.ts';
import { DeltaSink } from './delta-sink.ts';
import type { LakeBatch } from './delta-sink.ts';
import { ForeachTable } from './foreach-table.ts';
import type { SinkBatch } from './scenario.ts';

/** What goes wrong while a batch is written: how often each partition is written again. */
export type ExtraWrites = ReadonlyMap<number, number>;

/** What became of a batch. */
export interface BatchWrite {
  /** The sink had not got it before. */
  readonly isNew: boolean;
  /** Of a lake table. */
  readonly lake: LakeBatch | undefined;
}

/**
 * The place outside where batches go; it survives the driver. Models Spark 4.2.0 MemorySink and
 * FileStreamSink, which skip a batch that they have, KafkaSink, whose tasks write as they run,
 * foreachBatch, and Delta Lake's sink (`delta-sink`).
 */
export class BatchSink {
  readonly batches: SinkBatch[] = [];
  readonly #spec: SinkSpec;
  readonly #outputMode: OutputMode;
  readonly #tables = new Map<string, ForeachTable>();
  readonly #delta: DeltaSink | undefined;

  constructor(spec: SinkSpec, outputMode: OutputMode) {
    this.#spec = spec;
    this.#outputMode = outputMode;
    this.#delta = spec.type === 'delta' ? new DeltaSink(spec, spec.name, outputMode) : undefined;
  }

  get lakeTable(): LakeTable | undefined {
    return this.#delta?.store.table;
  }

  get description(): string {
    return `${this.#spec.type} ${this.#spec.name}`;
  }

  /** Writes a batch, at a time in ms. */
  addBatch(batchId: number, partitions: Partitions, extra: ExtraWrites, nowMs: number): BatchWrite {
    if (this.#delta === undefined) {
      return { isNew: this.#addRows(batchId, partitions, extra), lake: undefined };
    }
    const lake = this.#delta.addBatch(batchId, partitions, extra, nowMs);
    const isSkipped = lake.result.type !== 'committed';
    this.batches.push({ batchId, rows: partitions.flat(), isSkipped });
    return { isNew: !isSkipped, lake };
  }

  /** Returns false when the sink had the batch already. */
  #addRows(batchId: number, partitions: Partitions, extra: ExtraWrites): boolean {
    const rows = partitions.flat();
    switch (this.#spec.type) {
      case 'delta':
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

  /** The systems outside: the sink itself, or what foreachBatch has written to. */
  stores(): { readonly [name: string]: ExternalStore } {
    if (this.#spec.type === 'foreachBatch') return Object.fromEntries(this.#tables);
    const { name } = this.#spec;
    if (this.#delta !== undefined) return { [name]: this.#delta.store };
    const writes = this.rows().map((row) => ({ key: null, row: toJson(row) }));
    const rows = this.rows().map((row) => toTableRow(name, row));
    const tables = [{ name, primaryKey: [], rows }];
    return { [name]: { name, kind: 'append', writes: () => writes, tables: () => tables } };
  }

  #table(name: string): ForeachTable {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new ForeachTable(name);
      this.#tables.set(name, table);
    }
    return table;
  }
}
