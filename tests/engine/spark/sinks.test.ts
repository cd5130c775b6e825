import { describe, expect, test } from 'vitest';
import { LakeStore, TraceReader, checkRunInvariants, lakeExportAt, visibleWrites } from '#engine';
import type { LakeTable } from '#engine';
import { CRASH_POINTS, col, count, simulateMicroBatches, window } from '#engine/spark';
import type {
  BatchFault,
  DataStreamWriter,
  ExternalTable,
  MicroBatchRun,
  Row,
  SparkSession,
} from '#engine/spark';
import { ITEM, rowText, scenarioOf } from './batch-notation.ts';

const INPUT = 'a@1 b@2 a@4 | b@12 a@8 | a@9 b@17 | a@3 b@25 | a@31 | b@60 |';

/** Counts per key and window, written as `start` says. */
function run(
  start: (writer: DataStreamWriter<Row>) => void,
  faults: readonly BatchFault[] = [],
): MicroBatchRun {
  const query = (spark: SparkSession): void => {
    const counted = spark.readStream
      .schema(ITEM)
      .load('in')
      .withWatermark('time', '5 seconds')
      .groupBy(window(col('time'), '10 seconds'), 'key')
      .agg(count().as('count'));
    start(counted.writeStream as unknown as DataStreamWriter<Row>);
  };
  const options = { faults, pace: 'always waiting', trace: 'full' } as const;
  return simulateMicroBatches(scenarioOf({ in: INPUT }, query, options));
}

function lakeOf({ stores }: MicroBatchRun): LakeTable {
  const [store] = Object.values(stores);
  if (!(store instanceof LakeStore)) throw new Error('no lake');
  return store.table;
}

const toLake = (writer: DataStreamWriter<Row>): void =>
  writer.format('delta').partitionBy('key').queryName('board').start();
const toMemory = (writer: DataStreamWriter<Row>): void => writer.start();

const texts = (rows: readonly Row[]): string[] => rows.map(rowText).sort();
const lakeTexts = (table: LakeTable, version?: number): string[] =>
  texts(table.rows(version) as readonly Row[]);

describe('a lake table', () => {
  const plain = run(toLake);
  const batchIds = plain.progress.map(({ batchId }) => batchId);

  test('has each batch with rows in a commit of its own, with its number', () => {
    const table = lakeOf(plain);
    expect(lakeTexts(table)).toEqual(texts(run(toMemory).rows));
    expect(table.commits.map(({ txn }) => txn?.version)).toEqual(batchIds);
    expect(table.commits.every(({ txn }) => txn?.appId === 'board')).toBe(true);
  });

  test('has each batch once after a crash at every arrow, and its reader sees no other', () => {
    let repeatCount = 0;
    for (const batchId of batchIds) {
      for (const at of CRASH_POINTS) {
        const struck = run(toLake, [{ type: 'driver-failure', batchId, at }]);
        const place = `batch ${batchId}, ${at}`;
        const table = lakeOf(struck);
        expect([place, new Set(lakeTexts(table)).size]).toEqual([place, table.rows().length]);
        const ids = table.commits.map(({ txn }) => txn?.version);
        expect([place, ids]).toEqual([place, [...new Set(ids)]]);
        const { trace } = struck;
        if (trace === undefined) throw new Error('not traced');
        const frame = new TraceReader(trace).frameAt(trace.rowCount - 1);
        const [info, sink] = [trace.header.sinks[0], frame.sinks[0]];
        if (info === undefined || sink === undefined) throw new Error('no sink');
        const seen = visibleWrites(info, sink, 'read-committed').map(({ value }) => value as Row);
        expect([place, texts(seen)]).toEqual([place, lakeTexts(table)]);
        expect([place, checkRunInvariants(trace)]).toEqual([place, []]);
        expect([place, lakeExportAt(trace, frame, 'board')]).toEqual([place, table.toExport()]);
        repeatCount += struck.sinkBatches.filter(({ isSkipped }) => isSkipped).length;
      }
    }
    expect(repeatCount).toBeGreaterThan(0);
  });

  test('takes the files of one attempt of a task; those of others stay in storage unseen', () => {
    const [batchId = 0] = batchIds.filter((id) => (plain.sinkBatches[id]?.rows.length ?? 0) > 0);
    const struck = [0, 1, 2, 3].map((partition) =>
      lakeOf(run(toLake, [{ type: 'task-failure', batchId, partition, times: 2 }])),
    );
    for (const table of struck) expect(lakeTexts(table)).toEqual(lakeTexts(lakeOf(plain)));
    const orphans = struck.map((table) => table.storedFiles().length - table.snapshot().length);
    expect(Math.max(...orphans)).toBeGreaterThan(0);
  });

  test('in complete mode is replaced by each batch, and older versions can be read', () => {
    const complete = (writer: DataStreamWriter<Row>): void => toLake(writer.outputMode('complete'));
    const table = lakeOf(run(complete));
    const memory = run((writer) => writer.outputMode('complete').start());
    memory.sinkBatches.forEach(({ rows }, version) => {
      expect([version, lakeTexts(table, version)]).toEqual([version, texts(rows)]);
    });
  });

  test('refuses what Delta Lake refuses', () => {
    expect(() => run((writer) => toLake(writer.outputMode('update')))).toThrow(
      'Data source delta does not support Update output mode: got update; ' +
        'use append or complete mode, or merge the rows in foreachBatch()',
    );
    expect(() => run((writer) => writer.format('kafka').partitionBy('key').start())).toThrow(
      'directories by partition are modelled for lake tables only: got partitionBy(key) with ' +
        "kafka; use format('delta'), or leave partitionBy out",
    );
  });
});

