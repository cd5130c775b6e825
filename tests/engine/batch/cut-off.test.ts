import { describe, expect, test } from 'vitest';
import { diffResults, hours, rerun, simulateBatch, simulateSchedule } from '#engine';
import type { BatchSchedule } from '#engine';
import { airportAndWindow, departures, departuresPer, text, texts } from './departures-per-day.ts';

/** Day 0 is from hour 0 to 24. ATL's record of hour 23 comes at 26, that of ORD at 30. */
const LOG = departures('ATL@1/1 ORD@5/6 ATL@23/26 ORD@22/30 ATL@25/25 ORD@47/48 ATL@46/60');
const BASE = {
  name: 'days',
  seed: 1,
  logs: { in: { partitions: [LOG], isBounded: false } },
  job: departuresPer(24),
  cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
  trace: 'none',
} as const;

/** Every night, two hours after the day is over. */
const NIGHTLY: BatchSchedule = {
  scenario: BASE,
  firstPeriodMs: 0,
  periodMs: hours(24),
  periodCount: 2,
  waitMs: hours(2),
  reads: 'period',
};

test('a batch reads the log as it stood at the cut-off', () => {
  const at = (cutOffH: number): string[] => {
    const run = simulateBatch({ ...BASE, cutOffMs: hours(cutOffH) });
    expect(run.startMs).toBe(hours(cutOffH));
    return texts(run.sinks['out']);
  };
  expect(at(24)).toEqual(['ATL 0h 1', 'ORD 0h 1']);
  expect(at(26)).toEqual(['ATL 0h 2', 'ATL 24h 1', 'ORD 0h 1']);
  expect(at(100)).toEqual(['ATL 0h 2', 'ATL 24h 2', 'ORD 0h 2', 'ORD 24h 1']);
});

describe('a nightly batch', () => {
  test('reads its own day and misses what comes later', () => {
    const [first, second] = simulateSchedule(NIGHTLY);
    expect(texts(first?.run.sinks['out'])).toEqual(['ATL 0h 2', 'ORD 0h 1']);
    expect(first).toMatchObject({ cutOffMs: hours(26), readyMs: hours(26), missedCount: 1 });
    // What came late for the first day is nobody's any more.
    expect(texts(second?.run.sinks['out'])).toEqual(['ATL 24h 1', 'ORD 24h 1']);
    expect(second).toMatchObject({ cutOffMs: hours(50), missedCount: 1 });
  });

  test('run again, it changes exactly the keys and days of what was late', () => {
    const [first] = simulateSchedule(NIGHTLY);
    const again = rerun(NIGHTLY, first!, hours(40));
    expect(again.missedCount).toBe(0);
    const diff = diffResults(first!.run.sinks['out']!, again.run.sinks['out']!, airportAndWindow);
    expect(diff.changed.map(({ before, after }) => [text(before), text(after)])).toEqual([
      ['ORD 0h 1', 'ORD 0h 2'],
    ]);
    expect(diff).toMatchObject({ added: [], removed: [], doubled: [] });
  });

  test('over the whole history it mends the days before, and reads them all again', () => {
    const [, second] = simulateSchedule({ ...NIGHTLY, reads: 'history' });
    expect(texts(second?.run.sinks['out'])).toEqual([
      ...['ATL 0h 2', 'ATL 24h 1'],
      ...['ORD 0h 2', 'ORD 24h 1'],
    ]);
    const read = (reads: BatchSchedule['reads']): number[] =>
      simulateSchedule({ ...NIGHTLY, reads }).map(({ run }) => run.recordsRead);
    expect(read('period')).toEqual([3, 2]);
    expect(read('history')).toEqual([3, 6]);
  });

  test('waiting longer misses less, and everyone gets the results later', () => {
    const missed = [0, 2, 6, 12].map((waitH) => {
      const [first] = simulateSchedule({ ...NIGHTLY, waitMs: hours(waitH) });
      return `after ${first!.readyMs / hours(1) - 24} h: ${first!.missedCount}`;
    });
    expect(missed).toEqual(['after 0 h: 2', 'after 2 h: 1', 'after 6 h: 0', 'after 12 h: 0']);
  });

  test('refuses periods that are none, and a repetition before the first time', () => {
    expect(() => simulateSchedule({ ...NIGHTLY, periodMs: 0 })).toThrow(
      /periodMs must be positive/,
    );
    expect(() => simulateSchedule({ ...NIGHTLY, periodCount: 0.5 })).toThrow(/periodCount/);
    expect(() => simulateSchedule({ ...NIGHTLY, waitMs: -1 })).toThrow(/waitMs/);
    const [first] = simulateSchedule(NIGHTLY);
    expect(() => rerun(NIGHTLY, first!, hours(25))).toThrow(/is repeated after it was run/);
  });
});

test('a difference tells rows that came, went, changed and came twice', () => {
  const table = (words: string) =>
    words
      .split(' ')
      .map((word) => ({ key: null, row: { airport: word[0]!, fromH: 0, count: Number(word[1]) } }));
  const diff = diffResults(table('a1 b1 c1'), table('b2 c1 d1 d1'), airportAndWindow);
  expect(diff.added.map(text)).toEqual(['d 0h 1']);
  expect(diff.removed.map(text)).toEqual(['a 0h 1']);
  expect(diff.changed.map(({ after }) => text(after))).toEqual(['b 0h 2']);
  expect(diff.doubled.map(text)).toEqual(['d 0h 1']);
});
