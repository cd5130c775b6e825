import type { Operator, OperatorContext, OperatorSnapshot } from '../../operators/operator.ts';
import { KIND } from '../../trace/kinds.ts';
import { NONE } from '../../trace/recorder.ts';
import { toTableRow } from '../external-store.ts';
import { commitFact, fileFact } from './lake-facts.ts';
import type { LakeStore } from './lake-store.ts';
import type { TableCommitResult } from './lake-table.ts';
import { compact } from './table-changes.ts';
import type { Compaction } from './table-changes.ts';

/** When the sink puts small files together, and how long that takes. */
export interface CompactionSettings {
  /** Files with fewer rows are small. */
  readonly smallerThanRows: number;
  /** A partition with at least so many small files is compacted. */
  readonly filesMin: number;
  /** In ms of virtual time; other commits may come in between. */
  readonly durationMs: number;
}

/** The committer is the first subtask: one commit for all of them. */
const COMMITTER = 0;
/** What a snapshot holds in the place of a transaction: that it is of this checkpoint. */
const MANIFEST = 0;

/**
 * Models a subtask of a table sink of Flink 2.x (Iceberg's or Delta's): data files are closed at
 * every checkpoint, since Parquet can't be continued; their names go with the checkpoint to the
 * committer, which adds them to the table when it is complete, once, whatever is tried again after
 * a restore. The committer's subtask also compacts.
 * Simplified: writer and committer are one operator; a compaction that dies with its task leaves
 * its file behind, as all files that are never committed stay until a vacuum.
 * Invariant: a checkpoint's files become visible in one commit, after it is complete.
 */
export class LakeWriter implements Operator {
  readonly ignoresWatermarks = true;
  readonly #context: OperatorContext;
  readonly #store: LakeStore;
  readonly #sinkIndex: number;
  readonly #compaction: CompactionSettings | undefined;
  /** Of the open data file, by partition. */
  readonly #open = new Map<string, number>();
  /** Checkpoint that this attempt's state comes from; 0: none. */
  #restoredId = 0;
  /** Up to which checkpoint this attempt has committed. */
  #committedId = 0;
  #isCompacting = false;
  #isFinished = false;
  #onDrained: (() => void) | undefined;

  constructor(
    context: OperatorContext,
    store: LakeStore,
    sinkIndex: number,
    compaction: CompactionSettings | undefined,
  ) {
    this.#context = context;
    this.#store = store;
    this.#sinkIndex = sinkIndex;
    this.#compaction = compaction;
  }

