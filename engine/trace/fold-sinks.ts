import type { FileFrame, SinkFrame, SinkWrite } from './frame.ts';
import { TRANSACTION_STATUS } from './frame-keys.ts';
import type { FileValue, SinkRowValue, TableCommitValue } from './frame-keys.ts';
import { KIND } from './kinds.ts';
import type { Json, Trace } from './trace.ts';

/** What is folded here, besides writes. */
export const SINK_FACTS: ReadonlySet<number> = new Set([
  ...TRANSACTION_STATUS.keys(),
  KIND['file-opened'],
  KIND['file-closed'],
  KIND['file-finished'],
  KIND['file-truncated'],
  KIND['file-deleted'],
  KIND['table-committed'],
]);

/**
 * Folds a fact about a sink into the picture of it. `owned` holds the lists and maps made since the
 * last hand-out: only these are changed in place. Other facts change nothing.
 */
export function foldSink(
  trace: Trace,
  row: number,
  sink: SinkFrame,
  owned: Set<object>,
): SinkFrame {
  const kind = trace.columns.kind[row] as number;
  switch (kind) {
    case KIND['sink-written']:
      return foldWrite(trace, row, sink, owned);
    case KIND['transaction-begun']:
    case KIND['transaction-prepared']:
    case KIND['transaction-committed']:
    case KIND['transaction-aborted']:
      return foldTransaction(trace, row, sink, owned);
    case KIND['table-committed']:
      return foldTableCommit(trace, row, sink, owned);
    default:
      return foldFile(trace, row, sink, owned);
  }
}

function foldWrite(trace: Trace, row: number, sink: SinkFrame, owned: Set<object>): SinkFrame {
  const { c, d } = trace.columns;
  // A stored trace may lack what a run always writes: an empty write is shown then.
  const value = (valueAt(trace, row) ?? {}) as Partial<SinkRowValue>;
  const { key = null, row: written = null, ...outcome } = value;
  const transaction = d[row] as number;
  const write: SinkWrite = { row, key, value: written, transaction, ...outcome };
  const writes = ownedList(sink.writes, owned);
  writes.push(write);
  const { kind } = trace.header.sinks[c[row] as number] ?? {};
  if (kind === 'upsert') {
    const table = ownedMap(sink.table, owned).set(JSON.stringify(key), write);
    return { ...sink, writes, table };
  }
  const file = sink.files.get(transaction);
  if (file === undefined) return { ...sink, writes };
  const inFile = ownedList(file.writes, owned);
  inFile.push(write);
  const files = ownedMap(sink.files, owned).set(transaction, { ...file, writes: inFile });
  return { ...sink, writes, files };
}

function foldTransaction(
  trace: Trace,
  row: number,
  sink: SinkFrame,
  owned: Set<object>,
): SinkFrame {
  const { b, d, kind } = trace.columns;
  const id = d[row] as number;
  const status = TRANSACTION_STATUS.get(kind[row] as number) ?? 'open';
  const transactions = ownedMap(sink.transactions, owned).set(id, status);
  if (status !== 'committed' || b[row] === 1) return { ...sink, transactions };
  return { ...sink, transactions, commits: [...sink.commits, id] };
}

function foldFile(trace: Trace, row: number, sink: SinkFrame, owned: Set<object>): SinkFrame {
  const { b, d, kind } = trace.columns;
  const id = d[row] as number;
  const { path = '', partition = '' } = (valueAt(trace, row) ?? {}) as Partial<FileValue>;
  const opened: FileFrame = { path, partition, status: 'in-progress', row, writes: [] };
  const file = sink.files.get(id) ?? opened;
  const put = (next: FileFrame): SinkFrame => ({
    ...sink,
    files: ownedMap(sink.files, owned).set(id, next),
  });
  switch (kind[row]) {
    case KIND['file-opened']:
      return put(opened);
    case KIND['file-closed']:
      return put({ ...file, status: 'pending' });
    case KIND['file-finished']:
      return put({ ...file, status: 'finished', path: path === '' ? file.path : path });
    case KIND['file-truncated']:
      return put({ ...file, status: 'in-progress', writes: file.writes.slice(0, b[row]) });
    case KIND['file-deleted']:
      return put({ ...file, status: 'deleted' });
    default:
      return sink;
  }
}

function foldTableCommit(
  trace: Trace,
  row: number,
  sink: SinkFrame,
  owned: Set<object>,
): SinkFrame {
  const { a, b, atMs } = trace.columns;
  if (b[row] === 1) return sink;
  const commit = (valueAt(trace, row) ?? {}) as Partial<TableCommitValue>;
  const { operation = '', added = [], removed = [], merged = [] } = commit;
  const files = ownedMap(sink.files, owned);
  for (const { file, sources } of merged) {
    const writes = sources.flatMap((source) => files.get(source)?.writes ?? []);
    const opened = files.get(file);
    if (opened !== undefined) files.set(file, { ...opened, writes });
  }
  for (const id of added) {
    const file = files.get(id);
    if (file !== undefined) files.set(id, { ...file, status: 'finished' });
  }
  const before = sink.versions.at(-1)?.files ?? [];
  const kept = before.filter((file) => !removed.includes(file));
  const version = {
    version: a[row] as number,
    atMs: atMs[row] as number,
    row,
    operation,
    files: [...kept, ...added],
  };
  return { ...sink, files, versions: [...sink.versions, version] };
}

function valueAt(trace: Trace, row: number): Json {
  const index = trace.columns.value[row] as number;
  return index < 0 ? null : (trace.values[index] ?? null);
}

function ownedList<T>(list: readonly T[], owned: Set<object>): T[] {
  if (owned.has(list)) return list as T[];
  const copy = [...list];
  owned.add(copy);
  return copy;
}

function ownedMap<K, V>(map: ReadonlyMap<K, V>, owned: Set<object>): Map<K, V> {
  if (owned.has(map)) return map as Map<K, V>;
  const copy = new Map(map);
  owned.add(copy);
  return copy;
}
