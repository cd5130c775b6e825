import { describe, expect, test } from 'vitest';
import {
  LakeStore,
  TraceReader,
  checkRunInvariants,
  explainOutput,
  visibleRows,
  visibleWrites,
} from '#engine';
import type { ReaderIsolation, Run, TraceEvent, TraceKind } from '#engine';
import { traceOf } from '../stream-notation.ts';
import { found, runSinking, tableText } from './sinking-job.ts';
import type { Counted, SinkingOptions } from './sinking-job.ts';

const OPTIONS: SinkingOptions = {
  partitions: ['a@1 b@1.2 a@1.4 b@3 a@5 c@6', 'a@1 c@1.1 b@2.5 a@4 b@7'],
  configuration: { 'execution.checkpointing.interval': 1000 },
  compaction: { smallerThanRows: 100, filesMin: 3, durationMs: 300 },
};

/** Records once each, as a counting job numbers them. */
const EVERY_ROW = 'a=1 a=2 a=3 a=4 a=5 b=1 b=2 b=3 b=4 c=1 c=2';
const NEWEST_ROWS = 'a=5 b=4 c=2';
const SUMS = 'a=15 b=10 c=3';

const EXACT: { readonly [sink: string]: string } = {
  topic: EVERY_ROW,
  files: EVERY_ROW,
  lake: EVERY_ROW,
  ledger: SUMS,
  upsert: NEWEST_ROWS,
  versioned: NEWEST_ROWS,
  dashboard: NEWEST_ROWS,
};

function events(run: Run, kind: TraceKind, sink: string): TraceEvent[] {
  const trace = traceOf(run);
  const reader = new TraceReader(trace);
  const index = trace.header.sinks.findIndex(({ name }) => name === sink);
  const list: TraceEvent[] = [];
  for (let row = reader.nextRow(-1, [kind]); row !== -1; row = reader.nextRow(row, [kind])) {
    const event = reader.event(row);
    if (event.c === index) list.push(event);
  }
  return list;
}

/** What a reader of a sink sees after a fact. */
function seen(run: Run, sink: string, isolation: ReaderIsolation, row: number): string {
  const trace = traceOf(run);
  const frame = new TraceReader(trace).frameAt(row);
  const index = trace.header.sinks.findIndex(({ name }) => name === sink);
  const [info, sinkFrame] = [trace.header.sinks[index], frame.sinks[index]];
  if (info === undefined || sinkFrame === undefined) throw new Error(`no sink ${sink}`);
  const rows =
    info.table === undefined
      ? visibleWrites(info, sinkFrame, isolation).map(({ value }) => value)
      : visibleRows(info, sinkFrame, isolation);
  const texts = rows.map((each) => each as unknown as Counted);
  return texts
    .map(({ key, count }) => `${key}=${count}`)
    .sort()
    .join(' ');
}

describe('without a failure', () => {
  const run = runSinking(OPTIONS);

  test('every sink ends with the same rows', () => {
    for (const sink of Object.keys(EXACT))
      expect([sink, tableText(run, sink)]).toEqual([sink, EXACT[sink]]);
    expect([tableText(run, 'plain'), tableText(run, 'increment')]).toEqual([EVERY_ROW, SUMS]);
  });

  test('a row is visible at once, or when its checkpoint is complete, by who looks', () => {
    const [first] = events(run, 'sink-written', 'lake');
    const [commit] = events(run, 'table-committed', 'lake');
    const [before, after] = [(commit?.row ?? 0) - 1, commit?.row ?? 0];
    expect(seen(run, 'lake', 'read-committed', first?.row ?? 0)).toBe('');
    expect(seen(run, 'lake', 'read-uncommitted', first?.row ?? 0)).toBe('a=1');
    expect(seen(run, 'lake', 'read-committed', before)).toBe('');
    expect(seen(run, 'lake', 'read-committed', after)).toBe('a=1 a=2 a=3 b=1 c=1');
    expect(seen(run, 'topic', 'read-uncommitted', before)).toBe('a=1 a=2 a=3 b=1 c=1');
  });

  test('a compaction makes one file of three, and somebody who lists files sees rows twice', () => {
    const history = run.stores['lake']?.tables()[2]?.rows.map((row) => row['operation']);
    expect(history?.filter((operation) => operation === 'OPTIMIZE')).toHaveLength(1);
    const { rowCount } = traceOf(run);
    expect(seen(run, 'lake', 'read-committed', rowCount - 1)).toBe(EVERY_ROW);
    const listed = seen(run, 'lake', 'read-uncommitted', rowCount - 1).split(' ');
    expect(listed.length).toBeGreaterThan(EVERY_ROW.split(' ').length);
  });

  test('is told in words', () => {
    const reader = new TraceReader(traceOf(run));
    const told = (['file-opened', 'file-closed', 'table-committed'] as const).map((kind) => {
      const [event] = events(run, kind, 'lake');
      return event === undefined ? '' : reader.narrate(event.row);
    });
    expect(told).toEqual([
      'lake: Writer-1 begins file key=a/part-00000.parquet of lake.',
      'lake: Writer-0 closes file 1 of lake with 1 row: it is pending.',
      'lake has version 0 now (STREAMING UPDATE): 3 files more.',
    ]);
  });

  test('every write can be asked why it is there', () => {
    const [write] = events(run, 'sink-written', 'lake').slice(-1);
    const reader = new TraceReader(traceOf(run));
    expect(explainOutput(reader, write?.row ?? -1).records.length).toBeGreaterThan(0);
  });
});

