import type { TraceReader } from './reader.ts';
import type { TraceEvent } from './trace.ts';

/** One plain sentence about a fact of a batch; undefined for other facts. */
export function narrateBatch(
  reader: TraceReader,
  event: TraceEvent,
  time: (timeMs: number) => string,
): string | undefined {
  const { a, b, c } = event;
  const value = reader.valueAt(event.row);
  switch (event.kind) {
    case 'query-started':
      return `A driver starts the query: batch ${a} comes next, the watermark is ${time(b)}.`;
    case 'batch-planned':
      return `The driver plans batch ${a} with watermark ${time(b)}.`;
    case 'offsets-logged':
      return `The offset log has batch ${a}: whenever it runs, it reads the same.`;
    case 'state-committed':
      return `${reader.subtaskText(event.subtask)} commits state version ${b}: ${c} rows.`;
    case 'sink-batch-committed':
      return c === 1
        ? `The sink has batch ${a} already and takes no notice.`
        : `The sink commits batch ${a} with ${b} rows.`;
    case 'query-watermark':
      return `From the next batch on the watermark is ${time(a)} instead of ${time(b)}.`;
    case 'commit-logged':
      return `The commit log has batch ${a}: it is over.`;
    case 'driver-failed':
      return `The driver dies: ${typeof value === 'string' ? value : 'somewhere'}.`;
    case 'task-retried':
      return `The task of partition ${c} runs ${b === 1 ? 'again' : `${b} times more`}: ${
        typeof value === 'string' ? value : 'it failed'
      }.`;
    default:
      return undefined;
  }
}