describe('a table that foreachBatch writes to', () => {
  const toTable =
    (write: (rows: readonly Row[], id: number, table: ExternalTable) => void) =>
    (writer: DataStreamWriter<Row>): void =>
      writer
        .outputMode('update')
        .foreachBatch((rows, id, table) => write(rows, id, table('out')))
        .start();
  // The last batch with rows: after it, no batch holds other rows for having run later.
  const struck: BatchFault[] = [{ type: 'driver-failure', batchId: 5, at: 'sink-committed' }];
  const total = (found: MicroBatchRun): number =>
    (found.tables['out'] ?? []).reduce((sum, row) => sum + Number(row['count']), 0);

  test('counts a batch twice that runs again, unless its id is in the same transaction', () => {
    const add = toTable((rows, _id, table) => table.increment(['key'], 'count', rows));
    expect(total(run(add, struck))).toBeGreaterThan(total(run(add)));
    const once = toTable((rows, id, table) => {
      table.commitBatch(id, () => table.increment(['key'], 'count', rows));
    });
    expect(total(run(once, struck))).toBe(total(run(once)));
    const tables = run(once, struck).stores['out']?.tables() ?? [];
    expect(tables.map(({ name }) => name)).toEqual(['out', 'out_ledger']);
  });

  test('is as before when its transaction fails in the middle', () => {
    const failing = toTable((rows, id, table) => {
      table.commitBatch(id, () => {
        table.insert(rows);
        if (id === 1) throw new Error('no more space');
      });
    });
    const found = run(failing);
    expect(found.failure?.message).toBe('no more space');
    expect(texts(found.tables['out'] ?? [])).toEqual(texts(found.sinkBatches[0]?.rows ?? []));
    expect(found.stores['out']?.tables()[1]?.rows).toEqual([{ batch_id: 0 }]);
  });

  test('takes only newer versions, in whatever order they come', () => {
    const newer = toTable((rows, _id, table) => {
      table.upsertNewer(['key', 'window'], 'count', [...rows].reverse());
      table.upsertNewer(
        ['key', 'window'],
        'count',
        rows.map((row) => ({ ...row, count: 0 })),
      );
    });
    const plain = toTable((rows, _id, table) => table.upsert(['key', 'window'], rows));
    expect(texts(run(newer, struck).tables['out'] ?? [])).toEqual(
      texts(run(plain).tables['out'] ?? []),
    );
  });
});
