import type { Json, TableRow } from '#engine';

/**
 * Types of columns, by the names that Spark and Delta Lake use. What is nested is JSON text:
 * `string`.
 */
export type ColumnType = 'string' | 'long' | 'double' | 'boolean' | 'timestamp';

/** A column of a table. Every column may be null. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** What a column holds in a file. Longs and timestamps are 64 bits wide. */
export type CellValue = string | number | bigint | boolean | Date | null;

/**
 * The columns of all rows, in the order in which they first appear, with the narrowest type that
 * fits every value: whole numbers are `long`, others `double`, and what mixes is JSON text.
 */
export function columnsOf(rows: Iterable<TableRow>): readonly Column[] {
  const types = new Map<string, ColumnType | undefined>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      const before = types.get(name);
      types.set(name, value === null ? before : widen(before, typeOf(value)));
    }
  }
  return [...types].map(([name, type]) => ({ name, type: type ?? 'string' }));
}

/** A value as its column holds it. */
export function cellOf(value: Json | undefined, type: ColumnType): CellValue {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'boolean':
      return value as boolean;
    case 'double':
      return Number(tagged(value, 'Number') ?? tagged(value, 'BigInt') ?? value);
    case 'long':
      return BigInt((tagged(value, 'BigInt') ?? value) as string | number);
    case 'timestamp':
      return new Date(tagged(value, 'Date') as number);
    case 'string':
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

/** The engine writes what JSON lacks as an object with one field: its type. */
function tagged(value: Json, type: 'Number' | 'BigInt' | 'Date'): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = Object.keys(value);
  return fields.length === 1 ? (value as { readonly [field: string]: Json })[type] : undefined;
}

const LONG_MAX = 2n ** 63n - 1n;
/** The last moment that a JavaScript date can show. */
const DATE_MS_MAX = 8.64e15;

function typeOf(value: Json): ColumnType {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'long' : 'double';
  if (value === null || typeof value !== 'object') return 'string';
  if (tagged(value, 'Number') !== undefined) return 'double';
  const dateMs = tagged(value, 'Date');
  if (typeof dateMs === 'number' && Math.abs(dateMs) <= DATE_MS_MAX) return 'timestamp';
  const digits = tagged(value, 'BigInt');
  if (typeof digits !== 'string' || !/^-?\d+$/.test(digits)) return 'string';
  const whole = BigInt(digits);
  return whole <= LONG_MAX && whole >= -LONG_MAX - 1n ? 'long' : 'string';
}

function widen(before: ColumnType | undefined, next: ColumnType): ColumnType {
  if (before === undefined || before === next) return next;
  const isNumeric = [before, next].every((type) => type === 'long' || type === 'double');
  return isNumeric ? 'double' : 'string';
}
