import type { Task } from './task-runtime.ts';

/**
 * Lets a task hand an element to the next one by a call, instead of through their channel's queue.
 * Nobody can tell the difference when one record, and what follows from it, is all that is under
 * way; no fact is recorded; nothing costs time; and every task sends to one other at most: each
 * task then does the same things in the same order. What two tasks ask for at a later time could
 * change places, so only one task of the line may ask.
 * Invariant: a run hands elements over only when its results are those of the queues.
 */
export class DirectLane {
  /** Whether the tasks that are deployed form a line. */
  isLine = false;
  /** Whether they could hand elements over now: none of them is held up. */
  isUsable = false;
  /** Whether elements are handed over right now. */
  isOpen = false;
}

/** Whether each task sends to one other at most, and at most one asks for calls at a later time. */
export function formLine(tasks: readonly Task[]): boolean {
  let planningCount = 0;
  for (const { chain } of tasks) {
    const mayHold = chain.links.some(({ operator }) => operator.mayHoldInput === true);
    if (chain.channelCount > 1 || mayHold) return false;
    if (!chain.neverPlans) planningCount += 1;
  }
  return planningCount <= 1;
}
