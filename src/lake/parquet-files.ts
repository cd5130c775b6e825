import { parquetWriteBuffer } from 'hyparquet-writer';
import type { BasicType } from 'hyparquet-writer';
import type { TableRow } from '#engine';
import { cellOf } from '../tables/column-types.ts';
import type { CellValue, Column, ColumnType } from '../tables/column-types.ts';

const PARQUET_TYPES: { readonly [type in ColumnType]: BasicType } = {
  string: 'STRING',
  long: 'INT64',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
};

/** Rows as an Apache Parquet file, compressed with Snappy. Columns that a row lacks are null. */
export function toParquet(rows: readonly TableRow[], columns: readonly Column[]): Uint8Array {
  const columnData = columns.map(({ name, type }) => ({
    name,
    data: rows.map((row) => cellOf(row[name], type)),
    type: PARQUET_TYPES[type],
    nullable: true,
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: 'millrace' }));
}

/** What a reader may skip a file by: see the protocol's per-file statistics. */
export interface FileStatistics {
  readonly numRecords: number;
  readonly minValues: { readonly [column: string]: string | number | boolean };
  readonly maxValues: { readonly [column: string]: string | number | boolean };
  readonly nullCount: { readonly [column: string]: number };
}

/** Counts, and the bounds of columns whose values have an order that JSON can say. */
export function statisticsOf(
  rows: readonly TableRow[],
  columns: readonly Column[],
): FileStatistics {
  const minValues: Record<string, string | number | boolean> = {};
  const maxValues: Record<string, string | number | boolean> = {};
  const nullCount: Record<string, number> = {};
  for (const { name, type } of columns) {
    const cells = rows.map((row) => cellOf(row[name], type));
    nullCount[name] = cells.filter((cell) => cell === null).length;
    if (type !== 'long' && type !== 'double') continue;
    const numbers = cells.filter(isBounded).map(Number);
    if (numbers.length === 0 || numbers.length < cells.length - nullCount[name]) continue;
    minValues[name] = numbers.reduce((least, number) => Math.min(least, number));
    maxValues[name] = numbers.reduce((most, number) => Math.max(most, number));
  }
  return { numRecords: rows.length, minValues, maxValues, nullCount };
}

/** A number that JSON can write without rounding: bounds must not lie. */
function isBounded(cell: CellValue): cell is number | bigint {
  if (typeof cell === 'bigint') return Number.isSafeInteger(Number(cell));
  return typeof cell === 'number' && Number.isFinite(cell);
}
