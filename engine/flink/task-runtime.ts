import type { KeyTable } from '../core/key-table.ts';
import type { OperatorSnapshot } from '../operators/operator.ts';
import type { Recorder } from '../trace/recorder.ts';
import type { OperatorTask } from './operator-task.ts';
import type { SourceTask } from './source-task.ts';

export type Task = OperatorTask | SourceTask;

/** What a source subtask gives to a checkpoint: the offset to read next, by split. */
export type SplitOffsets = readonly (readonly [split: number, offset: number])[];

/** A task's part of a checkpoint: one snapshot per operator of its chain, by subtask id. */
export interface TaskSnapshot {
  readonly operators: readonly (readonly [subtask: number, snapshot: OperatorSnapshot])[];
  readonly offsets: SplitOffsets;
}

/** What tasks may ask of the simulation around them. */
export interface TaskRuntime {
  readonly recorder: Recorder;
  readonly keys: KeyTable;
  readonly nowMs: number;
  /** Puts a task in line for a turn. */
  enqueue(task: Task): void;
  /** Counts one step of work; true when a fault struck and the turn must end at once. */
  countStep(): boolean;
  /** Asks for `wakeOperator(place)` on the task at `atMs`. */
  planWake(task: Task, place: number, atMs: number): void;
  /** Asks for `emitPeriodicWatermark()` on the task at `atMs`. */
  planPeriodicWatermark(task: SourceTask, atMs: number): void;
  acknowledge(task: Task, checkpointId: number, snapshot: TaskSnapshot, row: number): void;
  taskFinished(task: Task, snapshot: TaskSnapshot): void;
}
