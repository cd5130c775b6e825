import { describe, expect, test } from 'vitest';
import { WatermarkStrategy, dashboardSink, dashboardView, logSource, simulate } from '#engine';
import type { DashboardView, LogRecord, Run } from '#engine';
import { traceOf } from '../stream-notation.ts';

interface Shown {
  readonly key: string;
  readonly n: number;
  readonly isGone: boolean;
}

/** `a=1@3` shows 1 under key a at second 3; `-a@4` takes it away. */
function changes(text: string): LogRecord<Shown>[] {
  return text.split(' ').map((word) => {
    const [what = '', at = ''] = word.split('@');
    const [key = '', n = '0'] = what.replace('-', '').split('=');
    const atMs = Number(at) * 1000;
    const value = { key, n: Number(n), isGone: what.startsWith('-') };
    return { value, timestampMs: atMs - 500, arrivalMs: atMs };
  });
}

function show(text: string): Run {
  return simulate({
    name: 'dashboard',
    seed: 1,
    logs: { in: { partitions: [changes(text)] } },
    cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
    faults: [],
    trace: 'full',
    job: (env) => {
      env.fromSource(logSource<Shown>('in'), WatermarkStrategy.noWatermarks<Shown>(), 'in').sinkTo(
        dashboardSink({
          name: 'board',
          primaryKey: ['key'],
          isRetraction: ({ isGone }: Shown) => isGone,
        }),
      );
    },
  });
}

function view(run: Run): DashboardView {
  const trace = traceOf(run);
  return dashboardView(trace, 0, trace.rowCount - 1, 10_000);
}

describe('a dashboard', () => {
  const run = show('a=1@1 b=1@2 a=2@3 -b@4 c=7@14 a=2@15 a=3@16');

  test('shows the newest row of each key, how old it is, and what is behind it', () => {
    expect(
      view(run).values.map(({ key, row, stalenessMs, eventTimeMs }) => [
        key,
        row['n'],
        stalenessMs,
        eventTimeMs,
      ]),
    ).toEqual([
      ['a', 3, 0, 15_500],
      ['c', 7, 2000, 13_500],
    ]);
    expect(run.stores['board']?.tables()[0]?.rows.map(({ key }) => key)).toEqual(['a', 'c']);
  });

  test('counts updates, what they revised and what they took away', () => {
    const { updateCount, revisionCount, retractionCount, updatesPerSecond } = view(run);
    expect({ updateCount, revisionCount, retractionCount }).toEqual({
      updateCount: 7,
      revisionCount: 4,
      retractionCount: 1,
    });
    // Three in the last ten seconds.
    expect(updatesPerSecond).toBe(0.3);
  });

  test('is stale from its last write on, and has none at first', () => {
    const trace = traceOf(run);
    expect(dashboardView(trace, 0, -1, 1000)).toMatchObject({
      values: [],
      updateCount: 0,
      stalenessMs: Infinity,
    });
    expect(view(run).stalenessMs).toBe(0);
  });
});
