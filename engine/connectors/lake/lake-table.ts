import { assert } from '../../core/assert.ts';
import type { Json } from '../../core/clone.ts';
import { days } from '../../core/durations.ts';
import { ConfigError } from '../../core/errors.ts';
import type { TableRow } from '../../trace/table-contents.ts';
import { findConflict } from './commit-conflict.ts';
import type { ConflictName } from './commit-conflict.ts';

/** Values of the partition columns that all rows of a file have. */
export type PartitionValues = { readonly [column: string]: Json };

/** One file with rows. It is written once and never changed. */
export interface DataFile {
  readonly file: number;
  /** Relative to the table, with a directory for each partition column. */
  readonly path: string;
  readonly partition: PartitionValues;
  readonly rows: readonly TableRow[];
  readonly writtenMs: number;
}

/** `dataChange` is false when only the layout changes, as in a compaction. */
export interface TableCommit {
  readonly version: number;
  readonly timestampMs: number;
  readonly operation: string;
  readonly readVersion: number;
  readonly added: readonly number[];
  readonly removed: readonly number[];
  readonly dataChange: boolean;
  /** It has read nothing of the table, and only adds. */
  readonly isBlindAppend: boolean;
  /** Whose it was, and the how manieth: an application's batches are taken once. */
  readonly txn: { readonly appId: string; readonly version: number } | null;
}

/** Which commits of others a commit must not have missed; see `delta.isolationLevel`. */
export type TableIsolation = 'serializable' | 'write-serializable';

/** What somebody wants to commit, on the ground of a version that they have read. */
export interface TableTransaction {
  readonly operation: string;
  readonly readVersion: number;
  /** Files that it depends on. */
  readonly readFiles: readonly number[];
  /** Partitions that it has looked at, as JSON of their values; `all`: the whole table. */
  readonly readPartitions: 'all' | readonly string[];
  readonly added: readonly number[];
  readonly removed: readonly number[];
  readonly dataChange: boolean;
  readonly txn?: { readonly appId: string; readonly version: number };
}

/** What came of a commit. */
export type TableCommitResult =
  | { readonly type: 'committed'; readonly version: number }
  /** The table has had this application's batch before: nothing changes. */
  | { readonly type: 'already-committed'; readonly version: number }
  | { readonly type: 'conflict'; readonly error: ConflictName; readonly message: string };

/** A table's name, and how its files are laid out. */
export interface LakeTableOptions {
  readonly name: string;
  readonly partitionBy?: readonly string[];
  /** Default `serializable`, as in Delta Lake 4. */
  readonly isolation?: TableIsolation;
}

/** A table as plain JSON: its log, and every file that a version has or had. */
export interface LakeTableExport {
  readonly name: string;
  readonly partitionBy: readonly string[];
  readonly isolation: TableIsolation;
  readonly commits: readonly TableCommit[];
  /** A file that is deleted is known to the log, and can't be read any more. */
  readonly files: readonly (DataFile & { readonly isDeleted: boolean })[];
}

const RETENTION_MS_MIN = days(7);

/**
 * A table made of data files and a log of commits. Models Delta Lake 4.0 (OptimisticTransaction,
 * ConflictChecker, VacuumCommand): a commit names the files that it adds and removes, and takes the
 * next version if nobody has committed something that it should have seen.
 * Simplified: a file holds its rows as they are; there are no deletion vectors, no schema changes
 * and no log checkpoints.
 * Invariant: a version never changes, and a snapshot holds each file at most once.
 */
export class LakeTable {
  readonly name: string;
  readonly partitionBy: readonly string[];
  readonly isolation: TableIsolation;
  readonly #files: (DataFile & { readonly rows: TableRow[] })[] = [];
  readonly #deleted = new Set<number>();
  readonly #commits: TableCommit[] = [];

  constructor({ name, partitionBy = [], isolation = 'serializable' }: LakeTableOptions) {
    this.name = name;
    this.partitionBy = partitionBy;
    this.isolation = isolation;
  }

