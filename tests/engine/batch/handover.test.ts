import { describe, expect, test } from 'vitest';
import {
  WatermarkStrategy,
  appendSink,
  diffResults,
  historyUntil,
  hours,
  liveFrom,
  logSource,
  minutes,
  offsetsAt,
  offsetsForTime,
  simulate,
  simulateBatch,
} from '#engine';
import type { LogInput, OffsetLine, Run, Scenario, SinkRow } from '#engine';
import { airportAndWindow, departures, departuresPer, text, texts } from './departures-per-day.ts';

/** Two partitions; ATL's record of hour 11.9 comes half an hour late, when it is past 12. */
const IN: LogInput<string> = {
  partitions: [
    departures('ATL@9.1/9.1 ATL@10.2/10.2 ATL@11.2/11.3 ATL@12.3/12.3 ATL@11.9/12.4 ATL@14/14'),
    departures('ORD@9.8/9.8 ORD@11.1/11.1 ORD@12.02/12.02 ORD@12.2/12.2 ORD@13.1/13.1 ORD@14/14'),
  ],
  isBounded: false,
};
const CLUSTER = { taskManagers: 1, slotsPerTaskManager: 1 };
/** Windows of two hours: 8 to 10, 10 to 12, 12 to 14. Records may be an hour late. */
const JOB = departuresPer(2, 1);
const bounded = (log: LogInput<string>): LogInput<string> => ({ ...log, isBounded: true });

function batch(log: LogInput<string>): readonly SinkRow[] {
  return simulateBatch({
    ...{ name: 'backfill', seed: 1, cluster: CLUSTER, trace: 'none' },
    logs: { in: bounded(log) },
    job: JOB,
  }).sinks['out']!;
}

function stream(log: LogInput<string>, overrides: Partial<Scenario> = {}): Run {
  return simulate({
    ...{ name: 'live', seed: 1, cluster: CLUSTER, faults: [], trace: 'none' },
    logs: { in: bounded(log) },
    job: JOB,
    ...overrides,
  });
}

/** What ought to be there: one job over all of it. */
const EVERYTHING = batch(IN);

function problems(rows: readonly SinkRow[]): string[] {
  const diff = diffResults(EVERYTHING, rows, airportAndWindow);
  return [
    ...diff.added.map((row) => `invented ${text(row)}`),
    ...diff.removed.map((row) => `lost ${text(row)}`),
    ...diff.changed.map(({ before, after }) => `${text(after)} instead of ${text(before)}`),
    ...diff.doubled.map((row) => `once more ${text(row)}`),
  ];
}

test('the history has what the example needs', () => {
  expect(texts(EVERYTHING)).toEqual([
    ...['ATL 10h 3', 'ATL 12h 1', 'ATL 14h 1', 'ATL 8h 1'],
    ...['ORD 10h 1', 'ORD 12h 3', 'ORD 14h 1', 'ORD 8h 1'],
  ]);
});

describe('naive ways to hand over from a backfill to the live job', () => {
  test('batch until noon, then the job from the latest offset when that is done: a gap', () => {
    const history = historyUntil(IN, offsetsAt(IN, hours(12)));
    const doneMs = hours(12) + minutes(15);
    const live = liveFrom(IN, offsetsAt(IN, doneMs), doneMs);
    const rows = [...batch(history), ...stream(live).sinks['out']!];
    // What came from 12:00 to 12:15 is in neither, and windows come in two pieces.
    expect(problems(rows)).toContain('ORD 12h 1 instead of ORD 12h 3');
    const count = history.partitions.flat().length + live.partitions.flat().length;
    expect(count).toBe(IN.partitions.flat().length - 2);
  });

  test('starting a bit earlier, to be safe: counted twice', () => {
    const history = historyUntil(IN, offsetsAt(IN, hours(12)));
    const live = liveFrom(IN, offsetsAt(IN, hours(11)), hours(12));
    const count = history.partitions.flat().length + live.partitions.flat().length;
    expect(count).toBe(IN.partitions.flat().length + 2);
    const rows = [...batch(history), ...stream(live).sinks['out']!];
    expect(problems(rows).filter((problem) => problem.startsWith('once more'))).not.toEqual([]);
  });

  test('at the very same offsets: each record once, but windows across it in two pieces', () => {
    const line = offsetsAt(IN, hours(11.25));
    const rows = [...batch(historyUntil(IN, line)), ...stream(liveFrom(IN, line, 0)).sinks['out']!];
    // 1 + 2 is right for who adds up, and wrong for a table that keeps the last row.
    expect(texts(rows).filter((row) => row.startsWith('ATL 10h'))).toEqual([
      'ATL 10h 1',
      'ATL 10h 2',
    ]);
    expect(problems(rows)).toEqual(['ATL 10h 1 instead of ATL 10h 3', 'once more ATL 10h 2']);
  });

  test('at the end of a window, as soon as it has ended: late records are lost', () => {
    expect(problems(byEventTime(hours(12), hours(12)))).toEqual(['ATL 10h 2 instead of ATL 10h 3']);
  });
});

