import type { FileValue, TableCommitValue } from './frame-keys.ts';
import type { TraceReader } from './reader.ts';
import type { TraceEvent } from './trace.ts';

/** Facts about files and tables of sinks, in one sentence; undefined for others. */
export function narrateSink(
  reader: TraceReader,
  event: TraceEvent,
  who: string,
): string | undefined {
  const value = reader.valueAt(event.row);
  const sink = reader.trace.header.sinks[event.c]?.name ?? String(event.c);
  switch (event.kind) {
    case 'file-opened':
      return `${who} begins file ${(value as unknown as FileValue).path} of ${sink}.`;
    case 'file-closed':
      return `${who} closes file ${event.d} of ${sink} with ${rowsText(event.b)}: it is pending.`;
    case 'file-finished':
      return `${who} gives file ${event.d} of ${sink} its name: readers see it.`;
    case 'file-truncated':
      return `${who} cuts file ${event.d} of ${sink} back to ${rowsText(event.b)} and goes on.`;
    case 'file-deleted':
      return `File ${event.d} of ${sink} is deleted: ${String(value)}.`;
    case 'table-committed':
      return commitText(event, sink, value as unknown as TableCommitValue);
    case 'table-commit-failed':
      return `A commit to ${sink} is given up: ${String(value)}.`;
    default:
      return undefined;
  }
}

function commitText(
  { a, b }: TraceEvent,
  sink: string,
  { operation, added, removed }: TableCommitValue,
): string {
  if (b === 1) return `${sink} has this batch already: its commit changes nothing.`;
  const change = removed.length === 0 ? '' : `, ${filesText(removed.length)} less`;
  return `${sink} has version ${a} now (${operation}): ${filesText(added.length)} more${change}.`;
}

function rowsText(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}

function filesText(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}
