import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { Recorder } from '../trace/recorder.ts';
import type { Configuration } from '../datastream/configuration.ts';
import type { SourceTask } from './source-task.ts';
import type { Task, TaskSnapshot } from './task-runtime.ts';

/** A complete picture of the job: what a restore starts from. */
export interface CompletedCheckpoint {
  readonly checkpointId: number;
  /** Whether the job was to stop, or to change its parallelism, with it. */
  readonly isSavepoint: boolean;
  readonly snapshots: readonly TaskSnapshot[];
  /** Whether its snapshots were rewritten for another parallelism than they were taken at. */
  readonly isTranslated: boolean;
}

/**
 * A plain savepoint changes nothing for the running job: no transaction commits because of it, and
 * a restart does not use it (Flink 2.x: CheckpointCoordinator.completePendingCheckpoint, FLIP-203).
 * A last savepoint is that of a job which is about to stop: its transactions commit.
 */
export type CheckpointType = 'checkpoint' | 'savepoint' | 'last-savepoint';

interface PendingCheckpoint {
  readonly checkpointId: number;
  readonly type: CheckpointType;
  readonly missing: Set<Task>;
  readonly snapshots: TaskSnapshot[];
  readonly triggerRow: number;
  readonly triggeredMs: number;
}

/** What the coordinator needs from the simulation around it. */
export interface CoordinatorRuntime {
  readonly nowMs: number;
  readonly tasks: readonly Task[];
  /** Whether every task of the job is deployed: without one, there is no checkpoint. */
  readonly isWhole: boolean;
  /** Asks for `expire(checkpointId)` at `atMs`. */
  planExpiry(checkpointId: number, atMs: number): void;
  /** Asks for `triggerOverdue()` at `atMs`. */
  planOverdueTrigger(atMs: number): void;
  /** Tells every task that a checkpoint is complete, or given up. */
  notifyCompleted(checkpointId: number, cause: number): void;
  notifyAborted(checkpointId: number): void;
  /** More checkpoints have failed in a row than the job tolerates. */
  failForCheckpoints(cause: number, reason: string): void;
}

/**
 * Models Flink 2.x's CheckpointCoordinator: a checkpoint is complete when every running task has
 * acknowledged it; completing one gives up the older ones that are pending, but not savepoints; a
 * limit on how many may be pending and a minimum pause between them delay a trigger; one that takes
 * longer than the timeout is given up, and too many of these fail the job; late acknowledgements
 * are ignored; ids go on growing across attempts; tasks that have finished take part with what they
 * held at their end (FLIP-147).
 * Simplified: the first one is triggered one interval after the start (Flink draws a random delay).
 */
export class CheckpointCoordinator {
  readonly #recorder: Recorder;
  readonly #configuration: Configuration;
  readonly #runtime: CoordinatorRuntime;
  #nextId = 1;
  #pending: PendingCheckpoint[] = [];
  #completed: CompletedCheckpoint | undefined;
  readonly #finished = new Map<Task, TaskSnapshot>();
  #lastEndMs = -Infinity;
  #isOverdue = false;
  /** The savepoint of a job that is about to stop, from its trigger on. */
  #lastSavepointId: number | undefined;
  #failuresInRow = 0;

  constructor(recorder: Recorder, configuration: Configuration, runtime: CoordinatorRuntime) {
    this.#recorder = recorder;
    this.#configuration = configuration;
    this.#runtime = runtime;
  }

  get latestCompleted(): CompletedCheckpoint | undefined {
    return this.#completed;
  }

  isPending(checkpointId: number): boolean {
    return this.#pending.some((pending) => pending.checkpointId === checkpointId);
  }

  /**
   * When a pending checkpoint was triggered from which on its alignment may time out, in ms. That
   * of a savepoint never does (Flink 2.x: CheckpointOptions.alignedNoTimeout).
   */
  triggeredAtMs(checkpointId: number): number | undefined {
    const pending = this.#pending.find((other) => other.checkpointId === checkpointId);
    return pending?.type === 'checkpoint' ? pending.triggeredMs : undefined;
  }

