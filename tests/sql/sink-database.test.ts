import initSqlJs from 'sql.js';
import type { SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SinkTable, TableRow } from '#engine';
import { SinkDatabase } from '../../src/sql/sink-database.ts';
import type { QueryProblem, QueryRows } from '../../src/sql/sink-database.ts';
import { runSinking } from '../engine/connectors/sinking-job.ts';

let sqlite: SqlJsStatic;

beforeAll(async () => {
  sqlite = await initSqlJs();
});

function table(name: string, rows: readonly TableRow[], primaryKey: string[] = []): SinkTable {
  return { name, primaryKey, rows };
}

const BOARD = table(
  'board',
  [
    { origin: 'ATL', departures: 3, isLate: true },
    { origin: 'ORD', departures: 5, isLate: false },
  ],
  ['origin'],
);

function ask(sql: string, ...tables: SinkTable[]): QueryRows | QueryProblem {
  const database = new SinkDatabase(sqlite, tables.length === 0 ? [BOARD] : tables);
  const result = database.query(sql);
  database.close();
  return result;
}

/** Rows as text: `ATL 3 | ORD 5`; a problem as `problem → remedy`. */
function textOf(result: QueryRows | QueryProblem): string {
  if (!('rows' in result)) return `${result.problem} → ${result.remedy}`;
  return result.rows.map((row) => row.map(String).join(' ')).join(' | ');
}

describe('SQL over what sinks hold', () => {
  test('filters, groups, joins and orders', () => {
    expect(textOf(ask('SELECT origin FROM board WHERE departures > 3'))).toBe('ORD');
    expect(textOf(ask('SELECT sum(departures), count(*) FROM board'))).toBe('8 2');
    const names = table('airports', [{ code: 'ATL', city: 'Atlanta' }]);
    const join = 'SELECT city, departures FROM board JOIN airports ON code = origin';
    expect(textOf(ask(join, BOARD, names))).toBe('Atlanta 3');
  });

  test('works on every sink of a run', () => {
    const run = runSinking({
      partitions: ['a@1 b@1.2 a@1.4 b@3', 'a@1 c@1.1'],
      configuration: { 'execution.checkpointing.interval': 1000 },
    });
    const tables = Object.values(run.stores).flatMap((store) => store.tables());
    const database = new SinkDatabase(sqlite, tables);
    const query = (sql: string): string => textOf(database.query(sql));
    expect(query('SELECT key, count FROM upsert ORDER BY key')).toBe('a 3 | b 2 | c 1');
    expect(query('SELECT sum(count) FROM lake')).toBe('10');
    expect(query('SELECT operation FROM lake_history WHERE app_version = 1')).toBe(
      'STREAMING UPDATE',
    );
    expect(query('SELECT count(*) FROM ledger_ledger')).toBe(
      String(tables.find(({ name }) => name === 'ledger_ledger')?.rows.length),
    );
    expect(query('SELECT status, sum(row_count) FROM files_files GROUP BY status')).toBe(
      'finished 6',
    );
    // Nothing is lost on the way through transactions; only offsets differ, by the markers.
    const lost = 'SELECT key, count FROM plain EXCEPT SELECT key, count FROM topic';
    expect(query(lost)).toBe('');
    database.close();
  });

  test('hands over a thousand rows, and says that there are more', () => {
    const rows = Array.from({ length: 1500 }, (_, n) => ({ n }));
    const result = ask('SELECT n FROM many', table('many', rows));
    expect('rows' in result && [result.rows.length, result.isCut]).toEqual([1000, true]);
  });
});

