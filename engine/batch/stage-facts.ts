import { subtaskId } from '../datastream/job-graph.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { Recorder } from '../trace/recorder.ts';
import type { Stage } from './batch-plan.ts';
import type { BatchTask } from './batch-task.ts';
import type { AttemptReason } from './scenario.ts';
import type { TaskAttempt } from './task-attempt.ts';

type AttemptFact =
  'attempt-finished' | 'attempt-failed' | 'attempt-killed' | 'partition-written' | 'partition-lost';

/** Writes what becomes of stages, attempts and what they have written into the trace. */
export class StageFacts {
  readonly #recorder: Recorder;
  /** The `stage-started` row of each stage that runs. */
  readonly #rows = new Map<Stage, number>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** An attempt begins, and its stage if it is the first. */
  started(task: BatchTask, taskManager: number, reason: AttemptReason, cause: number): number {
    const { stage, attemptCount, subtask } = task;
    const stageRow = this.#rows.get(stage) ?? this.#stageStarted(stage, cause);
    const because = reason === 'first' ? stageRow : cause;
    const kind = KIND['attempt-started'];
    const { index } = stage;
    const recorder = this.#recorder;
    const row = recorder.add(kind, subtask, because, NONE, index, attemptCount, taskManager, NONE);
    recorder.setValue(row, { reason, subtasks: subtasksOf(task) });
    return row;
  }

  stageFinished(stage: Stage, cause: number): number {
    this.#rows.delete(stage);
    const kind = KIND['stage-finished'];
    return this.#recorder.add(kind, NONE, cause, NONE, stage.index, 0, 0, NONE);
  }

  /** Something about an attempt, or what it has written. */
  note(fact: AttemptFact, attempt: TaskAttempt, cause: number, value?: unknown): number {
    const { place, subtask, startRow } = attempt;
    const { stage, number, taskManager } = place;
    const kind = KIND[fact];
    const { index } = stage;
    const recorder = this.#recorder;
    const row = recorder.add(kind, subtask, cause, NONE, index, number, taskManager, startRow);
    if (value !== undefined) recorder.setValue(row, value);
    return row;
  }

  /** Tasks start from nothing again, after a pause. */
  reset(tasks: readonly BatchTask[], delayMs: number, reason: string, cause: number): number {
    const recorder = this.#recorder;
    const row = recorder.add(KIND['tasks-reset'], NONE, cause, NONE, delayMs, 0, 0, NONE);
    const subtasks = tasks.flatMap(subtasksOf);
    recorder.setValue(row, { subtasks, tasks: tasks.map(({ text }) => text), reason });
    return row;
  }

  #stageStarted(stage: Stage, cause: number): number {
    const { parallelism, name } = stage.vertex;
    const kind = KIND['stage-started'];
    const recorder = this.#recorder;
    const row = recorder.add(kind, NONE, cause, NONE, stage.index, parallelism, 0, NONE);
    recorder.setValue(row, name);
    this.#rows.set(stage, row);
    return row;
  }
}

function subtasksOf({ stage: { vertex }, index }: BatchTask): number[] {
  return vertex.nodes.map((node) => subtaskId(vertex, node, index));
}
