import type { FileValue, TableCommitValue } from '../../trace/frame-keys.ts';
import type { Frame } from '../../trace/frame.ts';
import type { TableRow } from '../../trace/table-contents.ts';
import type { Json, Trace } from '../../trace/trace.ts';
import type { LakeTableExport, TableCommit } from './lake-table.ts';

/**
 * A lake table as it is at a moment of a run, by the trace alone: its log and every file that a
 * version has or had. Undefined for a sink that is none.
 */
export function lakeExportAt(
  trace: Trace,
  frame: Frame,
  sinkName: string,
): LakeTableExport | undefined {
  const index = trace.header.sinks.findIndex(({ name }) => name === sinkName);
  const sink = frame.sinks[index];
  if (sink === undefined || trace.header.sinks[index]?.kind !== 'lake') return undefined;
  const facts = sink.versions.map(({ row }) => valueAt(trace, row) as unknown as TableCommitValue);
  const commits = sink.versions.map(({ version, atMs }, place): TableCommit => {
    const { merged: _merged, isolation: _isolation, ...commit } = facts[place] as TableCommitValue;
    return { version, timestampMs: atMs, ...commit };
  });
  const named = new Set(commits.flatMap(({ added }) => added));
  const files = [...sink.files]
    .filter(([file]) => named.has(file))
    .sort(([left], [right]) => left - right)
    .map(([file, { path, row, status, writes }]) => {
      const { values = {} } = valueAt(trace, row) as unknown as FileValue;
      const rows = writes.map(({ value }) => value as TableRow);
      const writtenMs = trace.columns.atMs[row] as number;
      return { file, path, partition: values, rows, writtenMs, isDeleted: status === 'deleted' };
    });
  const partitionBy = Object.keys(files[0]?.partition ?? {});
  const isolation = facts[0]?.isolation ?? 'serializable';
  return { name: sinkName, partitionBy, isolation, commits, files };
}

function valueAt(trace: Trace, row: number): Json {
  return trace.values[trace.columns.value[row] as number] ?? null;
}
