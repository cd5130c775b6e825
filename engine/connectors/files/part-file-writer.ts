import type { Json } from '../../core/clone.ts';
import type { OpenFile, Operator, OperatorContext } from '../../operators/operator.ts';
import type { OperatorSnapshot } from '../../operators/operator.ts';
import { KIND } from '../../trace/kinds.ts';
import { NONE } from '../../trace/recorder.ts';
import type { Committable } from '../two-phase-commit-writer.ts';
import type { FileStore } from './file-store.ts';
import type { PartFileInfo, Rolling } from './rolling-policy.ts';

/** The bucket that a row goes to: a directory. Times are in ms. */
export type BucketAssigner<T> = (
  row: T,
  context: { readonly timestampMs: number; readonly nowMs: number },
) => string;

/** What a writer of part files needs to know. */
export interface PartFileSettings {
  readonly rolling: Rolling;
  readonly bucket: BucketAssigner<unknown>;
  /** How often times are looked at, in ms. */
  readonly bucketCheckIntervalMs: number;
  readonly sinkIndex: number;
}

interface OpenPart extends PartFileInfo {
  readonly file: number;
  updatedMs: number;
  sizeBytes: number;
}

/**
 * Models one subtask of Flink 2.3 FileSink (FileWriter, FileWriterBucket, FileCommitter): one file
 * in progress per bucket; a file that is ended is pending, belongs to the next checkpoint, and gets
 * its name when that is complete. A file may stay open over checkpoints: after a restore it is cut
 * back to what the checkpoint had, and goes on.
 * Simplified: times are looked at only while a file is open; writer and committer are one operator.
 * Invariant: nothing gets its name before its checkpoint is complete.
 */
export class PartFileWriter implements Operator {
  readonly ignoresWatermarks = true;
  readonly #context: OperatorContext;
  readonly #store: FileStore;
  readonly #settings: PartFileSettings;
  /** By bucket. */
  readonly #open = new Map<string, OpenPart>();
  /** Ended since the last checkpoint. */
  #closed: number[] = [];
  #committables: readonly Committable[] = [];
  #restoredFiles: readonly OpenFile[] = [];
  #isCheckPlanned = false;
  /** Times are looked at in steps from here. */
  #startedMs = 0;

  constructor(context: OperatorContext, store: FileStore, settings: PartFileSettings) {
    this.#context = context;
    this.#store = store;
    this.#settings = settings;
  }

  /** After `restore`: names what the checkpoint holds, and goes on with what it had open. */
  open(): void {
    this.#commitUpTo(Infinity, NONE);
    const nowMs = this.#context.nowMs();
    this.#startedMs = nowMs;
    for (const restored of this.#restoredFiles) {
      const { partition, rows, createdMs } = restored;
      // Without checkpoints, the end of an input has named files that a savepoint had open.
      const canResume = restored.file !== undefined && !this.#store.isFinished(restored.file);
      const file = canResume ? (restored.file as number) : this.#copy(partition, rows);
      if (canResume) {
        this.#store.resume(file, rows.length);
        this.#note('file-truncated', NONE, file, 0, rows.length);
      }
      const sizeBytes = this.#store.sizeBytesOf(file);
      const part = { file, createdMs, updatedMs: nowMs, sizeBytes };
      // Two old subtasks may both have had this bucket: one file goes on, the other ends.
      if (this.#open.has(partition)) this.#close(part, NONE);
      else this.#open.set(partition, part);
    }
    this.#restoredFiles = [];
    this.#planCheck();
  }

  processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    const nowMs = this.#context.nowMs();
    const partition = this.#settings.bucket(value, { timestampMs, nowMs });
    let part = this.#open.get(partition);
    if (part === undefined || this.#settings.rolling.rollsOnEvent(part)) {
      if (part !== undefined) this.#close(part, cause);
      part = this.#begin(partition, nowMs, cause);
    }
    this.#append(part.file, value, timestampMs, key, cause);
    part.updatedMs = nowMs;
    part.sizeBytes = this.#store.sizeBytesOf(part.file);
    this.#planCheck();
  }

  processWatermark(_watermarkMs: number, _cause: number): void {}

