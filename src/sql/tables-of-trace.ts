import { TraceReader, visibleRows, visibleWrites } from '#engine';
import type { Json, SinkTable, SinkWrite, TableRow, Trace } from '#engine';

/** What a reader of each sink finds after the first `row` + 1 facts: only what is committed. */
export function tablesOfTrace(trace: Trace, row: number): readonly SinkTable[] {
  const frame = new TraceReader(trace).frameAt(row);
  return trace.header.sinks.flatMap((info, index): SinkTable[] => {
    const sink = frame.sinks[index];
    if (sink === undefined) return [];
    const { name, kind, table } = info;
    if (table !== undefined) {
      const rows = visibleRows(info, sink, 'read-committed');
      return [{ name, primaryKey: table.primaryKey, rows }];
    }
    const writes = visibleWrites(info, sink, 'read-committed');
    const rows =
      kind === 'increment'
        ? sumsOf(writes)
        : (kind === 'upsert' ? [...sink.table.values()] : writes).map(({ value }) => toRow(value));
    return [{ name, primaryKey: [], rows }];
  });
}

/** What a reader of counters finds: a sum for each key. */
function sumsOf(writes: readonly SinkWrite[]): readonly TableRow[] {
  const sums = new Map<string, { readonly key: Json; readonly amount: number }>();
  for (const { key, value } of writes) {
    const id = JSON.stringify(key);
    sums.set(id, { key, amount: (sums.get(id)?.amount ?? 0) + Number(value) });
  }
  return [...sums.values()];
}

/** A row as columns; what is no object gets one column, `value`. */
function toRow(value: Json): TableRow {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as TableRow) : { value };
}
