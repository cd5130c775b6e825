import type { LakeTable, TableCommit, TableTransaction } from './lake-table.ts';

/** Names of the exceptions with which Delta Lake refuses a commit. */
export type ConflictName =
  | 'ConcurrentAppendException'
  | 'ConcurrentDeleteReadException'
  | 'ConcurrentDeleteDeleteException'
  | 'ConcurrentTransactionException';

/** Why a commit is refused. */
export interface CommitConflict {
  readonly error: ConflictName;
  readonly message: string;
}

/**
 * The first commit made since a transaction's read version that stands in its way. Models Delta
 * Lake 4.0 ConflictChecker: files added where it has read, files deleted that it has read or wants
 * to delete, another commit of the same application. A transaction that changes no data, as a
 * compaction, need not have seen what others have added (it runs under snapshot isolation).
 */
export function findConflict(
  transaction: TableTransaction,
  winners: readonly TableCommit[],
  table: LakeTable,
): CommitConflict | undefined {
  for (const winner of winners) {
    const conflict =
      sameApplication(transaction, winner) ??
      addedWhereRead(transaction, winner, table) ??
      deletedWhatWasRead(transaction, winner) ??
      deletedTwice(transaction, winner);
    if (conflict !== undefined) return conflict;
  }
  return undefined;
}

function sameApplication(
  { txn }: TableTransaction,
  winner: TableCommit,
): CommitConflict | undefined {
  if (txn === undefined || winner.txn?.appId !== txn.appId) return undefined;
  return {
    error: 'ConcurrentTransactionException',
    message: `version ${winner.version} is a commit of ${txn.appId} too: does it run twice?`,
  };
}

function addedWhereRead(
  transaction: TableTransaction,
  winner: TableCommit,
  table: LakeTable,
): CommitConflict | undefined {
  if (!transaction.dataChange) return undefined;
  if (table.isolation === 'write-serializable' && winner.isBlindAppend) return undefined;
  const { readPartitions } = transaction;
  const seen = winner.added.find((file) => {
    if (readPartitions === 'all') return true;
    return readPartitions.includes(table.partitionText(table.fileAt(file).partition));
  });
  if (seen === undefined) return undefined;
  return {
    error: 'ConcurrentAppendException',
    message: `version ${winner.version} has added ${table.fileAt(seen).path}, which was not read`,
  };
}

function deletedWhatWasRead(
  { readFiles, readPartitions }: TableTransaction,
  winner: TableCommit,
): CommitConflict | undefined {
  const isAnyRead = readPartitions === 'all' && winner.removed.length > 0;
  const isRead = winner.removed.some((file) => readFiles.includes(file));
  if (!isRead && !isAnyRead) return undefined;
  return {
    error: 'ConcurrentDeleteReadException',
    message: `version ${winner.version} (${winner.operation}) has deleted a file that was read`,
  };
}

function deletedTwice(
  { removed }: TableTransaction,
  winner: TableCommit,
): CommitConflict | undefined {
  if (!winner.removed.some((file) => removed.includes(file))) return undefined;
  return {
    error: 'ConcurrentDeleteDeleteException',
    message: `version ${winner.version} (${winner.operation}) has deleted the same file`,
  };
}
