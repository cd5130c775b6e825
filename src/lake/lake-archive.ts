import { zipSync } from 'fflate';
import type { ZippableFile } from 'fflate';
import type { LakeTableExport } from '#engine';
import { lakeFiles } from './lake-files.ts';

/** A file to save: its name and its bytes. */
export interface LakeArchive {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * A lake table as a zip with one directory, which Spark, DuckDB, pandas and whatever else reads
 * Delta Lake tables can open. The same table gives the same bytes.
 * @throws LakeError for a table that can't be written as files.
 */
export function lakeArchive(table: LakeTableExport): LakeArchive {
  const directory = table.name.replace(/[^\w-]/g, '_');
  const entries = [...lakeFiles(table)].map(([path, bytes]): [string, ZippableFile] => {
    // Parquet is compressed already.
    const level = path.endsWith('.parquet') ? 0 : 6;
    return [`${directory}/${path}`, [bytes, { level, mtime: FIRST_TIME }]];
  });
  return { name: `${directory}.zip`, bytes: zipSync(Object.fromEntries(entries)) };
}

/** The first moment that a zip can name, in whatever zone its reader is. */
const FIRST_TIME = new Date(1980, 0, 1);
