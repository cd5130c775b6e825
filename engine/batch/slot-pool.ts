import type { ClusterSize } from '../datastream/job-graph.ts';
import type { TaskAttempt } from './task-attempt.ts';

/**
 * The slots of a cluster, those of one machine side by side. A task gets the slot of its own number
 * if it is free, else the first that is. Models Flink 2.3 BlocklistDeclarativeSlotPool: a machine
 * on which a task was slow gets no new ones for a while.
 * Simplified: machines have no load of their own; all slots are alike.
 * Invariant: a slot has one attempt at most.
 */
export class SlotPool {
  readonly #slots: (TaskAttempt | undefined)[];
  readonly #slotsPerTaskManager: number;
  readonly #blockedUntilMs = new Map<number, number>();

  constructor({ taskManagers, slotsPerTaskManager }: ClusterSize) {
    this.#slots = Array.from({ length: taskManagers * slotsPerTaskManager }, () => undefined);
    this.#slotsPerTaskManager = slotsPerTaskManager;
  }

  /** A free slot for the task of this number, now; undefined when there is none. */
  find(index: number, nowMs: number): number | undefined {
    const count = this.#slots.length;
    for (let turn = 0; turn <= count; turn += 1) {
      const slot = turn === 0 ? index % count : turn - 1;
      const blockedUntilMs = this.#blockedUntilMs.get(this.taskManagerOf(slot)) ?? -Infinity;
      if (this.#slots[slot] === undefined && blockedUntilMs <= nowMs) return slot;
    }
    return undefined;
  }

  taskManagerOf(slot: number): number {
    return Math.floor(slot / this.#slotsPerTaskManager);
  }

  take(slot: number, attempt: TaskAttempt): void {
    this.#slots[slot] = attempt;
  }

  free(slot: number): void {
    this.#slots[slot] = undefined;
  }

  block(taskManager: number, untilMs: number): void {
    this.#blockedUntilMs.set(taskManager, untilMs);
  }

  attemptsOn(taskManager: number): TaskAttempt[] {
    return this.#slots.filter(
      (attempt) => attempt !== undefined && attempt.place.taskManager === taskManager,
    ) as TaskAttempt[];
  }
}
