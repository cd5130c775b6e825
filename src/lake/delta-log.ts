import type { DataFile, Json, LakeTableExport, TableCommit } from '#engine';
import { cellOf } from '../tables/column-types.ts';
import type { Column } from '../tables/column-types.ts';
import { LakeError } from './lake-error.ts';
import type { FileStatistics } from './parquet-files.ts';

/** A data file as the log names it. */
export interface LoggedFile {
  readonly file: DataFile;
  readonly sizeBytes: number;
  readonly statistics: FileStatistics;
}

/**
 * The commits of a table as the files of a Delta Lake log, by name: one JSON object a line. Follows
 * the Delta Transaction Log Protocol, reader version 1 and writer version 2: `protocol`,
 * `metaData`, `add`, `remove`, `txn`, `commitInfo`.
 */
export function toDeltaLog(
  table: LakeTableExport,
  columns: readonly Column[],
  files: ReadonlyMap<number, LoggedFile>,
): ReadonlyMap<string, string> {
  return new Map(
    table.commits.map((commit) => {
      const name = `${String(commit.version).padStart(20, '0')}.json`;
      const actions = [
        commitInfo(commit, table),
        ...(commit.version === 0 ? [PROTOCOL, metaData(table, columns, commit.timestampMs)] : []),
        ...(commit.txn === null ? [] : [txn(commit.txn, commit.timestampMs)]),
        ...commit.removed.map((file) => remove(file, commit, columns, files)),
        ...commit.added.map((file) => add(file, commit, columns, files)),
      ];
      return [name, actions.map((action) => `${JSON.stringify(action)}\n`).join('')];
    }),
  );
}

/** The path of a data file as a URI, relative to the table. */
export function uriOf(path: string): string {
  return encodeURI(path).replaceAll('#', '%23').replaceAll('?', '%3F');
}

const PROTOCOL = { protocol: { minReaderVersion: 1, minWriterVersion: 2 } };

function metaData(
  { name, partitionBy }: LakeTableExport,
  columns: readonly Column[],
  createdTime: number,
): Json {
  const fields = columns.map((column) => ({ ...column, nullable: true, metadata: {} }));
  return {
    metaData: {
      id: idOf(name),
      name,
      format: { provider: 'parquet', options: {} },
      schemaString: JSON.stringify({ type: 'struct', fields }),
      partitionColumns: partitionBy,
      configuration: {},
      createdTime,
    },
  };
}

/** The same table has the same id: a UUID of version 8, made of its name. */
function idOf(name: string): string {
  let hash = 0x811c9dc5;
  const words = Array.from({ length: 4 }, (_, place) => {
    for (const character of `${place}${name}`) {
      hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    }
    return hash.toString(16).padStart(8, '0');
  });
  const text = words.join('');
  const parts = [text.slice(0, 8), text.slice(8, 12), `8${text.slice(13, 16)}`];
  return [...parts, `8${text.slice(17, 20)}`, text.slice(20)].join('-');
}

function commitInfo(commit: TableCommit, { isolation }: LakeTableExport): Json {
  const { timestampMs, operation, readVersion, isBlindAppend, dataChange, txn: batch } = commit;
  const tableLevel = isolation === 'serializable' ? 'Serializable' : 'WriteSerializable';
  const streaming: Json =
    batch === null
      ? {}
      : { outputMode: 'Append', queryId: batch.appId, epochId: String(batch.version) };
  return {
    commitInfo: {
      timestamp: timestampMs,
      operation,
      operationParameters: streaming,
      ...(readVersion < 0 ? {} : { readVersion }),
      isolationLevel: dataChange ? tableLevel : 'SnapshotIsolation',
      isBlindAppend,
      engineInfo: 'Millrace',
    },
  };
}

function txn(
  batch: { readonly appId: string; readonly version: number },
  lastUpdated: number,
): Json {
  return { txn: { ...batch, lastUpdated } };
}

function add(
  file: number,
  { dataChange }: TableCommit,
  columns: readonly Column[],
  files: ReadonlyMap<number, LoggedFile>,
): Json {
  const logged = loggedFile(file, files);
  const { path, writtenMs } = logged.file;
  return {
    add: {
      path: uriOf(path),
      partitionValues: partitionValues(logged.file, columns),
      size: logged.sizeBytes,
      modificationTime: writtenMs,
      dataChange,
      stats: JSON.stringify(logged.statistics),
    },
  };
}

function remove(
  file: number,
  { timestampMs, dataChange }: TableCommit,
  columns: readonly Column[],
  files: ReadonlyMap<number, LoggedFile>,
): Json {
  const logged = loggedFile(file, files);
  return {
    remove: {
      path: uriOf(logged.file.path),
      deletionTimestamp: timestampMs,
      dataChange,
      extendedFileMetadata: true,
      partitionValues: partitionValues(logged.file, columns),
      size: logged.sizeBytes,
    },
  };
}

function loggedFile(file: number, files: ReadonlyMap<number, LoggedFile>): LoggedFile {
  const logged = files.get(file);
  if (logged !== undefined) return logged;
  throw new LakeError(
    'a commit must name files of the table',
    `file ${file}`,
    'export the table again: this one is not whole',
  );
}

/** Values of partitions as text: the protocol's serialization of each type. */
function partitionValues({ partition }: DataFile, columns: readonly Column[]): Json {
  const entries = Object.entries(partition).map(([name, value]): [string, Json] => {
    const type = columns.find((column) => column.name === name)?.type ?? 'string';
    const cell = cellOf(value, type);
    // An empty text and no value are the same in a directory's name, and so in the log.
    if (cell === null || cell === '') return [name, null];
    return [name, cell instanceof Date ? cell.toISOString() : String(cell)];
  });
  return Object.fromEntries(entries);
}
