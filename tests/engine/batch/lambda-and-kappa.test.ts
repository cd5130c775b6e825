import { describe, expect, test } from 'vitest';
import {
  TraceReader,
  hours,
  liveFrom,
  minutes,
  servedByLambda,
  servedByTable,
  simulate,
  simulateSchedule,
  timedWrites,
} from '#engine';
import type { BatchSchedule, LambdaServing, LogInput, Run, Scenario } from '#engine';
import { airportAndWindow, departures, departuresPer, text } from './departures-per-day.ts';
import type { Departures } from './departures-per-day.ts';

/** Hours 0 to 24 are day 0. A record of hour 3.5 comes at 9, when its window is long over. */
const IN: LogInput<string> = {
  partitions: [
    departures(
      'ATL@1.2/1.2 ATL@1.7/1.8 ATL@3.1/3.1 ATL@4.5/4.5 ATL@3.5/9 ORD@9.5/9.5 ATL@20/20 ' +
        'ATL@25.5/25.5 ATL@27/27 ORD@28/28 ATL@49/49',
    ),
  ],
  isBounded: false,
};
const CLUSTER = { taskManagers: 1, slotsPerTaskManager: 1 };

function stream(overrides: Partial<Scenario> = {}): Run {
  return simulate({
    name: 'speed',
    seed: 1,
    logs: { in: IN },
    job: departuresPer(1),
    cluster: CLUSTER,
    faults: [],
    trace: 'full',
    ...overrides,
  });
}

const NIGHTLY: BatchSchedule = {
  scenario: {
    name: 'nightly',
    seed: 1,
    logs: { in: IN },
    job: departuresPer(1),
    cluster: CLUSTER,
    costs: { serviceMs: { in: minutes(5) } },
    trace: 'none',
  },
  firstPeriodMs: 0,
  periodMs: hours(24),
  periodCount: 2,
  waitMs: hours(2),
  reads: 'period',
};

const writesOf = (run: Run) => timedWrites(run.trace!, 'out');
const timeOf: LambdaServing['timeOf'] = (row) => hours((row as unknown as Departures).fromH);

function serving(speed: Run, schedule = NIGHTLY): LambdaServing {
  const batches = simulateSchedule(schedule);
  return { batches, sink: 'out', speed: writesOf(speed), key: airportAndWindow, timeOf };
}

describe('Lambda: a batch layer, a speed layer, and readers who merge both', () => {
  const lambda = serving(stream());
  const at = (hour: number): string[] =>
    servedByLambda(lambda, hours(hour))
      .map(({ row, layer }) => `${layer}: ${text(row)}`)
      .sort();

  test('during the day, the speed layer alone has something to say', () => {
    expect(at(10)).toEqual(['speed: ATL 1h 2', 'speed: ATL 3h 1', 'speed: ATL 4h 1']);
  });

  test('a late record is missing until the night’s batch has counted it', () => {
    const [night] = lambda.batches;
    // It begins at 26 and reads 7 records, 5 minutes each.
    expect(night!.readyMs).toBe(hours(26) + minutes(35));
    expect(at(26.5)).toContain('speed: ATL 3h 1');
    expect(at(26.6)).toContain('batch: ATL 3h 2');
  });

  test('after the night, the batch answers for yesterday and the speed layer for today', () => {
    expect(at(28.5)).toEqual([
      ...['batch: ATL 1h 2', 'batch: ATL 20h 1', 'batch: ATL 3h 2', 'batch: ATL 4h 1'],
      ...['batch: ORD 9h 1', 'speed: ATL 25h 1', 'speed: ATL 27h 1'],
    ]);
  });

  test('two code paths: when one has a mistake, answers change as the other takes over', () => {
    const wrong = serving(stream({ job: departuresPer(2) }));
    const served = (hour: number): string[] =>
      servedByLambda(wrong, hours(hour)).map(({ row }) => text(row));
    expect(served(10)).toContain('ATL 0h 2');
    expect(served(10)).not.toContain('ATL 1h 2');
    expect(served(27)).toContain('ATL 1h 2');
    expect(served(27)).not.toContain('ATL 0h 2');
  });
});

describe('Kappa: one streaming job, and the log to replay', () => {
  const at = (run: Run, hour: number): string[] =>
    servedByTable(writesOf(run), airportAndWindow, hours(hour)).map(text);
  const readCount = (run: Run): number => {
    const reader = new TraceReader(run.trace!);
    const rows = Array.from({ length: reader.rowCount }, (_, row) => row);
    return rows.filter((row) => reader.kindAt(row) === 'record-read').length;
  };

  test('what the job has dropped as late is never mended by itself', () => {
    expect(at(stream(), 100)).toContain('ATL 3h 1');
  });

  test('a corrected job reads the log again into a new table, and readers change over', () => {
    const startMs = hours(30);
    const logs = { in: liveFrom(IN, [0], startMs) };
    const corrected = stream({
      logs,
      job: departuresPer(1, 6),
      costs: { serviceMs: { in: minutes(5) } },
    });
    // Ten records wait for it. The ninth, after 45 minutes, lets the hour of the seventh fire.
    expect(at(corrected, 30.7)).not.toContain('ATL 20h 1');
    expect(at(corrected, 30.8)).toContain('ATL 20h 1');
    expect(at(corrected, 30.8)).toContain('ATL 3h 2');
    expect(readCount(corrected)).toBe(11);
  });

  test('what it costs: a replay reads everything once, batches of all history each night', () => {
    const nights = simulateSchedule({ ...NIGHTLY, reads: 'history' });
    expect(nights.map(({ run }) => run.recordsRead)).toEqual([7, 10]);
    expect(readCount(stream())).toBe(11);
  });
});

test('rows of a transaction can be read when it is committed', () => {
  const run = stream();
  const writes = writesOf(run);
  expect(writes.map(({ atMs }) => atMs)).toEqual(
    writes.map(({ atMs }) => atMs).sort((a, b) => a - b),
  );
  expect(writes).toHaveLength(run.sinks['out']!.length);
});
