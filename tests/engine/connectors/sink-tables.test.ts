import { describe, expect, test } from 'vitest';
import {
  LakeStore,
  TraceReader,
  decodeTrace,
  encodeTrace,
  lakeExportAt,
  simulate,
  sinkTablesAt,
} from '#engine';
import type { ReaderIsolation, Run, SinkTable, TableRow } from '#engine';
import { countingScenario } from '../flink/counting-job.ts';
import { traceOf } from '../stream-notation.ts';
import { runSinking } from './sinking-job.ts';
import type { SinkingOptions } from './sinking-job.ts';

const OPTIONS: SinkingOptions = {
  partitions: ['a@1 b@1.2 a@1.4 b@3 a@5 c@6', 'a@1 c@1.1 b@2.5 a@4 b@7'],
  configuration: { 'execution.checkpointing.interval': 1000 },
  compaction: { smallerThanRows: 100, filesMin: 3, durationMs: 300 },
};
const CRASH = { type: 'job-manager-crash', when: { atMs: 2900 } } as const;

/** Rows as sorted texts; what only the system itself knows (offsets) is left out. */
function texts(rows: readonly TableRow[] | undefined): string[] {
  return (rows ?? [])
    .map(({ _partition, _offset, ...row }) => JSON.stringify(Object.entries(row).sort()))
    .sort();
}

function tablesAt(run: Run, row: number, isolation?: ReaderIsolation): readonly SinkTable[] {
  const trace = traceOf(run);
  return sinkTablesAt(trace, new TraceReader(trace).frameAt(row), isolation);
}

function tablesAtEnd(run: Run): readonly SinkTable[] {
  return tablesAt(run, traceOf(run).rowCount - 1);
}

const named = (tables: readonly SinkTable[], name: string): SinkTable | undefined =>
  tables.find((table) => table.name === name);

describe('what the sinks hold, by the trace alone', () => {
  test.each([
    ['without a failure', runSinking(OPTIONS)],
    ['after one', runSinking({ ...OPTIONS, faults: [CRASH] })],
    ['in plain sinks', simulate(countingScenario({ partitions: ['a@1 b@2 a@3'] }))],
  ])('is what they hold: %s', (_, run) => {
    const tables = tablesAtEnd(run);
    for (const [name, store] of Object.entries(run.stores)) {
      const [expected] = store.tables();
      const found = named(tables, name);
      expect([name, texts(found?.rows)]).toEqual([name, texts(expected?.rows)]);
    }
  });

  test('can be asked for every moment, and for every reader', () => {
    const run = runSinking(OPTIONS);
    const reader = new TraceReader(traceOf(run));
    const [commit = -1] = [reader.nextRow(-1, ['table-committed'])];
    const counts = (row: number, isolation: ReaderIsolation): number =>
      named(tablesAt(run, row, isolation), 'lake')?.rows.length ?? -1;
    expect(counts(commit - 1, 'read-committed')).toBe(0);
    expect(counts(commit - 1, 'read-uncommitted')).toBe(5);
    expect(counts(commit, 'read-committed')).toBe(5);
  });

  test('tells of files and versions', () => {
    const run = runSinking(OPTIONS);
    const tables = tablesAtEnd(run);
    const history = named(tables, 'lake_history');
    expect(history?.rows.length).toBe(run.stores['lake']?.tables()[2]?.rows.length);
    const live = named(tables, 'lake_files')?.rows.filter((row) => row['is_in_newest_version']);
    expect(live?.length).toBe(run.stores['lake']?.tables()[1]?.rows.length);
    expect(named(tables, 'files_files')?.rows.map((row) => row['status'])).toEqual([
      'finished',
      'finished',
      'finished',
    ]);
  });
});

describe('a lake table, by the trace alone', () => {
  test.each([
    ['without a failure', runSinking(OPTIONS)],
    ['after one', runSinking({ ...OPTIONS, faults: [CRASH] })],
  ])('is the one that was written: %s', (_, run) => {
    const store = run.stores['lake'];
    if (!(store instanceof LakeStore)) throw new Error('no lake');
    // As a page gets it: stored as bytes and read again.
    const trace = decodeTrace(encodeTrace(traceOf(run)));
    const frame = new TraceReader(trace).frameAt(trace.rowCount - 1);
    expect(lakeExportAt(trace, frame, 'lake')).toEqual(store.table.toExport());
    expect(lakeExportAt(trace, frame, 'topic')).toBeUndefined();
  });
});