  /** The newest version; -1 before the first commit. */
  get version(): number {
    return this.#commits.length - 1;
  }

  get commits(): readonly TableCommit[] {
    return this.#commits;
  }

  /** Stores a data file. No reader sees it until a commit adds it. */
  writeFile(rows: readonly TableRow[], nowMs: number): number {
    const file = this.openFile(this.partitionOf(rows[0] ?? {}), nowMs);
    for (const row of rows) this.appendTo(file, row);
    return file;
  }

  /** Begins a data file of a partition. */
  openFile(partition: PartitionValues, nowMs: number): number {
    const file = this.#files.length;
    const path = `${directoryOf(partition)}part-${String(file).padStart(5, '0')}.parquet`;
    this.#files.push({ file, path, partition, rows: [], writtenMs: nowMs });
    return file;
  }

  /** Writes a row into a data file that no commit has added yet. */
  appendTo(file: number, row: TableRow): void {
    const { partition, rows } = this.fileAt(file) as DataFile & { readonly rows: TableRow[] };
    const id = this.partitionText(this.partitionOf(row));
    assert(id === this.partitionText(partition), 'a data file holds rows of one partition');
    rows.push(row);
  }

  fileAt(file: number): DataFile {
    const found = this.#files[file];
    assert(found !== undefined, `data file ${file} exists`);
    return found;
  }