  /** After `restore`: commits what the checkpoint holds, if that has not been done. */
  open(): void {
    const { taskInfo } = this.#context;
    const index = taskInfo.getIndexOfThisSubtask();
    this.#store.fence(index, taskInfo.getNumberOfParallelSubtasks(), this.#restoredId);
    if (index === COMMITTER && this.#restoredId > 0) this.#commitUpTo(this.#restoredId, NONE);
  }

  processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    const { table } = this.#store;
    const row = toTableRow(this.#store.name, value);
    const partition = table.partitionOf(row);
    const id = table.partitionText(partition);
    let file = this.#open.get(id);
    if (file === undefined) {
      file = table.openFile(partition, this.#context.nowMs());
      this.#open.set(id, file);
      const fact = this.#note('file-opened', cause, 0, 0, file);
      this.#context.recorder.setValue(fact, fileFact(table, file));
    }
    const place = this.#store.writeCount;
    table.appendTo(file, row);
    this.#store.noteWrite();
    const { recorder, subtask } = this.#context;
    if (!recorder.isOn) return;
    const kind = KIND['sink-written'];
    const fact = recorder.add(kind, subtask, cause, key, timestampMs, place, this.#sinkIndex, file);
    recorder.setValue(fact, { key: null, row });
  }

  processWatermark(_watermarkMs: number, _cause: number): void {}

  onProcessingTime(_cause: number): void {}

  snapshot(checkpointId: number): OperatorSnapshot {
    // A task that ends without having seen a barrier since its restore gets a number too low.
    const id = Math.max(checkpointId, this.#restoredId + 1);
    const index = this.#context.taskInfo.getIndexOfThisSubtask();
    this.#store.stage(index, id, this.#closeFiles(id, NONE));
    return { committables: [{ transaction: MANIFEST, checkpointId: id }] };
  }

  restore({ committables = [] }: OperatorSnapshot): void {
    for (const { checkpointId } of committables) {
      this.#restoredId = Math.max(this.#restoredId, checkpointId);
    }
  }

  notifyCheckpointComplete(checkpointId: number, cause: number): void {
    if (this.#context.taskInfo.getIndexOfThisSubtask() !== COMMITTER) return;
    this.#commitUpTo(checkpointId, cause);
    this.#store.forgetBefore(checkpointId);
    this.#planCompaction(cause);
  }

  /** Waits for a compaction that is under way. */
  drain(_cause: number, onDrained: () => void): boolean {
    if (!this.#isCompacting) return true;
    this.#onDrained = onDrained;
    return false;
  }

  /** Without checkpoints nobody will ever say that it is safe: the end of the input does. */
  finish(cause: number): void {
    this.#isFinished = true;
    if (this.#context.hasCheckpoints) return;
    // What a savepoint was to commit comes with it: nobody may be there to hear of its end.
    const staged = this.#store.takeStaged(this.#context.taskInfo.getIndexOfThisSubtask());
    const files = [...staged, ...this.#closeFiles(0, cause)];
    if (files.length === 0) return;
    this.#noteCommit(this.#store.commitUnmarked(files, this.#context.nowMs()), cause);
  }

  entryCount(): number {
    return this.#open.size;
  }

  #closeFiles(checkpointId: number, cause: number): readonly number[] {
    const files = [...this.#open.values()];
    this.#open.clear();
    for (const file of files) {
      const rowCount = this.#store.table.fileAt(file).rows.length;
      this.#note('file-closed', cause, checkpointId, rowCount, file);
    }
    return files;
  }

  #commitUpTo(upToId: number, cause: number): void {
    const nowMs = this.#context.nowMs();
    const tried = this.#store.commitBetween(this.#committedId, upToId, nowMs);
    for (const { result } of tried) this.#noteCommit(result, cause);
    this.#committedId = upToId;
  }

  #planCompaction(cause: number): void {
    const settings = this.#compaction;
    if (settings === undefined || this.#isCompacting || this.#isFinished) return;
    const nowMs = this.#context.nowMs();
    const compaction = compact(this.#store.table, { nowMs, ...settings });
    if (compaction === undefined) return;
    this.#isCompacting = true;
    for (const { file } of compaction.merged) {
      const fact = this.#note('file-opened', cause, 0, 0, file);
      this.#context.recorder.setValue(fact, fileFact(this.#store.table, file));
    }
    this.#context.planCall(nowMs + settings.durationMs, () => this.#commitCompaction(compaction));
  }

  #commitCompaction({ transaction, merged }: Compaction): void {
    this.#isCompacting = false;
    const result = this.#store.table.commit(transaction, this.#context.nowMs());
    this.#noteCommit(result, NONE, merged);
    this.#onDrained?.();
  }

  #noteCommit(result: TableCommitResult, cause: number, merged: Compaction['merged'] = []): void {
    const { recorder } = this.#context;
    if (result.type === 'conflict') {
      const fact = this.#note('table-commit-failed', cause, 0, 0, NONE);
      recorder.setValue(fact, `${result.error}: ${result.message}`);
      return;
    }
    const again = result.type === 'already-committed' ? 1 : 0;
    const fact = this.#note('table-committed', cause, result.version, again, NONE);
    recorder.setValue(fact, commitFact(this.#store.table, result.version, merged));
  }

  #note(
    kind: 'file-opened' | 'file-closed' | 'table-committed' | 'table-commit-failed',
    cause: number,
    a: number,
    b: number,
    file: number,
  ): number {
    const { recorder, subtask } = this.#context;
    return recorder.add(KIND[kind], subtask, cause, NONE, a, b, this.#sinkIndex, file);
  }
}
