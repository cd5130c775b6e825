import type { LakeTableExport } from '#engine';
import { columnsOf } from '../tables/column-types.ts';
import { toDeltaLog } from './delta-log.ts';
import type { LoggedFile } from './delta-log.ts';
import { LakeError } from './lake-error.ts';
import { statisticsOf, toParquet } from './parquet-files.ts';

/**
 * A lake table as the files of a real one, by path: Parquet data files, and the Delta Lake log that
 * names them. Files that a vacuum has deleted are named and missing, as they should be. What no
 * commit names is left out. Columns of partitions are in the directories' names, not in the files.
 * @throws LakeError for a table without a commit, or with a column that no lake would take.
 */
export function lakeFiles(table: LakeTableExport): ReadonlyMap<string, Uint8Array> {
  if (table.commits.length === 0) {
    throw new LakeError(
      'a table needs a commit before it can be read',
      `${table.name} with none`,
      'let a checkpoint complete: it commits what was written before it',
    );
  }
  const columns = columnsOf(table.files.flatMap(({ rows }) => rows));
  for (const { name } of columns) checkName(name);
  const inFiles = columns.filter(({ name }) => !table.partitionBy.includes(name));
  const paths = new Map<string, Uint8Array>();
  const logged = new Map<number, LoggedFile>();
  for (const file of table.files) {
    const bytes = toParquet(file.rows, inFiles);
    const statistics = statisticsOf(file.rows, inFiles);
    logged.set(file.file, { file, sizeBytes: bytes.length, statistics });
    if (!file.isDeleted) paths.set(checkPath(file.path), bytes);
  }
  for (const [name, text] of toDeltaLog(table, columns, logged)) {
    paths.set(`_delta_log/${name}`, new TextEncoder().encode(text));
  }
  return paths;
}

/** An experiment can come by link: no path may lead out of the table's directory. */
function checkPath(path: string): string {
  const parts = path.split('/');
  if (!parts.some((part) => part === '' || part === '.' || part === '..')) return path;
  throw new LakeError(
    'a data file must be inside of its table',
    JSON.stringify(path),
    'give partition columns values without slashes',
  );
}

/** Delta Lake refuses these characters unless columns are mapped to other names. */
function checkName(name: string): void {
  if (name !== '' && !/[ ,;{}()\n\t=]/.test(name)) return;
  throw new LakeError(
    'a column name must not be empty or contain any of " ,;{}()\\n\\t="',
    JSON.stringify(name),
    'rename the field of the row, for example to snake_case',
  );
}
