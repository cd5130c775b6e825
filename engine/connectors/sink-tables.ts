import type { Frame, SinkFrame } from '../trace/frame.ts';
import { visibleRows, visibleWrites } from '../trace/sink-reader.ts';
import type { ReaderIsolation } from '../trace/sink-reader.ts';
import type { TableRow } from '../trace/table-contents.ts';
import type { SinkInfo, Trace } from '../trace/trace.ts';
import { toColumns } from './external-store.ts';
import type { SinkTable } from './external-store.ts';
import { sumsOf, tableOf } from './sinks.ts';

/**
 * What the sinks hold at a moment of a run, as tables, by the trace alone: for a reader of what is
 * committed, or of whatever is there. Files and lake tables also tell of their files and versions.
 */
export function sinkTablesAt(
  trace: Trace,
  frame: Frame,
  isolation: ReaderIsolation = 'read-committed',
): readonly SinkTable[] {
  return trace.header.sinks.flatMap((info, index) => {
    const sink = frame.sinks[index];
    if (sink === undefined) return [];
    const primaryKey = info.table?.primaryKey ?? [];
    const table = { name: info.name, primaryKey, rows: rowsOf(info, sink, isolation) };
    return [table, ...filesOf(info, sink), ...historyOf(info, sink)];
  });
}

function rowsOf(info: SinkInfo, sink: SinkFrame, isolation: ReaderIsolation): readonly TableRow[] {
  if (info.table !== undefined) return visibleRows(info, sink, isolation);
  const writes = visibleWrites(info, sink, isolation).map(({ key, value }) => ({
    key,
    row: value,
  }));
  switch (info.kind) {
    case 'upsert':
      return tableOf(writes).map(({ row }) => toColumns(row));
    case 'increment':
      return sumsOf(writes).map(({ key, row }) => ({ key, amount: row }));
    default:
      return writes.map(({ row }) => toColumns(row));
  }
}

function filesOf({ name, kind }: SinkInfo, sink: SinkFrame): readonly SinkTable[] {
  if (kind !== 'files' && kind !== 'lake') return [];
  const live = new Set(sink.versions.at(-1)?.files);
  const rows = [...sink.files].map(([file, { path, partition, status, writes }]) => ({
    path,
    partition,
    status,
    row_count: writes.length,
    is_in_newest_version: kind === 'lake' ? live.has(file) : status === 'finished',
  }));
  return [{ name: `${name}_files`, primaryKey: [], rows }];
}

function historyOf({ name, kind }: SinkInfo, sink: SinkFrame): readonly SinkTable[] {
  if (kind !== 'lake') return [];
  const rows = sink.versions.map(({ version, atMs, operation, files }) => ({
    version,
    timestamp_ms: atMs,
    operation,
    file_count: files.length,
  }));
  return [{ name: `${name}_history`, primaryKey: ['version'], rows }];
}
