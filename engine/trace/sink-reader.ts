import type { SinkFrame, SinkWrite } from './frame.ts';
import { TableContents } from './table-contents.ts';
import type { TableRow } from './table-contents.ts';
import type { SinkInfo } from './trace.ts';

/**
 * How much of a sink its reader sees. `read-committed`: only what will stay. `read-uncommitted`:
 * whatever is there, as a consumer without isolation, or somebody who lists the directory of a
 * table instead of reading its log.
 */
export type ReaderIsolation = 'read-uncommitted' | 'read-committed';

/**
 * The writes that a reader of a sink sees, in the order in which it sees them. With `version`, a
 * lake table as it was then (time travel).
 */
export function visibleWrites(
  { kind }: SinkInfo,
  sink: SinkFrame,
  isolation: ReaderIsolation,
  version?: number,
): readonly SinkWrite[] {
  switch (kind) {
    case 'lake':
      return isolation === 'read-committed' ? snapshot(sink, version) : everyFile(sink);
    case 'files':
      return isolation === 'read-committed' ? finishedFiles(sink) : everyFile(sink);
    case 'topic':
      return isolation === 'read-committed' ? stableRecords(sink) : sink.writes;
    case 'transactional':
    case 'database':
      return committed(sink, isolation);
    default:
      return sink.writes;
  }
}

/** The rows of a table with a primary key that a reader finds. Empty for a sink without one. */
export function visibleRows(
  info: SinkInfo,
  sink: SinkFrame,
  isolation: ReaderIsolation,
): readonly TableRow[] {
  if (info.table === undefined) return [];
  const contents = new TableContents(info.table);
  for (const { value, change } of visibleWrites(info, sink, isolation)) {
    contents.apply(value as TableRow, change);
  }
  return contents.rows();
}

/** A table version is what its commit left: later commits don't change it. */
function snapshot(sink: SinkFrame, version: number | undefined): readonly SinkWrite[] {
  const found =
    version === undefined
      ? sink.versions.at(-1)
      : sink.versions.find((other) => other.version === version);
  return (found?.files ?? []).flatMap((file) => sink.files.get(file)?.writes ?? []);
}

/** Files that a failure left behind, and those that a compaction has replaced, are there too. */
function everyFile(sink: SinkFrame): readonly SinkWrite[] {
  return [...sink.files.values()]
    .filter(({ status }) => status !== 'deleted')
    .flatMap(({ writes }) => writes);
}

function finishedFiles(sink: SinkFrame): readonly SinkWrite[] {
  return [...sink.files.values()]
    .filter(({ status }) => status === 'finished')
    .flatMap(({ writes }) => writes);
}

/** Of each partition, up to the first record of a transaction that is not decided. */
function stableRecords(sink: SinkFrame): readonly SinkWrite[] {
  const unstable = new Set<number>();
  return sink.writes.filter(({ transaction, partition = 0 }) => {
    const status = sink.transactions.get(transaction) ?? 'committed';
    if (status === 'open' || status === 'prepared') unstable.add(partition);
    return status === 'committed' && !unstable.has(partition);
  });
}

/** In the order of commits; without isolation, in that of the writes. */
function committed(sink: SinkFrame, isolation: ReaderIsolation): readonly SinkWrite[] {
  if (isolation === 'read-uncommitted') {
    return sink.writes.filter(
      ({ transaction }) => sink.transactions.get(transaction) !== 'aborted',
    );
  }
  const byTransaction = new Map<number, SinkWrite[]>();
  for (const write of sink.writes) {
    const list = byTransaction.get(write.transaction);
    if (list === undefined) byTransaction.set(write.transaction, [write]);
    else list.push(write);
  }
  const single = byTransaction.get(-1) ?? [];
  return [...single, ...sink.commits.flatMap((id) => byTransaction.get(id) ?? [])];
}
