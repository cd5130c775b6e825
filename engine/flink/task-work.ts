import type { Task, TaskRuntime, TaskSnapshot } from './task-runtime.ts';

/** What a task's work costs in virtual time; see `CostModel`. */
export interface TaskCosts {
  /** Per record, in ms. */
  readonly serviceMs: number;
  readonly snapshotSyncMs: number;
  /** Infinity: storing costs nothing. */
  readonly snapshotBytesPerMs: number;
}

/**
 * How busy a task is. It serves one record at a time; a snapshot blocks it for a moment and is then
 * stored while it goes on. Faults make it slower or stall it.
 */
export class TaskWork {
  /** A record in service, snapshots under way, a stall: the task waits for all of them. */
  #holds = 0;
  /** When the last snapshot that was begun lets the task go on. */
  #snapshotsUntilMs = -Infinity;
  #slowFactor = 1;
  #stalledUntilMs = -Infinity;
  readonly #costs: TaskCosts;

  constructor(costs: TaskCosts) {
    this.#costs = costs;
  }

  get isBusy(): boolean {
    return this.#holds > 0;
  }

  /** Keeps the task from taking anything until the same holder calls `release`. */
  hold(): void {
    this.#holds += 1;
  }

  release(): void {
    this.#holds -= 1;
  }

  /** Whether a record costs nothing, so that it can be handled at once. */
  get isFree(): boolean {
    return this.#costs.serviceMs === 0;
  }

  /** Time that a record takes, in ms. */
  get serviceMs(): number {
    return this.#costs.serviceMs * this.#slowFactor;
  }

  /** Whether a record that comes at `nowMs` would be handled at once. */
  isOpenAt(nowMs: number): boolean {
    return this.isFree && !this.isBusy && nowMs >= this.#stalledUntilMs;
  }

  /** Keeps a stalled task busy until it may go on; returns whether it is stalled. */
  waitIfStalled(task: Task, runtime: TaskRuntime): boolean {
    if (runtime.nowMs >= this.#stalledUntilMs) return false;
    this.hold();
    runtime.plan(task, this.#stalledUntilMs, () => {
      this.release();
      task.onInput();
    });
    return true;
  }

  slowDown(factor: number): void {
    this.#slowFactor = factor;
  }

  stall(untilMs: number): void {
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, untilMs);
  }

  /** Blocks the task for the snapshot, then acknowledges it when it is stored. */
  acknowledge(
    task: Task,
    runtime: TaskRuntime,
    checkpointId: number,
    snapshot: TaskSnapshot,
    cause: number,
  ): void {
    const { snapshotSyncMs, snapshotBytesPerMs } = this.#costs;
    const storeMs = snapshot.bytes / snapshotBytesPerMs;
    // Snapshots of two checkpoints that meet are taken one after the other.
    const takenMs = Math.max(runtime.nowMs, this.#snapshotsUntilMs) + snapshotSyncMs;
    if (snapshotSyncMs > 0) {
      this.#snapshotsUntilMs = takenMs;
      this.hold();
      runtime.planForCheckpoint(task, takenMs, () => {
        this.release();
        task.onInput();
      });
    }
    const acknowledge = (): void => runtime.acknowledge(task, checkpointId, snapshot, cause);
    if (snapshotSyncMs + storeMs === 0) acknowledge();
    else {
      runtime.planForCheckpoint(task, Math.ceil(takenMs + storeMs), acknowledge);
    }
  }
}