  onProcessingTime(cause: number): void {
    this.#isCheckPlanned = false;
    const nowMs = this.#context.nowMs();
    for (const [partition, part] of this.#open) {
      if (!this.#settings.rolling.rollsOnProcessingTime(part, nowMs)) continue;
      this.#open.delete(partition);
      this.#close(part, cause);
    }
    this.#planCheck();
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    for (const [partition, part] of this.#open) {
      if (!this.#settings.rolling.rollsOnCheckpoint(part)) continue;
      this.#open.delete(partition);
      this.#close(part, NONE);
    }
    this.#take(checkpointId);
    const openFiles = [...this.#open].map(([partition, { file, createdMs }]) => ({
      file,
      partition,
      rows: [...this.#store.rowsOf(file)],
      createdMs,
    }));
    return { committables: this.#committables, openFiles };
  }

  restore(snapshot: OperatorSnapshot): void {
    this.#committables = snapshot.committables ?? [];
    this.#restoredFiles = snapshot.openFiles ?? [];
  }

  notifyCheckpointComplete(checkpointId: number, cause: number): void {
    this.#commitUpTo(checkpointId, cause);
  }

  /** Ends every file: the last checkpoint names them, or, without checkpoints, the end itself. */
  finish(cause: number): void {
    for (const part of this.#open.values()) this.#close(part, cause);
    this.#open.clear();
    if (this.#context.hasCheckpoints) return;
    this.#take(0);
    this.#commitUpTo(Infinity, cause);
  }

  entryCount(): number {
    return this.#open.size + this.#closed.length + this.#committables.length;
  }

  #begin(partition: string, nowMs: number, cause: number): OpenPart {
    const file = this.#create(partition, cause);
    const part = { file, createdMs: nowMs, updatedMs: nowMs, sizeBytes: 0 };
    this.#open.set(partition, part);
    return part;
  }

  #create(partition: string, cause: number): number {
    const file = this.#store.open(this.#context.taskInfo.getIndexOfThisSubtask(), partition);
    const row = this.#note('file-opened', cause, file, 0, 0);
    this.#context.recorder.setValue(row, { path: this.#store.pathOf(file), partition });
    return file;
  }

  /** A file of an earlier run, which is not in this run's directory, goes on as a copy. */
  #copy(partition: string, rows: readonly Json[]): number {
    const file = this.#create(partition, NONE);
    for (const row of rows) this.#append(file, row, this.#context.nowMs(), NONE, NONE);
    return file;
  }

  #append(file: number, value: unknown, timestampMs: number, key: number, cause: number): void {
    const place = this.#store.writeCount;
    this.#store.append(file, value);
    const { recorder, subtask } = this.#context;
    if (!recorder.isOn) return;
    const kind = KIND['sink-written'];
    const { sinkIndex } = this.#settings;
    const row = recorder.add(kind, subtask, cause, key, timestampMs, place, sinkIndex, file);
    recorder.setValue(row, { key: null, row: value });
  }

  #close({ file }: OpenPart, cause: number): void {
    this.#store.close(file);
    this.#closed.push(file);
    this.#note('file-closed', cause, file, 0, this.#store.rowsOf(file).length);
  }

  /** What has ended since the last checkpoint belongs to this one. */
  #take(checkpointId: number): void {
    const taken = this.#closed.map((transaction) => ({ transaction, checkpointId }));
    this.#committables = [...this.#committables, ...taken];
    this.#closed = [];
  }

  #commitUpTo(upToId: number, cause: number): void {
    const due = this.#committables.filter(({ checkpointId }) => checkpointId <= upToId);
    this.#committables = this.#committables.filter(({ checkpointId }) => checkpointId > upToId);
    for (const { transaction: file, checkpointId } of due) {
      if (!this.#store.finish(file)) continue;
      const row = this.#note('file-finished', cause, file, checkpointId, 0);
      this.#context.recorder.setValue(row, { path: this.#store.pathOf(file) });
    }
  }

  /** Times are looked at while there is a file that they may end. */
  #planCheck(): void {
    const { rolling, bucketCheckIntervalMs } = this.#settings;
    if (this.#isCheckPlanned || this.#open.size === 0 || !rolling.looksAtTime) return;
    this.#isCheckPlanned = true;
    const passedMs = this.#context.nowMs() - this.#startedMs;
    const checkCount = Math.floor(passedMs / bucketCheckIntervalMs) + 1;
    this.#context.wakeAt(this.#startedMs + checkCount * bucketCheckIntervalMs);
  }

  #note(
    kind: 'file-opened' | 'file-closed' | 'file-truncated' | 'file-finished',
    cause: number,
    file: number,
    checkpointId: number,
    rowCount: number,
  ): number {
    const { recorder, subtask } = this.#context;
    const { sinkIndex } = this.#settings;
    const code = KIND[kind];
    return recorder.add(code, subtask, cause, NONE, checkpointId, rowCount, sinkIndex, file);
  }
}
