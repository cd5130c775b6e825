import type { TableRow } from '../../trace/table-contents.ts';
import type { DataFile, LakeTable, TableTransaction } from './lake-table.ts';

/** New rows in files, one per partition; blind: it has read nothing. */
export function appendTo(
  table: LakeTable,
  rows: readonly TableRow[],
  options: {
    readonly nowMs: number;
    readonly txn?: { readonly appId: string; readonly version: number };
    readonly operation?: string;
  },
): TableTransaction {
  const { nowMs, txn, operation = 'WRITE' } = options;
  const added = splitByPartition(table, rows).map((part) => table.writeFile(part, nowMs));
  return {
    operation,
    readVersion: table.version,
    readFiles: [],
    readPartitions: [],
    added,
    removed: [],
    dataChange: true,
    ...(txn === undefined ? {} : { txn }),
  };
}

/** Rewrites the files that hold rows to delete without them (copy on write). */
export function deleteFrom(
  table: LakeTable,
  isDeleted: (row: TableRow) => boolean,
  nowMs: number,
): TableTransaction {
  const touched = table.snapshot().filter(({ rows }) => rows.some(isDeleted));
  const rewritten = touched.flatMap(({ rows }) => {
    const kept = rows.filter((row) => !isDeleted(row));
    return kept.length === 0 ? [] : [table.writeFile(kept, nowMs)];
  });
  const removed = touched.map(({ file }) => file);
  return {
    operation: 'DELETE',
    readVersion: table.version,
    readFiles: removed,
    readPartitions: 'all',
    added: rewritten,
    removed,
    dataChange: true,
  };
}

/** A compaction in the making: the transaction, and which files went into which. */
export interface Compaction {
  readonly transaction: TableTransaction;
  readonly merged: readonly { readonly file: number; readonly sources: readonly number[] }[];
}

/** Files of one partition that a compaction would put together. */
export function smallFiles(
  table: LakeTable,
  smallerThanRows: number,
): readonly (readonly DataFile[])[] {
  const byPartition = new Map<string, DataFile[]>();
  for (const file of table.snapshot()) {
    if (file.rows.length >= smallerThanRows) continue;
    const id = table.partitionText(file.partition);
    byPartition.set(id, [...(byPartition.get(id) ?? []), file]);
  }
  return [...byPartition.values()];
}

/**
 * Writes one file in the place of the small ones of each partition that has several. Models Delta
 * Lake 4.0 OPTIMIZE: the rows stay the same (`dataChange` is false), so that appends don't conflict
 * with it; a delete of one of its files does. Undefined when there is nothing to put together.
 * Simplified: sizes count rows, and all small files of a partition become one.
 */
export function compact(
  table: LakeTable,
  options: { readonly nowMs: number; readonly smallerThanRows: number; readonly filesMin?: number },
): Compaction | undefined {
  const { nowMs, smallerThanRows, filesMin = 2 } = options;
  const groups = smallFiles(table, smallerThanRows).filter(({ length }) => length >= filesMin);
  if (groups.length === 0) return undefined;
  const merged = groups.map((files) => ({
    file: table.writeFile(
      files.flatMap(({ rows }) => rows),
      nowMs,
    ),
    sources: files.map(({ file }) => file),
  }));
  const removed = merged.flatMap(({ sources }) => sources);
  const transaction: TableTransaction = {
    operation: 'OPTIMIZE',
    readVersion: table.version,
    readFiles: removed,
    readPartitions: [],
    added: merged.map(({ file }) => file),
    removed,
    dataChange: false,
  };
  return { transaction, merged };
}

/** Rows by partition, in the order in which partitions come first. */
export function splitByPartition(
  table: LakeTable,
  rows: readonly TableRow[],
): readonly (readonly TableRow[])[] {
  const parts = new Map<string, TableRow[]>();
  for (const row of rows) {
    const id = table.partitionText(table.partitionOf(row));
    const part = parts.get(id);
    if (part === undefined) parts.set(id, [row]);
    else part.push(row);
  }
  return [...parts.values()];
}