  /** Begins with a savepoint, as if this job had taken it. */
  seed(snapshots: readonly TaskSnapshot[]): void {
    this.#completed = { checkpointId: 0, isSavepoint: true, isTranslated: false, snapshots };
  }

  /** Rewrites the latest checkpoint for a job that is laid out anew. */
  translate(rewrite: (snapshots: readonly TaskSnapshot[]) => readonly TaskSnapshot[]): void {
    const completed = this.#completed;
    if (completed === undefined) return;
    const snapshots = rewrite(completed.snapshots);
    this.#completed = { ...completed, snapshots, isTranslated: true };
    this.#lastSavepointId = undefined;
  }

  /** The interval has passed: triggers, or remembers to as soon as it is allowed. */
  triggerPeriodic(): void {
    // A job that is about to stop takes no more of them.
    if (this.#lastSavepointId !== undefined) return;
    const pendingCount = this.#pending.filter(({ type }) => type === 'checkpoint').length;
    const configuration = this.#configuration;
    const pendingMax = configuration['execution.checkpointing.max-concurrent-checkpoints'];
    const allowedMs = this.#lastEndMs + configuration['execution.checkpointing.min-pause'];
    if (pendingCount >= pendingMax) {
      this.#isOverdue = true;
      return;
    }
    if (this.#runtime.nowMs < allowedMs) {
      if (!this.#isOverdue) this.#runtime.planOverdueTrigger(allowedMs);
      this.#isOverdue = true;
      return;
    }
    this.trigger('checkpoint');
  }

  triggerOverdue(): void {
    if (!this.#isOverdue) return;
    this.#isOverdue = false;
    this.triggerPeriodic();
  }

  /**
   * Starts a checkpoint or savepoint now; undefined when no source is running any more, or when a
   * part of the job is down (Flink's NOT_ALL_REQUIRED_TASKS_RUNNING).
   */
  trigger(type: CheckpointType): number | undefined {
    if (!this.#runtime.isWhole) return undefined;
    const running = this.#runtime.tasks.filter((task) => !task.isFinished);
    const sources = running.filter((task): task is SourceTask => task.isSource);
    if (sources.length === 0) return undefined;
    const checkpointId = this.#begin(running, type);
    if (type === 'last-savepoint') this.#lastSavepointId = checkpointId;
    const { triggerRow } = this.#pending.at(-1) as PendingCheckpoint;
    const timeoutMs = this.#configuration['execution.checkpointing.timeout'];
    this.#runtime.planExpiry(checkpointId, this.#runtime.nowMs + timeoutMs);
    for (const source of sources) {
      source.triggerCheckpoint(checkpointId, type, triggerRow);
    }
    return checkpointId;
  }

  /**
   * The last checkpoint of a bounded job: all tasks have seen the end, so nothing is in flight and
   * what they hold is the snapshot.
   */
  takeFinal(): void {
    this.#begin([], 'checkpoint');
    this.#complete(this.#pending.at(-1) as PendingCheckpoint, NONE);
  }

  acknowledge(task: Task, checkpointId: number, snapshot: TaskSnapshot, row: number): void {
    const pending = this.#pending.find((other) => other.checkpointId === checkpointId);
    if (pending === undefined || !pending.missing.delete(task)) return;
    pending.snapshots.push(snapshot);
    if (pending.missing.size === 0) this.#complete(pending, row);
  }

  /**
   * A task has ended: it takes part with what it held in every later checkpoint, and in those that
   * are pending of which it has no snapshot at a barrier.
   */
  taskFinished(task: Task, snapshot: TaskSnapshot): void {
    this.#finished.set(task, snapshot);
    for (const pending of [...this.#pending]) {
      if (pending.checkpointId <= task.lastSnapshotId) continue;
      this.acknowledge(task, pending.checkpointId, snapshot, pending.triggerRow);
    }
  }

  /** The timeout of a checkpoint has passed. */
  expire(checkpointId: number): void {
    const pending = this.#pending.find((other) => other.checkpointId === checkpointId);
    if (pending === undefined) return;
    const row = this.#abort(pending, pending.triggerRow, 'Checkpoint expired before completing.');
    this.#runtime.notifyAborted(checkpointId);
    this.#failuresInRow += 1;
    const tolerable = this.#configuration['execution.checkpointing.tolerable-failed-checkpoints'];
    if (this.#failuresInRow > tolerable) {
      this.#runtime.failForCheckpoints(row, 'Exceeded checkpoint tolerable failure threshold.');
      return;
    }
    this.triggerOverdue();
  }

  /** Tasks have failed: what is pending is lost; those that had finished will run again. */
  abortAll(cause: number, reason: string, isFailed: (task: Task) => boolean): void {
    for (const task of [...this.#finished.keys()]) {
      if (isFailed(task)) this.#finished.delete(task);
    }
    this.#isOverdue = false;
    this.#lastSavepointId = undefined;
    for (const pending of [...this.#pending]) {
      this.#abort(pending, cause, reason);
      this.#runtime.notifyAborted(pending.checkpointId);
    }
  }

  #begin(running: readonly Task[], type: CheckpointType): number {
    const checkpointId = this.#nextId;
    this.#nextId += 1;
    const kind = KIND['checkpoint-triggered'];
    const b = type === 'checkpoint' ? 0 : 1;
    const triggerRow = this.#recorder.add(kind, NONE, NONE, NONE, checkpointId, b, 0, NONE);
    this.#pending.push({
      checkpointId,
      type,
      missing: new Set(running),
      snapshots: [...this.#finished.values()],
      triggerRow,
      triggeredMs: this.#runtime.nowMs,
    });
    return checkpointId;
  }

  #complete(pending: PendingCheckpoint, cause: number): void {
    const { checkpointId, type, snapshots } = pending;
    this.#pending = this.#pending.filter((other) => other !== pending);
    this.#lastEndMs = this.#runtime.nowMs;
    this.#failuresInRow = 0;
    const kind = KIND['checkpoint-completed'];
    const durationMs = this.#runtime.nowMs - pending.triggeredMs;
    const c = type === 'savepoint' ? 1 : 0;
    const row = this.#recorder.add(kind, NONE, cause, NONE, checkpointId, durationMs, c, NONE);
    const bytes = snapshots.reduce((sum, snapshot) => sum + snapshot.bytes, 0);
    this.#recorder.setValue(row, { bytes });
    if (type !== 'savepoint') {
      const isSavepoint = type === 'last-savepoint';
      this.#completed = { checkpointId, isSavepoint, isTranslated: false, snapshots };
      this.#subsume(checkpointId, row);
      this.#runtime.notifyCompleted(checkpointId, row);
    }
    this.triggerOverdue();
  }

  #subsume(checkpointId: number, cause: number): void {
    for (const older of [...this.#pending]) {
      if (older.checkpointId > checkpointId || older.type !== 'checkpoint') continue;
      this.#abort(older, cause, 'Checkpoint has been subsumed.');
      this.#runtime.notifyAborted(older.checkpointId);
    }
  }

  #abort(pending: PendingCheckpoint, cause: number, reason: string): number {
    this.#pending = this.#pending.filter((other) => other !== pending);
    if (pending.checkpointId === this.#lastSavepointId) this.#lastSavepointId = undefined;
    this.#lastEndMs = this.#runtime.nowMs;
    const kind = KIND['checkpoint-aborted'];
    const row = this.#recorder.add(kind, NONE, cause, NONE, pending.checkpointId, 0, 0, NONE);
    this.#recorder.setValue(row, reason);
    return row;
  }
}
