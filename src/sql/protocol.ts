import type { SinkTable } from '#engine';
import type { OpenedTable, QueryProblem, QueryRows, SqlCell } from './sink-database.ts';

/** What a page says to the worker that holds the database. Answers carry the request's number. */
export type SqlRequest =
  | { readonly type: 'open'; readonly id: number; readonly tables: readonly SinkTable[] }
  | { readonly type: 'query'; readonly id: number; readonly sql: string };

/** What it says back. */
export type SqlReply =
  | { readonly type: 'opened'; readonly id: number; readonly tables: readonly OpenedTable[] }
  | ({ readonly type: 'rows'; readonly id: number } & QueryRows)
  | ({ readonly type: 'problem'; readonly id: number } & QueryProblem);

/** A reply, checked where it arrives; undefined for anything else. */
export function checkReply(message: unknown): SqlReply | undefined {
  if (!isObject(message) || typeof message['id'] !== 'number') return undefined;
  switch (message['type']) {
    case 'opened': {
      const { tables } = message;
      const isRight = Array.isArray(tables) && tables.every(isOpenedTable);
      return isRight ? (message as unknown as SqlReply) : undefined;
    }
    case 'rows': {
      const { columns, rows, isCut } = message;
      const isRight =
        isTexts(columns) &&
        Array.isArray(rows) &&
        rows.every((row) => Array.isArray(row) && row.every(isCell)) &&
        typeof isCut === 'boolean';
      return isRight ? (message as unknown as SqlReply) : undefined;
    }
    case 'problem': {
      const { problem, remedy } = message;
      const isRight = typeof problem === 'string' && typeof remedy === 'string';
      return isRight ? (message as unknown as SqlReply) : undefined;
    }
    default:
      return undefined;
  }
}

function isObject(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isOpenedTable(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { name, columns, rowCount } = value;
  return typeof name === 'string' && isTexts(columns) && typeof rowCount === 'number';
}

function isCell(value: unknown): value is SqlCell {
  return value === null || typeof value === 'string' || typeof value === 'number';
}