describe('after a crash at every single step', () => {
  test('exact sinks are exact, for every reader; the others show why that needs work', () => {
    const straight = runSinking(OPTIONS);
    const wrong = { plain: 0, increment: 0 };
    let conflictCount = 0;
    for (let step = 1; step <= straight.stepCount; step += 1) {
      for (const taskManager of [0, 1]) {
        const when = { afterStep: step };
        const run = runSinking({
          ...OPTIONS,
          faults: [{ type: 'task-manager-crash', taskManager, when }],
        });
        const place = `crash of task manager ${taskManager} after step ${step}`;
        expect([place, run.outcome]).toEqual([place, 'finished']);
        expect([place, checkRunInvariants(traceOf(run))]).toEqual([place, []]);
        for (const [sink, expected] of Object.entries(EXACT)) {
          expect([place, sink, tableText(run, sink)]).toEqual([place, sink, expected]);
        }
        const last = traceOf(run).rowCount - 1;
        for (const sink of ['topic', 'files', 'lake']) {
          expect([place, seen(run, sink, 'read-committed', last)]).toEqual([place, EVERY_ROW]);
        }
        expect([place, seen(run, 'ledger', 'read-committed', last)]).toEqual([place, SUMS]);
        wrong.plain += Number(found(run, 'plain') !== EVERY_ROW);
        wrong.increment += Number(tableText(run, 'increment') !== SUMS);
        conflictCount += events(run, 'table-commit-failed', 'lake').length;
      }
    }
    // A replay writes again what was written before the crash.
    expect(wrong.plain).toBeGreaterThan(20);
    expect(wrong.increment).toBe(wrong.plain);
    expect(conflictCount).toBe(0);
  });

  test('a commit that was made and not heard of is made again, and changes nothing', () => {
    const straight = runSinking(OPTIONS);
    const again = { lake: 0, topic: 0, ledger: 0 };
    for (let step = 1; step <= straight.stepCount; step += 1) {
      const crash = { type: 'job-manager-crash', when: { afterStep: step } } as const;
      const run = runSinking({ ...OPTIONS, faults: [crash] });
      const repeats = (kind: TraceKind, sink: string): number =>
        events(run, kind, sink).filter(({ b }) => b === 1).length;
      again.lake += repeats('table-committed', 'lake');
      again.topic += repeats('transaction-committed', 'topic');
      again.ledger += repeats('transaction-committed', 'ledger');
    }
    for (const count of Object.values(again)) expect(count).toBeGreaterThan(0);
  });

  test('a table that takes each row once refuses the replay, and the job fails', () => {
    const crash = { type: 'job-manager-crash', when: { atMs: 2900 } } as const;
    const run = runSinking({ ...OPTIONS, hasPlainInsert: true, faults: [crash] });
    expect([run.outcome, run.failure?.message]).toEqual([
      'failed',
      'duplicate key value violates unique constraint "insert_pkey": ' +
        'Key (key, count)=(b, 2) already exists.',
    ]);
    expect(runSinking({ ...OPTIONS, hasPlainInsert: true }).outcome).toBe('finished');
  });
});

test('at another parallelism, what waits for its checkpoint is neither lost nor doubled', () => {
  for (const atMs of [1500, 2200, 3500, 5500]) {
    for (const parallelism of [1, 4]) {
      const rescale = { type: 'rescale', parallelism, when: { atMs } } as const;
      const run = runSinking({ ...OPTIONS, operations: [rescale] });
      const place = `${parallelism} at ${atMs} ms`;
      for (const [sink, expected] of Object.entries(EXACT)) {
        // Rows of one key reach these by two ways for a moment.
        expect([place, sink, tableText(run, sink)]).toEqual([place, sink, expected]);
      }
    }
  }
});

test('what a failed attempt wrote stays in storage until a vacuum', () => {
  const crash = { type: 'job-manager-crash', when: { atMs: 2900 } } as const;
  const store = runSinking({ ...OPTIONS, faults: [crash] }).stores['lake'];
  if (!(store instanceof LakeStore)) throw new Error('no lake');
  const { table } = store;
  const live = table.snapshot().length;
  expect(table.storedFiles().length).toBeGreaterThan(live);
  table.vacuum({ nowMs: 1e9, retentionMs: 0, isRetentionChecked: false });
  expect(table.storedFiles().length).toBe(live);
  expect(table.rows()).toHaveLength(EVERY_ROW.split(' ').length);
});