/** Windows before `timeMs` by a batch that runs at `cutOffMs`, later ones by the live job. */
function byEventTime(timeMs: number, cutOffMs: number): readonly SinkRow[] {
  const isBefore = ({ timestampMs = 0 }): boolean => timestampMs < timeMs;
  const only = (log: LogInput<string>, keeps: (record: { timestampMs?: number }) => boolean) => ({
    ...log,
    partitions: log.partitions.map((records) => records.filter(keeps)),
  });
  const history = only(historyUntil(IN, offsetsAt(IN, cutOffMs)), isBefore);
  const live = only(liveFrom(IN, offsetsForTime(IN, timeMs), cutOffMs), (r) => !isBefore(r));
  return [...batch(history), ...stream(live).sinks['out']!];
}

describe('ways that hand over without a gap and without doubling', () => {
  test('at the end of a window, when what is late has come in', () => {
    expect(problems(byEventTime(hours(12), hours(13)))).toEqual([]);
  });

  test('the live job reads the history itself, then goes on: one job, one log', () => {
    for (const startH of [0, 10, 12, 13, 20]) {
      const rows = stream(liveFrom(IN, [0, 0], hours(startH))).sinks['out']!;
      expect([startH, ...problems(rows)]).toEqual([startH]);
    }
  });

  test('a job fills its state from the history, is stopped with a savepoint, and goes on', () => {
    for (let atH = 9; atH < 14; atH += 0.25) {
      const stop = { type: 'stop-with-savepoint', when: { atMs: hours(atH) } } as const;
      const filling = stream(IN, { logs: { in: IN }, operations: [stop] });
      expect(filling.outcome).toBe('stopped');
      const live = stream(IN, { restoreFrom: filling.savepoint! });
      const rows = [...filling.sinks['out']!, ...live.sinks['out']!];
      expect([atH, ...problems(rows)]).toEqual([atH]);
    }
  });
});

describe('lines through a log', () => {
  const lines = (line: OffsetLine): string => line.join(' ');

  test('are found by arrival, and by event time', () => {
    expect(lines(offsetsAt(IN, hours(9)))).toBe('0 0');
    expect(lines(offsetsAt(IN, hours(12.02)))).toBe('3 3');
    expect(lines(offsetsAt(IN, hours(99)))).toBe('6 6');
    // The first record of noon; a later one may be of before.
    expect(lines(offsetsForTime(IN, hours(12)))).toBe('3 2');
    expect(lines(offsetsForTime(IN, hours(99)))).toBe('6 6');
  });

  test('leave each record on one side', () => {
    for (let atH = 8; atH < 15; atH += 0.1) {
      const line = offsetsAt(IN, hours(atH));
      const sides = [historyUntil(IN, line), liveFrom(IN, line, 0)];
      const values = sides.map(({ partitions }) => partitions.map((records) => records.length));
      expect(values[0]!.map((size, place) => size + values[1]![place]!)).toEqual([6, 6]);
    }
  });

  test('of another log are refused', () => {
    expect(() => historyUntil(IN, [1])).toThrow(/a line must have an offset of each partition/);
    expect(() => liveFrom(IN, [1, 7], 0)).toThrow(/offsetsAt\(log, atMs\)/);
  });
});

test('a source may begin with what is there at once: it all arrives when the job starts', () => {
  const run = simulate({
    ...{ name: 'live', seed: 1, cluster: CLUSTER, faults: [], trace: 'none' },
    logs: { in: liveFrom(IN, [2, 1], hours(12)) },
    job: (env) => {
      env
        .fromSource(logSource<string>('in'), WatermarkStrategy.noWatermarks<string>(), 'in')
        .sinkTo(appendSink({ name: 'out' }));
    },
  });
  expect(run.sinks['out']).toHaveLength(9);
});

test('a log with a life of its own keeps its offsets on both sides of a line', () => {
  const records = departures('ATL@1/1 ATL@2/2 ATL@3/3');
  const life = {
    ...{ name: 'in-0', openedMs: 0, closedMs: Infinity, parents: [], edges: [] },
    offsets: [0, 7, 9],
    goneMs: [hours(50), Infinity, Infinity],
  };
  const log = { partitions: [records], lives: [life] };
  const line = offsetsAt(log, hours(1));
  const sides = [historyUntil(log, line), liveFrom(log, line, hours(4))];
  expect(sides.map(({ lives }) => lives![0]!.offsets)).toEqual([[0], [7, 9]]);
  expect(texts(batch(sides[1]!))).toEqual(['ATL 2h 2']);
});
