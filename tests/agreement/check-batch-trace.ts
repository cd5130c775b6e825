import { TraceReader } from '#engine';
import type { BatchRun } from '#engine';

/**
 * What must hold of the trace of any batch, whatever went wrong in it: time does not go back,
 * causes come first, no attempt goes on when it is over, and the last picture is that of the run.
 * Says what does not, or undefined.
 */
export function batchTraceProblem({ trace, attempts }: BatchRun): string | undefined {
  if (trace === undefined) return 'the run has no trace';
  const { atMs, cause, kind } = trace.columns;
  for (let row = 0; row < trace.rowCount; row += 1) {
    if (row > 0 && atMs[row]! < atMs[row - 1]!) return `row ${row} lies before the one above it`;
    if (cause[row]! >= row) return `row ${row} is caused by row ${cause[row]}, which comes later`;
  }
  const reader = new TraceReader(trace);
  const problem = lifeProblem(reader);
  if (problem !== undefined) return problem;
  const last = reader.frameAt(trace.rowCount - 1);
  const tasks = [...last.tasks.values()];
  if (last.status !== 'finished') return `the last picture is that of a job that is ${last.status}`;
  if (tasks.some(({ finished, running }) => finished === undefined || running.size > 0)) {
    return 'the job has finished, but not all of its tasks';
  }
  const started = [...kind.keys()].filter((row) => reader.kindAt(row) === 'attempt-started');
  if (started.length === attempts.length) return undefined;
  return `${started.length} attempts were started, ${attempts.length} ended`;
}

/** Work of a task while none of its attempts runs. */
function lifeProblem(reader: TraceReader): string | undefined {
  const { subtasks } = reader.trace.header;
  const taskOf = subtasks.map(({ task, index }) => `${task} ${index}`);
  const running = new Map<string, number>();
  for (let row = 0; row < reader.rowCount; row += 1) {
    const { kind, subtask } = reader.event(row);
    const task = taskOf[subtask];
    if (task === undefined) continue;
    const count = running.get(task) ?? 0;
    if (kind === 'attempt-started') running.set(task, count + 1);
    else if (['attempt-finished', 'attempt-failed', 'attempt-killed'].includes(kind)) {
      if (count === 0) return `row ${row}: an attempt of ${task} ends that was not running`;
      running.set(task, count - 1);
    } else if (count === 0 && WORK.has(kind)) return `row ${row}: ${task} works while it is down`;
  }
  return undefined;
}

const WORK: ReadonlySet<string> = new Set([
  'record-read',
  'record-received',
  'record-emitted',
  'window-fired',
  'timer-fired',
  'state-updated',
]);
