import type { KeyTable } from '../core/key-table.ts';
import type { OperatorSnapshot } from '../operators/operator.ts';
import type { Recorder } from '../trace/recorder.ts';
import type { InFlightElement } from './channel.ts';
import type { DirectLane } from './direct-lane.ts';
import type { OperatorTask } from './operator-task.ts';
import type { SourceTask } from './source-task.ts';

/** One parallel instance of a chain, of either kind. */
export type Task = OperatorTask | SourceTask;

/** What a source subtask gives to a checkpoint: the offset to read next, by split. */
export type SplitOffsets = readonly (readonly [split: number, offset: number])[];

/** What was under way to a task when an unaligned checkpoint was taken, by input channel. */
export type InFlight = readonly (readonly [
  channel: number,
  elements: readonly InFlightElement[],
])[];

/** A task's part of a checkpoint: one snapshot per operator of its chain, by subtask id. */
export interface TaskSnapshot {
  readonly operators: readonly (readonly [subtask: number, snapshot: OperatorSnapshot])[];
  readonly offsets: SplitOffsets;
  readonly inFlight: InFlight;
  /** Size of all of it, in bytes. */
  readonly bytes: number;
}

/** A call that was planned and may be given up. */
export interface PlannedCall {
  readonly isCancelled: boolean;
}

/** What tasks may ask of the simulation around them. */
export interface TaskRuntime {
  readonly recorder: Recorder;
  readonly keys: KeyTable;
  readonly nowMs: number;
  readonly lane: DirectLane;
  /** Who has the turn: what goes wrong now is its doing. */
  runningTask: Task | undefined;
  /** When planned work comes next, or Infinity. */
  readonly nextPlannedMs: number;
  /** Whether the job has ended. */
  readonly isOver: boolean;
  /** Gives every task that waits for it its turn. */
  runReady(): void;
  /** Lets time pass until `toMs`. */
  moveClock(toMs: number): void;
  /** Puts a task in line for a turn. */
  enqueue(task: Task): void;
  /** Counts one step of work; true when a fault struck and the turn must end at once. */
  countStep(): boolean;
  /**
   * Asks for a call at `atMs`, if the task still runs then. A planned call that is only there to
   * look for time that has passed does not keep a job going that has nothing else to do.
   */
  plan(task: Task, atMs: number, call: () => void): PlannedCall;
  /** The same for what only checkpoints ask for: a quiet job begins no new ones. */
  planForCheckpoint(task: Task, atMs: number, call: () => void): void;
  /** Gives up a planned call; nothing happens when it is over. */
  cancel(call: PlannedCall): void;
  /** When a checkpoint was triggered, in ms; undefined when its alignment can't time out. */
  triggeredAtMs(checkpointId: number): number | undefined;
  acknowledge(task: Task, checkpointId: number, snapshot: TaskSnapshot, row: number): void;
  taskFinished(task: Task, snapshot: TaskSnapshot): void;
}
