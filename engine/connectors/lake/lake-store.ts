import type { ExternalStore, SinkRow, SinkTable } from '../external-store.ts';
import { LakeTable } from './lake-table.ts';
import type { LakeTableOptions, TableCommitResult } from './lake-table.ts';

/** What a writer's subtask has written for one checkpoint: names of data files. */
interface Manifest {
  readonly owner: number;
  readonly checkpointId: number;
  readonly files: readonly number[];
}

/** A commit that was tried. */
export interface StoreCommit {
  readonly checkpointId: number;
  readonly files: readonly number[];
  readonly result: TableCommitResult;
}

/**
 * A lake table behind a sink, with the manifests that wait for their checkpoints. Models how
 * Iceberg's and Delta's sinks for Flink commit: every writer hands over the names of its files with
 * the checkpoint, and when that is complete, one commit adds them all, marked with the checkpoint's
 * number, so that trying again changes nothing.
 * Simplified: the manifests are beside the table instead of in the committer's state.
 * Invariant: the files of one checkpoint become visible together, and once.
 */
export class LakeStore implements ExternalStore {
  readonly name: string;
  readonly kind = 'lake';
  readonly table: LakeTable;
  #manifests: Manifest[] = [];
  #writeCount = 0;

  constructor(options: LakeTableOptions) {
    this.name = options.name;
    this.table = new LakeTable(options);
  }

  get writeCount(): number {
    return this.#writeCount;
  }

  noteWrite(): void {
    this.#writeCount += 1;
  }

  /** Keeps the names of a writer's files until their checkpoint is complete. */
  stage(owner: number, checkpointId: number, files: readonly number[]): void {
    this.#manifests.push({ owner, checkpointId, files });
  }

  /**
   * Forgets the manifests of earlier attempts for checkpoints that were never complete: what they
   * name will be written again. The writer that asks is one of `parallelism`; it knows that its own
   * state comes from checkpoint `restoredId` (0: from none).
   */
  fence(owner: number, parallelism: number, restoredId: number): void {
    this.#manifests = this.#manifests.filter(
      (manifest) => manifest.owner % parallelism !== owner || manifest.checkpointId <= restoredId,
    );
  }

  /**
   * Commits the manifests of all checkpoints behind `afterId` up to one that is complete, each
   * checkpoint in a commit of its own. One without files needs none. Returns what was tried.
   */
  commitBetween(afterId: number, upToId: number, nowMs: number): readonly StoreCommit[] {
    const ids = [...new Set(this.#manifests.map(({ checkpointId }) => checkpointId))]
      .filter((id) => id > afterId && id <= upToId)
      .sort((left, right) => left - right);
    return ids.flatMap((checkpointId) => {
      const files = this.#manifests
        .filter((manifest) => manifest.checkpointId === checkpointId)
        .flatMap((manifest) => manifest.files);
      if (files.length === 0) return [];
      const txn = { appId: this.name, version: checkpointId };
      return [{ checkpointId, files, result: this.#append(files, nowMs, txn) }];
    });
  }

  /** Hands a writer the files that it has staged and nobody has committed: it will. */
  takeStaged(owner: number): readonly number[] {
    const committedId = this.table.transactionVersion(this.name, this.table.version);
    const isOpen = (manifest: Manifest): boolean =>
      manifest.owner === owner && manifest.checkpointId > committedId;
    const files = this.#manifests.filter(isOpen).flatMap((manifest) => manifest.files);
    this.#manifests = this.#manifests.filter((manifest) => !isOpen(manifest));
    return files;
  }

  /** Commits files of a job without checkpoints, which has no number to mark them with. */
  commitUnmarked(files: readonly number[], nowMs: number): TableCommitResult {
    return this.#append(files, nowMs, undefined);
  }

  /** Forgets manifests of checkpoints that are committed for good: no restore goes back to them. */
  forgetBefore(checkpointId: number): void {
    this.#manifests = this.#manifests.filter((manifest) => manifest.checkpointId >= checkpointId);
  }

  writes(): readonly SinkRow[] {
    return this.table.rows().map((row) => ({ key: null, row }));
  }

  /** The newest version; its files; and the history of commits. */
  tables(): readonly SinkTable[] {
    const { name, table } = this;
    const files = table.snapshot().map(({ path, partition, rows }) => ({
      ...partition,
      path,
      row_count: rows.length,
    }));
    const history = table.commits.map((commit) => ({
      version: commit.version,
      timestamp_ms: commit.timestampMs,
      operation: commit.operation,
      added_files: commit.added.length,
      removed_files: commit.removed.length,
      app_id: commit.txn?.appId ?? null,
      app_version: commit.txn?.version ?? null,
    }));
    return [
      { name, primaryKey: [], rows: table.rows() },
      { name: `${name}_files`, primaryKey: ['path'], rows: files },
      { name: `${name}_history`, primaryKey: ['version'], rows: history },
    ];
  }

  #append(
    added: readonly number[],
    nowMs: number,
    txn: { readonly appId: string; readonly version: number } | undefined,
  ): TableCommitResult {
    const { table } = this;
    const transaction = {
      operation: 'STREAMING UPDATE',
      readVersion: table.version,
      readFiles: [],
      readPartitions: [],
      added,
      removed: [],
      dataChange: true,
    };
    return table.commit(txn === undefined ? transaction : { ...transaction, txn }, nowMs);
  }
}
