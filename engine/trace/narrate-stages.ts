import type { TraceReader } from './reader.ts';
import type { TraceEvent } from './trace.ts';

/** One plain sentence about a fact of a batch job's stages; undefined for other facts. */
export function narrateStage(reader: TraceReader, event: TraceEvent): string | undefined {
  const { a, b, c } = event;
  const value = reader.valueAt(event.row);
  const who = reader.subtaskText(event.subtask);
  const because = typeof value === 'string' ? value : 'nobody knows why';
  switch (event.kind) {
    case 'stage-started':
      return `Stage ${a} (${because}) begins with ${b} ${b === 1 ? 'task' : 'tasks'}.`;
    case 'stage-finished':
      return `Stage ${a} is over: all that it had to write is there.`;
    case 'attempt-started':
      return `${who} begins on machine ${c}${attemptText(b, value)}.`;
    case 'attempt-finished':
      return `${who} has finished on machine ${c}: what attempt ${b} has written counts.`;
    case 'attempt-failed':
      return `Attempt ${b} of ${who} fails on machine ${c}: ${because}.`;
    case 'attempt-killed':
      return `Attempt ${b} of ${who} is stopped on machine ${c}: ${because}.`;
    case 'partition-written':
      return `Machine ${c} holds what ${who} has written: ${recordsText(value)}.`;
    case 'partition-lost':
      return `What ${who} had written on machine ${c} is gone: ${because}.`;
    case 'tasks-reset':
      return `${tasksText(value)} will run again.`;
    default:
      return undefined;
  }
}

function attemptText(attempt: number, value: unknown): string {
  const { reason } = (value ?? {}) as { reason?: unknown };
  if (reason === 'speculation') return `, beside its slow twin, as attempt ${attempt}`;
  return attempt === 0 ? '' : ` once more, as attempt ${attempt}`;
}

function recordsText(value: unknown): string {
  const { records } = (value ?? {}) as { records?: unknown };
  return records === 1 ? '1 record' : `${Number(records ?? 0)} records`;
}

function tasksText(value: unknown): string {
  const { tasks } = (value ?? {}) as { tasks?: unknown };
  return Array.isArray(tasks) ? tasks.join(', ') : 'Some tasks';
}
