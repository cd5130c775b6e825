import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { Recorder } from '../trace/recorder.ts';
import type { SourceTask } from './source-task.ts';
import type { Task, TaskSnapshot } from './task-runtime.ts';

/** A complete picture of the job: what a restore starts from. */
export interface CompletedCheckpoint {
  readonly checkpointId: number;
  readonly snapshots: readonly TaskSnapshot[];
}

interface PendingCheckpoint {
  readonly checkpointId: number;
  readonly missing: Set<Task>;
  readonly snapshots: TaskSnapshot[];
}

/**
 * Models Flink 2.x's CheckpointCoordinator: a checkpoint is complete when every running task has
 * acknowledged it; one is pending at a time; ids go on growing across attempts; tasks that have
 * finished take part with what they held at their end (FLIP-147).
 * Simplified: the first one is triggered one interval after the start (Flink draws a random delay);
 * storing it takes no time yet.
 */
export class CheckpointCoordinator {
  readonly #recorder: Recorder;
  #nextId = 1;
  #pending: PendingCheckpoint | undefined;
  #completed: CompletedCheckpoint | undefined;
  #finished: TaskSnapshot[] = [];

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  get latestCompleted(): CompletedCheckpoint | undefined {
    return this.#completed;
  }

  get isPending(): boolean {
    return this.#pending !== undefined;
  }

  trigger(tasks: readonly Task[]): void {
    const running = tasks.filter((task) => !task.isFinished);
    const sources = running.filter((task): task is SourceTask => task.isSource);
    if (this.#pending !== undefined || sources.length === 0) return;
    const checkpointId = this.#nextId;
    this.#nextId += 1;
    const snapshots = [...this.#finished];
    this.#pending = { checkpointId, missing: new Set(running), snapshots };
    const kind = KIND['checkpoint-triggered'];
    const row = this.#recorder.add(kind, NONE, NONE, NONE, checkpointId, 0, 0, NONE);
    for (const source of sources) source.triggerCheckpoint(checkpointId, row);
  }

  /** Returns whether the checkpoint is complete now. */
  acknowledge(task: Task, checkpointId: number, snapshot: TaskSnapshot, row: number): boolean {
    const pending = this.#pending;
    if (pending === undefined || pending.checkpointId !== checkpointId) return false;
    if (!pending.missing.delete(task)) return false;
    pending.snapshots.push(snapshot);
    if (pending.missing.size > 0) return false;
    this.#pending = undefined;
    this.#completed = { checkpointId, snapshots: pending.snapshots };
    const kind = KIND['checkpoint-completed'];
    this.#recorder.add(kind, NONE, row, NONE, checkpointId, 0, 0, NONE);
    return true;
  }

  taskFinished(snapshot: TaskSnapshot): void {
    this.#finished.push(snapshot);
  }

  /** The job has failed: what is pending is lost, and finished tasks will run again. */
  abort(cause: number, reason: string): void {
    this.#finished = [];
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    const kind = KIND['checkpoint-aborted'];
    const row = this.#recorder.add(kind, NONE, cause, NONE, pending.checkpointId, 0, 0, NONE);
    this.#recorder.setValue(row, reason);
  }
}