describe('values', () => {
  const typesOf = (...values: TableRow[string][]): string => {
    const rows = values.map((v) => ({ v }));
    return textOf(ask('SELECT typeof(v), v FROM t', table('t', rows)));
  };

  test('keep their type: numbers, texts, null; booleans are 1 and 0', () => {
    expect(typesOf(1, 2 ** 53 - 1, null)).toBe('integer 1 | integer 9007199254740991 | null null');
    expect(typesOf(1, 0.5)).toBe('real 1 | real 0.5');
    expect(typesOf('1', '')).toBe('text 1 | text ');
    expect(typesOf(true, false)).toBe('integer 1 | integer 0');
  });

  test('that JSON lacks become what comes nearest', () => {
    expect(typesOf({ Number: 'Infinity' }, { Number: 'NaN' })).toBe('real Infinity | null null');
    expect(typesOf({ Date: 86_400_000 })).toBe('text 1970-01-02 00:00:00.000');
    const sum = ask("SELECT v || '' FROM t", table('t', [{ v: { BigInt: '9007199254740993' } }]));
    expect(textOf(sum)).toBe('9007199254740993');
  });

  test('that are nested are JSON, which SQL takes apart', () => {
    const rows = [{ flight: { from: 'ATL', legs: [1, 2] } }];
    const sql = "SELECT flight->>'from', flight->'legs'->>1 FROM t";
    expect(textOf(ask(sql, table('t', rows)))).toBe('ATL 2');
  });

  test('are absent where a row has no such field', () => {
    const rows: TableRow[] = [{ a: 1 }, { b: 2 }];
    expect(textOf(ask('SELECT a, b FROM t', table('t', rows)))).toBe('1 null | null 2');
  });
});

describe('names', () => {
  test('that SQL does not like can be quoted, and none leads out of its place', () => {
    const odd = table('my "board"; DROP', [{ 'window start': 1, select: 2 }]);
    const database = new SinkDatabase(sqlite, [odd]);
    expect(database.tables).toEqual([
      { name: 'my "board"; DROP', columns: ['window start', 'select'], rowCount: 1 },
    ]);
    const sql = 'SELECT "window start", "select" FROM "my ""board""; DROP"';
    expect(textOf(database.query(sql))).toBe('1 2');
    expect(database.query('')).toMatchObject({
      remedy: 'Ask for example: SELECT * FROM "my ""board""; DROP".',
    });
    database.close();
  });

  test('that are the same for SQLite get a number', () => {
    const database = new SinkDatabase(sqlite, [
      table('a', [{ key: 1, KEY: 2 }]),
      table('A', []),
      table('sqlite_x', [{ n: 1 }]),
    ]);
    expect(database.tables.map(({ name, columns }) => `${name}(${columns.join()})`)).toEqual([
      'a(key,KEY_2)',
      'A_2(value)',
      '_sqlite_x(n)',
    ]);
    database.close();
  });
});

describe('what is wrong with a query', () => {
  const CASES: readonly (readonly [string, string])[] = [
    ['SELECT * FROM bord', 'No such table: bord. → The tables are board.'],
    [
      'SELECT departure FROM board',
      'No such column: departure. → Columns are departures, isLate, origin.',
    ],
    [
      'SELECT origin FORM board',
      'Near "board": syntax error. → ' +
        'Look at what comes just before "board": a word, comma or bracket is wrong.',
    ],
    [
      'DELETE FROM board',
      'Attempt to write a readonly database. → ' +
        'The tables hold what the run has written: they can only be read. Use SELECT.',
    ],
    [
      'SELECT 1; SELECT 2',
      'There is more than one statement. → ' +
        'Ask one thing at a time: leave out what begins with "SELECT 2".',
    ],
    ['SELECT (1', 'Incomplete input. → The query ends too early: close its brackets and quotes.'],
    [
      'SELECT origin FROM board WHERE sum(departures) > 1',
      'Misuse of aggregate function sum(). → ' +
        'Conditions on aggregates go behind GROUP BY, into HAVING.',
    ],
    ['  -- nothing', 'There is no query. → Ask for example: SELECT * FROM board.'],
  ];

  test.each(CASES)('%s', (sql, expected) => {
    expect(textOf(ask(sql))).toBe(expected);
  });

  test('a comment or a semicolon at the end is none', () => {
    expect(textOf(ask('SELECT 1; -- done'))).toBe('1');
  });
});