  /** The version that an application has committed last, as of `version`; -1: none. */
  transactionVersion(appId: string, version = this.version): number {
    const own = this.#commits.filter(
      ({ txn, version: at }) => at <= version && txn?.appId === appId,
    );
    return Math.max(-1, ...own.map(({ txn }) => txn?.version ?? -1));
  }

  /** Takes the next version, unless the batch is there already or a commit of others stands in. */
  commit(transaction: TableTransaction, nowMs: number): TableCommitResult {
    const { operation, readVersion, added, removed, dataChange, txn } = transaction;
    if (txn !== undefined && this.transactionVersion(txn.appId, readVersion) >= txn.version) {
      return { type: 'already-committed', version: this.version };
    }
    const winners = this.#commits.slice(readVersion + 1);
    const conflict = findConflict(transaction, winners, this);
    if (conflict !== undefined) return { type: 'conflict', ...conflict };
    const version = this.#commits.length;
    const hasRead = transaction.readPartitions === 'all' || transaction.readPartitions.length > 0;
    this.#commits.push({
      version,
      timestampMs: nowMs,
      operation,
      readVersion,
      added,
      removed,
      dataChange,
      isBlindAppend: !hasRead && transaction.readFiles.length === 0 && removed.length === 0,
      txn: txn ?? null,
    });
    return { type: 'committed', version };
  }

  /**
   * The files of a version; the newest when not said.
   * @throws ConfigError for a version that is not there, or whose files are gone.
   */
  snapshot(version = this.version): readonly DataFile[] {
    if (version === -1 && this.version === -1) return [];
    if (!Number.isInteger(version) || version < 0 || version > this.version) {
      throw new ConfigError(
        `Cannot time travel Delta table to version ${version}`,
        version,
        `available versions: [0, ${this.version}]`,
      );
    }
    const live = new Set<number>();
    for (const { added, removed } of this.#commits.slice(0, version + 1)) {
      for (const file of removed) live.delete(file);
      for (const file of added) live.add(file);
    }
    return [...live].map((file) => this.#readable(file, version));
  }

  /** The version that was the newest at a time. @throws ConfigError before the first. */
  versionAt(timestampMs: number): number {
    const found = this.#commits.findLast((commit) => commit.timestampMs <= timestampMs);
    if (found !== undefined) return found.version;
    throw new ConfigError(
      'The provided timestamp is before the earliest version available to this table',
      timestampMs,
      `use ${this.#commits[0]?.timestampMs ?? 'a time after its first commit'} or later`,
    );
  }

  rows(version?: number): readonly TableRow[] {
    return this.snapshot(version).flatMap(({ rows }) => rows);
  }

  /**
   * Deletes files that the newest version does not have: removed longer ago than the retention, or
   * written longer ago and never committed. Returns them.
   * @throws ConfigError for a retention below a week, unless that check is off: a reader of an
   * older version, or a writer that has not committed yet, would lose its files.
   */
  vacuum(options: {
    readonly nowMs: number;
    readonly retentionMs?: number;
    readonly isRetentionChecked?: boolean;
  }): readonly number[] {
    const { nowMs, retentionMs = RETENTION_MS_MIN, isRetentionChecked = true } = options;
    if (isRetentionChecked && retentionMs < RETENTION_MS_MIN) {
      throw new ConfigError(
        'requirement failed: Are you sure you would like to vacuum files with such a low ' +
          'retention period? A week is the least (spark.databricks.delta.retentionDurationCheck)',
        `${retentionMs} ms`,
        'keep a week, or set isRetentionChecked: false when nobody else uses the table',
      );
    }
    const live = new Set(this.#liveFiles());
    const due = this.#files.filter(({ file, writtenMs }) => {
      if (live.has(file) || this.#deleted.has(file)) return false;
      const removal = this.#commits.find(({ removed }) => removed.includes(file));
      return (removal?.timestampMs ?? writtenMs) < nowMs - retentionMs;
    });
    for (const { file } of due) this.#deleted.add(file);
    return due.map(({ file }) => file);
  }

  /** Everything, as plain JSON: what a page or a file gets of it. */
  toExport(): LakeTableExport {
    const { name, partitionBy, isolation } = this;
    const named = new Set(this.#commits.flatMap(({ added }) => added));
    const files = this.#files
      .filter(({ file }) => named.has(file))
      .map((data) => ({ ...data, isDeleted: this.#deleted.has(data.file) }));
    return { name, partitionBy, isolation, commits: this.#commits, files };
  }

  /** Files in storage, whether a version has them or not. */
  storedFiles(): readonly DataFile[] {
    return this.#files.filter(({ file }) => !this.#deleted.has(file));
  }

  partitionOf(row: TableRow): PartitionValues {
    return Object.fromEntries(this.partitionBy.map((column) => [column, row[column] ?? null]));
  }

  /** One text for each partition. */
  partitionText(partition: PartitionValues): string {
    return JSON.stringify(this.partitionBy.map((column) => partition[column] ?? null));
  }

  #liveFiles(): readonly number[] {
    const removed = new Set(this.#commits.flatMap((commit) => commit.removed));
    return this.#commits.flatMap(({ added }) => added).filter((file) => !removed.has(file));
  }

  #readable(file: number, version: number): DataFile {
    const found = this.fileAt(file);
    if (!this.#deleted.has(file)) return found;
    throw new ConfigError(
      `version ${version} of ${this.name} can't be read any more: VACUUM has deleted its files`,
      found.path,
      'read a newer version, or keep files longer before a vacuum',
    );
  }
}

/** What a directory name has for no value: Hive's word, which Spark and Delta Lake use too. */
const NO_VALUE = '__HIVE_DEFAULT_PARTITION__';

const SPECIAL_IN_PATHS = '"#%\'*/:=?\\{[]^';

/**
 * A directory for each partition column. Models Spark 4.x ExternalCatalogUtils.escapePathName:
 * characters that mean something in a path are written as `%` and two digits.
 */
function directoryOf(partition: PartitionValues): string {
  const directories = Object.entries(partition).map(([column, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const name = value === null || text === '' ? NO_VALUE : escapePathName(text);
    return `${escapePathName(column)}=${name}/`;
  });
  return directories.join('');
}

function escapePathName(text: string): string {
  return [...text]
    .map((character) => {
      const code = character.charCodeAt(0);
      const isPlain = code > 0x1f && code !== 0x7f && !SPECIAL_IN_PATHS.includes(character);
      return isPlain ? character : `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
