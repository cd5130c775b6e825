import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LakeStore, LakeTable, appendTo, compact, days, deleteFrom } from '#engine';
import type { Json, TableRow } from '#engine';
import { lakeArchive } from '../../src/lake/lake-archive.ts';
import { lakeFiles } from '../../src/lake/lake-files.ts';
import { runSinking } from '../engine/connectors/sinking-job.ts';

const STARTED_MS = Date.UTC(2026, 0, 1);

/** DuckDB knows nothing of our code: it reads the Parquet files, and the log as JSON. */
let duckdb: DuckDBConnection;
let folder: string;

beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  folder = mkdtempSync(path.join(tmpdir(), 'lake-'));
});

afterAll(() => {
  duckdb.closeSync();
  rmSync(folder, { recursive: true });
});

/** Unpacks a table's archive into a directory of its own. */
function unpack(table: LakeTable): string {
  const { name, bytes } = lakeArchive(table.toExport());
  const into = mkdtempSync(path.join(folder, 'table-'));
  for (const [file, content] of Object.entries(unzipSync(bytes))) {
    const target = path.join(into, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  return path.join(into, name.replace('.zip', ''));
}

async function ask(sql: string): Promise<Record<string, unknown>[]> {
  const reader = await duckdb.runAndReadAll(sql);
  return reader.getRowObjectsJson();
}

/** Paths of the files of a version, by the log alone: added, and not removed later. */
async function liveFiles(directory: string, version: number): Promise<string[]> {
  const found = await ask(`
    WITH actions AS (
      SELECT CAST(regexp_extract(filename, '(\\d+)\\.json$', 1) AS BIGINT) AS version,
             json->>'$.add.path' AS added, json->>'$.remove.path' AS removed
      FROM read_ndjson_objects('${directory}/_delta_log/*.json', filename = true)
    )
    SELECT added FROM actions a
    WHERE added IS NOT NULL AND version <= ${version} AND NOT EXISTS (
      SELECT 1 FROM actions r
      WHERE r.removed = a.added AND r.version <= ${version} AND r.version >= a.version)
    ORDER BY added`);
  return found.map(({ added }) => decodeURIComponent(String(added)));
}

/** The rows of a version, as DuckDB finds them in the files that the log names. */
async function readVersion(directory: string, version: number): Promise<TableRow[]> {
  const files = await liveFiles(directory, version);
  if (files.length === 0) return [];
  const list = files.map((file) => `'${directory}/${file}'`).join(', ');
  const rows = await ask(`
    SELECT * EXCLUDE (filename), regexp_extract(filename, 'day=([^/]*)/', 1) AS day
    FROM read_parquet([${list}], filename = true, hive_partitioning = false)`);
  return rows as TableRow[];
}

/** Rows as texts, sorted: DuckDB gives 64-bit numbers as text, and files in any order. */
function texts(rows: readonly TableRow[]): string[] {
  return rows.map((row) => `${String(row['day'])}${String(row['n'])}`).sort();
}

function dayRows(text: string): TableRow[] {
  return text.split(' ').map((word) => ({ day: word.slice(0, 1), n: Number(word.slice(1)) }));
}

/** Five versions: two batches, a compaction, a delete and another append. */
function storiedTable(): LakeTable {
  const table = new LakeTable({ name: 'flights', partitionBy: ['day'] });
  const atMs = (version: number): number => STARTED_MS + version * 1000;
  ['a1 a2 b1', 'a3 b2'].forEach((text, version) => {
    const txn = { appId: 'query', version };
    const batch = appendTo(table, dayRows(text), { nowMs: atMs(version), txn });
    table.commit(batch, atMs(version));
  });
  const compaction = compact(table, { nowMs: atMs(2), smallerThanRows: 10 });
  if (compaction !== undefined) table.commit(compaction.transaction, atMs(2));
  table.commit(
    deleteFrom(table, ({ n }) => n === 2, atMs(3)),
    atMs(3),
  );
  table.commit(appendTo(table, dayRows('c7'), { nowMs: atMs(4) }), atMs(4));
  return table;
}

describe('a downloaded table, read by DuckDB', () => {
  test('has the rows of every version, by its log', async () => {
    const table = storiedTable();
    const directory = unpack(table);
    for (const { version } of table.commits) {
      const rows = texts(await readVersion(directory, version));
      expect([version, rows]).toEqual([version, texts(table.rows(version))]);
    }
    expect(texts(table.rows())).toEqual(['a1', 'a3', 'b1', 'c7']);
  });

  test('has more in its files than in its newest version: the log decides', async () => {
    const directory = unpack(storiedTable());
    const [all] = await ask(`SELECT count(*) AS n FROM read_parquet('${directory}/*/*.parquet')`);
    expect(Number(all?.['n'])).toBeGreaterThan(4);
  });

  test('keeps the types of columns, and null', async () => {
    const table = new LakeTable({ name: 'types' });
    const rows: TableRow[] = [
      { whole: 1, half: 0.5, yes: true, text: 'é', at: { Date: STARTED_MS }, list: ['x', 1] },
      { whole: 2 ** 40, half: 2, yes: false, text: null, list: { deep: { er: null } } },
    ];
    table.commit(appendTo(table, rows, { nowMs: STARTED_MS }), STARTED_MS);
    const directory = unpack(table);
    const found = await ask(`SELECT * FROM '${directory}/*.parquet'`);
    expect(found).toEqual([
      {
        ...{ whole: '1', half: 0.5, yes: true, text: 'é' },
        ...{ at: '2026-01-01 00:00:00', list: '["x",1]' },
      },
      {
        ...{ whole: String(2 ** 40), half: 2, yes: false, text: null },
        ...{ at: null, list: '{"deep":{"er":null}}' },
      },
    ]);
    const types = await ask(`DESCRIBE SELECT * FROM '${directory}/*.parquet'`);
    expect(types.map((row) => row['column_type'])).toEqual([
      ...['BIGINT', 'DOUBLE', 'BOOLEAN', 'VARCHAR', 'TIMESTAMP', 'VARCHAR'],
    ]);
  });

  test('of a run has what the sink shows', async () => {
    const run = runSinking({
      partitions: ['a@1 b@1.2 a@1.4 b@3 a@5 c@6', 'a@1 c@1.1 b@2.5 a@4 b@7'],
      configuration: { 'execution.checkpointing.interval': 1000 },
      compaction: { smallerThanRows: 100, filesMin: 3, durationMs: 300 },
      faults: [{ type: 'job-manager-crash', when: { atMs: 4500 } }],
    });
    const store = run.stores['lake'];
    if (!(store instanceof LakeStore)) throw new Error('no lake');
    const directory = unpack(store.table);
    const files = await liveFiles(directory, store.table.version);
    const list = files.map((file) => `'${directory}/${file}'`).join(', ');
    const [sums] = await ask(`SELECT count(*) AS n, sum(count) AS s FROM read_parquet([${list}])`);
    expect([Number(sums?.['n']), Number(sums?.['s'])]).toEqual([11, 28]);
  });
});

describe('the log', () => {
  const actionsOf = (table: LakeTable, version: number): { readonly [action: string]: Json }[] => {
    const name = `_delta_log/${String(version).padStart(20, '0')}.json`;
    const text = new TextDecoder().decode(lakeFiles(table.toExport()).get(name));
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  };

  test('begins with protocol and schema, and marks the batches of an application', () => {
    const table = storiedTable();
    const [info, protocol, metaData, txn, add] = actionsOf(table, 0);
    expect(info).toMatchObject({ commitInfo: { isBlindAppend: true, operation: 'WRITE' } });
    expect(protocol).toEqual({ protocol: { minReaderVersion: 1, minWriterVersion: 2 } });
    expect(metaData).toMatchObject({
      metaData: { partitionColumns: ['day'], format: { provider: 'parquet', options: {} } },
    });
    expect(txn).toEqual({ txn: { appId: 'query', version: 0, lastUpdated: STARTED_MS } });
    expect(add).toMatchObject({
      add: { path: 'day=a/part-00000.parquet', partitionValues: { day: 'a' }, dataChange: true },
    });
  });

  test('of a compaction changes no data', () => {
    const [, ...actions] = actionsOf(storiedTable(), 2);
    const changes = actions.flatMap((action) => Object.values(action));
    expect(changes).toHaveLength(6);
    for (const change of changes) expect(change).toMatchObject({ dataChange: false });
  });

  test('names files whose partition says what a path may not', () => {
    const table = new LakeTable({ name: 'odd', partitionBy: ['day'] });
    const odd = [
      { day: '../a b#?%', n: 1 },
      { day: null, n: 2 },
    ];
    table.commit(appendTo(table, odd, { nowMs: 0 }), 0);
    const paths = [...lakeFiles(table.toExport()).keys()];
    expect(paths.slice(0, 2)).toEqual([
      'day=..%2Fa b%23%3F%25/part-00000.parquet',
      'day=__HIVE_DEFAULT_PARTITION__/part-00001.parquet',
    ]);
    const [, , , add] = actionsOf(table, 0);
    expect(add).toMatchObject({
      add: {
        path: 'day=..%252Fa%20b%2523%253F%2525/part-00000.parquet',
        partitionValues: { day: '../a b#?%' },
      },
    });
  });

  test('names what a vacuum has deleted; the files are gone', () => {
    const table = storiedTable();
    const before = [...lakeFiles(table.toExport()).keys()];
    const gone = table.vacuum({ nowMs: STARTED_MS + days(8) });
    const after = [...lakeFiles(table.toExport()).keys()];
    expect(before.length - after.length).toBe(gone.length);
    expect(actionsOf(table, 0).filter((action) => 'add' in action)).toHaveLength(2);
  });
});

describe('what can not be written', () => {
  test('is a table without a commit', () => {
    expect(() => lakeFiles(new LakeTable({ name: 'empty' }).toExport())).toThrow(
      'a table needs a commit before it can be read: got empty with none; ' +
        'let a checkpoint complete: it commits what was written before it',
    );
  });

  test('is a column whose name Parquet would not take', () => {
    const table = new LakeTable({ name: 'odd' });
    table.commit(appendTo(table, [{ 'window start': 1 }], { nowMs: 0 }), 0);
    expect(() => lakeFiles(table.toExport())).toThrow(
      'a column name must not be empty or contain any of " ,;{}()\\n\\t=": got "window start"; ' +
        'rename the field of the row, for example to snake_case',
    );
  });

  test('is a file outside of the table', () => {
    const exported = storiedTable().toExport();
    const files = exported.files.map((file) => ({ ...file, path: '../../startup.sh' }));
    expect(() => lakeFiles({ ...exported, files })).toThrow(
      'a data file must be inside of its table: got "../../startup.sh"',
    );
  });
});

test('the same table gives the same bytes', () => {
  const [one, two] = [storiedTable(), storiedTable()].map((table) => lakeArchive(table.toExport()));
  expect(one).toEqual(two);
});
