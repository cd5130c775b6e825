import type { TaskFrame } from './frame.ts';
import { KIND } from './kinds.ts';
import type { Trace } from './trace.ts';

/** The subtasks that a fact about attempts names: those of one task, or of all that run again. */
export function attemptSubtasks(trace: Trace, row: number): readonly number[] {
  const index = trace.columns.value[row] as number;
  const value = (trace.values[index] ?? {}) as { subtasks?: readonly number[] };
  // A stored trace may lack what a run always writes.
  return Array.isArray(value.subtasks) ? (value.subtasks as readonly number[]) : [];
}

/** What a fact makes of a batch job's tasks: the same map when it is about something else. */
export function foldTask(
  trace: Trace,
  row: number,
  tasks: ReadonlyMap<number, TaskFrame>,
): ReadonlyMap<number, TaskFrame> {
  const { a, b, c, kind, subtask } = trace.columns;
  const id = subtask[row] as number;
  const attempt = b[row] as number;
  const taskManager = c[row] as number;
  const before = tasks.get(id) ?? emptyTask(a[row] as number);
  switch (kind[row]) {
    case KIND['attempt-started']: {
      const running = new Map(before.running).set(attempt, taskManager);
      return new Map(tasks).set(id, { ...before, running });
    }
    case KIND['attempt-finished']: {
      const finished = { attempt, taskManager };
      const running = without(before.running, attempt);
      return new Map(tasks).set(id, { ...before, running, finished, isLost: false });
    }
    case KIND['attempt-failed']:
    case KIND['attempt-killed']:
      return new Map(tasks).set(id, { ...before, running: without(before.running, attempt) });
    case KIND['partition-lost']:
      return new Map(tasks).set(id, { ...before, isLost: true });
    case KIND['tasks-reset']: {
      const reset = new Set(attemptSubtasks(trace, row));
      return new Map(
        [...tasks].map(([other, task]) =>
          reset.has(other) ? [other, emptyTask(task.stage)] : [other, task],
        ),
      );
    }
    default:
      return tasks;
  }
}

function emptyTask(stage: number): TaskFrame {
  return { stage, running: new Map(), finished: undefined, isLost: false };
}

function without(map: ReadonlyMap<number, number>, key: number): ReadonlyMap<number, number> {
  return new Map([...map].filter(([other]) => other !== key));
}
