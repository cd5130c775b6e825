import { describe, expect, test } from 'vitest';
import { ConfigError, Database, UniqueViolation, databaseSink } from '#engine';
import type { TableChange, TableWrite } from '#engine';

/** `a:1@7` puts n = 1 with version 7 under key a; `-a` takes key a away. */
function changes(text: string): TableChange[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word): TableChange => {
      if (word.startsWith('-')) return { row: { key: word.slice(1) }, change: 'delete' };
      const [, key = '', n = 0, version = 0] = /^(\w+):(-?\d+)(?:@(\d+))?$/.exec(word) ?? [];
      return { row: { key, n: Number(n), version: Number(version) }, change: 'put' };
    });
}

function databaseWith(write: TableWrite): Database {
  return new Database({ board: { primaryKey: ['key'], write } });
}

const UPSERT: TableWrite = { type: 'upsert' };
const INCREMENT: TableWrite = { type: 'increment', columns: ['n'] };

/** What is in the table, as `a=1 b=2`. */
function board(database: Database): string {
  return database
    .rows('board')
    .map(({ key, n }) => `${String(key)}=${String(n)}`)
    .join(' ');
}

function after(write: TableWrite, text: string): string {
  const database = databaseWith(write);
  const effects = database.transact('board', changes(text));
  return `${effects.join(' ')} → ${board(database)}`;
}

describe('a table takes a key that it has', () => {
  test('by replacing the row', () => {
    expect(after(UPSERT, 'a:1 b:2 a:3')).toBe('inserted inserted updated → a=3 b=2');
  });

  test('by replacing it with a newer version only', () => {
    const versioned: TableWrite = { type: 'versioned-upsert', version: 'version' };
    expect(after(versioned, 'a:1@5 a:2@4 a:3@5 a:4@6')).toBe('inserted older older updated → a=4');
  });

  test('by adding to its numbers', () => {
    expect(after(INCREMENT, 'a:1 a:2 b:5 a:-1')).toBe('inserted added inserted added → a=2 b=5');
  });

  test('by leaving the new row out', () => {
    const ignoring: TableWrite = { type: 'insert', onConflict: 'nothing' };
    expect(after(ignoring, 'a:1 a:2')).toBe('inserted ignored → a=1');
  });

  test('by giving the row back when it is told to delete', () => {
    expect(after(UPSERT, 'a:1 -a -b a:2')).toBe('inserted deleted absent inserted → a=2');
  });
});

describe('a transaction', () => {
  const insert: TableWrite = { type: 'insert', onConflict: 'fail' };

  test('that violates the primary key happens not at all', () => {
    const database = databaseWith(insert);
    database.transact('board', changes('a:1'));
    expect(() => database.transact('board', changes('b:2 a:3 c:4'))).toThrow(
      new UniqueViolation(
        'duplicate key value violates unique constraint "board_pkey": ' +
          'Key (key)=(a) already exists.',
      ),
    );
    expect(board(database)).toBe('a=1');
  });

  test('with a ledger is applied once, and again under another number', () => {
    const database = databaseWith(INCREMENT);
    const commit = (applicationId: string, batchId: number): boolean =>
      database.commitBatch({ applicationId, batchId }, 'board', changes('a:1')) !== undefined;
    const outcomes = [commit('q', 0), commit('q', 0), commit('q', 1), commit('other', 0)];
    expect(outcomes).toEqual([true, false, true, true]);
    expect(board(database)).toBe('a=3');
    expect(database.tables().map(({ name, rows }) => [name, rows.length])).toEqual([
      ['board', 1],
      ['board_ledger', 3],
    ]);
  });

  test('that fails leaves nothing in the ledger either', () => {
    const database = databaseWith(insert);
    const entry = { applicationId: 'q', batchId: 0 };
    expect(() => database.commitBatch(entry, 'board', changes('a:1 a:2'))).toThrow(UniqueViolation);
    expect(database.hasBatch(entry)).toBe(false);
    expect(database.commitBatch(entry, 'board', changes('a:1'))).toEqual(['inserted']);
  });
});

describe('bad use', () => {
  test('a table needs a primary key, and can count only in other columns', () => {
    expect(() => databaseSink({ name: 'board', primaryKey: [], write: UPSERT })).toThrow(
      new ConfigError(
        'table board must have a primary key',
        [],
        "name its columns: primaryKey: ['origin', 'windowStart']",
      ),
    );
    const write: TableWrite = { type: 'increment', columns: ['key'] };
    expect(() => databaseSink({ name: 'board', primaryKey: ['key'], write })).toThrow(
      /increment of table board must name columns that are not part of its primary key: got key/,
    );
  });

  test('a row without its key is told so', () => {
    const nameless: TableChange = { row: { n: 1 }, change: 'put' };
    expect(() => databaseWith(UPSERT).transact('board', [nameless])).toThrow(
      'a row must have a value for each column of the primary key: got no key in {"n":1}; ' +
        'give the row a field key, or choose another primary key',
    );
  });
});
