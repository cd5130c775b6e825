import type { FileValue, TableCommitValue } from '../../trace/frame-keys.ts';
import type { LakeTable } from './lake-table.ts';

/** What a trace says of a data file when it is begun. */
export function fileFact(table: LakeTable, file: number): FileValue {
  const { path, partition: values } = table.fileAt(file);
  return { path, partition: path.slice(0, Math.max(0, path.lastIndexOf('/'))), values };
}

/** What a trace says of the commit that made a version. */
export function commitFact(
  table: LakeTable,
  version: number,
  merged: NonNullable<TableCommitValue['merged']> = [],
): TableCommitValue {
  const commit = table.commits[version];
  const { operation = '', added = [], removed = [], txn = null } = commit ?? {};
  const { readVersion = -1, dataChange = true, isBlindAppend = true } = commit ?? {};
  const { isolation } = table;
  const about = { readVersion, dataChange, isBlindAppend, txn, isolation };
  return { operation, added, removed, ...about, merged };
}
