import type { Database, SqlJsStatic, SqlValue, Statement } from 'sql.js';
import type { SinkTable } from '#engine';
import { cellOf, columnsOf } from '../tables/column-types.ts';
import type { CellValue, Column, ColumnType } from '../tables/column-types.ts';
import { explainProblem } from './explain-problem.ts';

/** What a query gives: a row is a list of values, one for each column. */
export interface QueryRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlCell[])[];
  /** There are more rows than are handed over. */
  readonly isCut: boolean;
}

/** A value of a result. SQLite has no booleans: they are 1 and 0. */
export type SqlCell = string | number | null;

/** What is wrong with a query, and what to do about it. */
export interface QueryProblem {
  readonly problem: string;
  readonly remedy: string;
}

/** A table as it can be asked: names are SQLite's, which may differ from the sink's. */
export interface OpenedTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rowCount: number;
}

const ROWS_MAX = 1000;

const SQLITE_TYPES: { readonly [type in ColumnType]: string } = {
  string: 'TEXT',
  long: 'INTEGER',
  double: 'REAL',
  boolean: 'BOOLEAN',
  timestamp: 'TEXT',
};

/**
 * The tables of sinks in a database of their own, in memory, that can only be read. Whole numbers,
 * numbers, texts and null stay what they are; booleans become 1 and 0, dates texts that SQLite's
 * date functions read, and what is nested JSON text, which `->>` and `json_each` take apart.
 */
export class SinkDatabase {
  readonly tables: readonly OpenedTable[];
  readonly #database: Database;

  constructor(sqlite: SqlJsStatic, tables: readonly SinkTable[]) {
    this.#database = new sqlite.Database();
    const names = new Names();
    this.tables = tables.map((table) => this.#fill(names.take(tableName(table.name)), table));
    this.#database.run('PRAGMA query_only = ON');
  }

  /** One query; at most 1,000 of its rows are handed over. */
  query(sql: string): QueryRows | QueryProblem {
    let statement: Statement | undefined;
    try {
      const statements = this.#database.iterateStatements(sql);
      const first = statements.next();
      if (first.done) return { problem: 'There is no query.', remedy: this.#example() };
      statement = first.value;
      const rest = statements.getRemainingSQL().replace(/--.*|\/\*[^]*?\*\//g, '');
      if (/[^\s;]/.test(rest)) {
        const begin = rest.trim().slice(0, 20);
        const remedy = `Ask one thing at a time: leave out what begins with "${begin}".`;
        return { problem: 'There is more than one statement.', remedy };
      }
      return readRows(statement);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return explainProblem(message, this.tables);
    } finally {
      statement?.free();
    }
  }

  close(): void {
    this.#database.close();
  }

  #example(): string {
    const [first] = this.tables;
    return `Ask for example: SELECT * FROM ${quote(first?.name ?? 'board')}.`;
  }

  #fill(name: string, { rows, primaryKey }: SinkTable): OpenedTable {
    const fields = columnsOf(rows);
    // A table without rows has no columns yet, and SQLite needs one.
    const columns = fields.length === 0 ? EMPTY_COLUMNS : fields;
    const names = new Names();
    const columnNames = columns.map((column) => names.take(column.name));
    const definitions = columns.map(
      ({ type }, place) => `${quote(columnNames[place] as string)} ${SQLITE_TYPES[type]}`,
    );
    const key = keyClause(primaryKey, columns, columnNames);
    this.#database.run(`CREATE TABLE ${quote(name)} (${[...definitions, ...key].join(', ')})`);
    const places = columns.map(() => '?').join(', ');
    const insert = this.#database.prepare(`INSERT INTO ${quote(name)} VALUES (${places})`);
    this.#database.run('BEGIN');
    for (const row of rows) {
      insert.run(columns.map((column) => toSqlite(cellOf(row[column.name], column.type))));
    }
    this.#database.run('COMMIT');
    insert.free();
    return { name, columns: columnNames, rowCount: rows.length };
  }
}

const EMPTY_COLUMNS: readonly Column[] = [{ name: 'value', type: 'string' }];

function keyClause(
  primaryKey: readonly string[],
  columns: readonly Column[],
  columnNames: readonly string[],
): readonly string[] {
  const places = primaryKey.map((name) => columns.findIndex((column) => column.name === name));
  if (places.length === 0 || places.includes(-1)) return [];
  return [`PRIMARY KEY (${places.map((place) => quote(columnNames[place] as string)).join(', ')})`];
}

function readRows(statement: Statement): QueryRows {
  const rows: SqlCell[][] = [];
  let isCut = false;
  while (statement.step()) {
    if (rows.length === ROWS_MAX) {
      isCut = true;
      break;
    }
    rows.push(statement.get().map(fromSqlite));
  }
  return { columns: statement.getColumnNames(), rows, isCut };
}

/** 64-bit numbers go in as text: the column's type makes them numbers, without rounding. */
function toSqlite(cell: CellValue): string | number | null {
  if (typeof cell === 'bigint') return String(cell);
  if (typeof cell === 'boolean') return Number(cell);
  if (cell instanceof Date) return cell.toISOString().replace('T', ' ').replace('Z', '');
  return cell;
}

function fromSqlite(value: SqlValue): SqlCell {
  if (!(value instanceof Uint8Array)) return value;
  return `x'${Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')}'`;
}

/** `sqlite_` is SQLite's own. */
function tableName(name: string): string {
  return /^sqlite_/i.test(name) ? `_${name}` : name;
}

/** A name as SQL takes it, whatever is in it. */
export function quote(name: string): string {
  return /^[a-z_]\w*$/i.test(name) && !KEYWORDS.has(name.toLowerCase())
    ? name
    : `"${name.replaceAll('"', '""')}"`;
}

/** The keywords of SQLite that somebody may give a sink or a column as its name. */
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    'add all alter and as asc between by case check column commit constraint create cross ' +
    'current current_date current_time current_timestamp default delete desc distinct do ' +
    'drop else end escape except exists filter following for foreign from full group ' +
    'groups having in index inner insert intersect into is isnull join key last left like ' +
    'limit match natural not notnull null nulls of offset on or order outer over ' +
    'partition preceding primary range references right rollback row rows select set ' +
    'table then to transaction union unique update using values view when where window ' +
    'with without'
  ).split(' '),
);

/** SQLite takes `Key` and `key` for the same: the second gets a number. */
class Names {
  readonly #taken = new Set<string>();

  take(name: string): string {
    let free = name;
    for (let count = 2; this.#taken.has(free.toLowerCase()); count += 1) free = `${name}_${count}`;
    this.#taken.add(free.toLowerCase());
    return free;
  }
}
