import { LakeStore } from '../connectors/lake/lake-store.ts';
import { splitByPartition } from '../connectors/lake/table-changes.ts';
import type { TableCommitResult } from '../connectors/lake/lake-table.ts';
import { toTableRow } from '../connectors/external-store.ts';
import type { OutputMode } from '../dataset/plan.ts';
import type { Partitions } from './batch.ts';

/** What writing a batch into a lake table has done. */
export interface LakeBatch {
  /** Files of the tasks whose results count, in order. */
  readonly files: readonly number[];
  readonly result: TableCommitResult;
}

/**
 * Models Delta Lake 4.0 DeltaSink: each task writes a file per partition, and the driver commits
 * them together with the query's id and the batch's number; a batch that the table has is left out.
 * In complete mode, the files of before are removed in the same commit. Files of tasks that ran
 * again stay in storage, and nobody sees them.
 * Invariant: a batch is in the table once, however often it runs.
 */
export class DeltaSink {
  readonly store: LakeStore;
  readonly #queryId: string;
  readonly #outputMode: OutputMode;

  constructor(
    options: { readonly name: string; readonly partitionBy: readonly string[] },
    queryId: string,
    outputMode: OutputMode,
  ) {
    this.store = new LakeStore(options);
    this.#queryId = queryId;
    this.#outputMode = outputMode;
  }

  addBatch(
    batchId: number,
    partitions: Partitions,
    extra: ReadonlyMap<number, number>,
    nowMs: number,
  ): LakeBatch {
    const { table } = this.store;
    const txn = { appId: this.#queryId, version: batchId };
    if (table.transactionVersion(txn.appId) >= batchId) {
      const result = { type: 'already-committed', version: table.version } as const;
      return { files: [], result };
    }
    for (const [partition, times] of extra) {
      for (let time = 0; time < times; time += 1) this.#write(partitions[partition] ?? [], nowMs);
    }
    const files = partitions.flatMap((rows) => this.#write(rows, nowMs));
    const isComplete = this.#outputMode === 'complete';
    const removed = isComplete ? table.snapshot().map(({ file }) => file) : [];
    const transaction = {
      operation: 'STREAMING UPDATE',
      readVersion: table.version,
      readFiles: removed,
      readPartitions: isComplete ? ('all' as const) : [],
      added: files,
      removed,
      dataChange: true,
      txn,
    };
    return { files, result: table.commit(transaction, nowMs) };
  }

  /** A task's rows, in one file for each partition of the table. */
  #write(rows: Partitions[number], nowMs: number): number[] {
    const { table, name } = this.store;
    const parts = splitByPartition(
      table,
      rows.map((row) => toTableRow(name, row)),
    );
    return parts.map((part) => table.writeFile(part, nowMs));
  }
}
