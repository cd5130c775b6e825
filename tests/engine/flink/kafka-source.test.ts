import { describe, expect, test } from 'vitest';
import { ConfigError, kafkaSource, simulate } from '#engine';
import { topicOf } from '../logs/topic-notation.ts';
import { copyScenario, copyTimeline, logTimeline, valuesOf } from './log-timeline.ts';

const uncommitted = { isolation: 'read_uncommitted', isBounded: false } as const;
const committed = { isolation: 'read_committed', isBounded: false } as const;

describe('where it starts', () => {
  const log = topicOf('a=1 a=2 a=3 a=4 a=5').toLogInput(uncommitted);

  test.each([
    ['earliest', '3.5s: in-0 from 0, in-0 read @0, in-0 read @1, in-0 read @2'],
    ['latest', '3.5s: in-0 from 3'],
    [{ timestampMs: 2500 }, '3.5s: in-0 from 2, in-0 read @2'],
    [{ timestampMs: 9000 }, '3.5s: in-0 from 3'],
    [{ committed: { 0: 1 } }, '3.5s: in-0 from 1, in-0 read @1, in-0 read @2'],
  ] as const)('%j', (startingOffsets, first) => {
    const source = kafkaSource<number>({ topic: 'in', startingOffsets, 'group.id': 'g' });
    expect(copyTimeline(source, log, { startMs: 3500 })).toEqual([
      first,
      '4s: in-0 read @3',
      '5s: in-0 read @4',
    ]);
  });

  test('without a committed offset it fails, unless it may reset', () => {
    const settings = { topic: 'in', startingOffsets: { committed: {} }, 'group.id': 'g' } as const;
    expect(copyTimeline(kafkaSource(settings), log, { startMs: 4500 }).join()).toMatch(
      /partition 0 has no committed offset, and auto.offset.reset is none/,
    );
    const resetting = kafkaSource<number>({ ...settings, offsetReset: 'latest' });
    expect(copyTimeline(resetting, log, { startMs: 4500 })).toEqual([
      '4.5s: in-0 from 4',
      '5s: in-0 read @4',
    ]);
  });

  test('committed offsets belong to a group', () => {
    const settings = { topic: 'in', startingOffsets: { committed: {} } } as const;
    expect(() => kafkaSource(settings)).toThrow(ConfigError);
  });
});

describe('transactions', () => {
  test('read_committed waits for the last stable offset and never shows what is aborted', () => {
    const run = topicOf('T/a=1 b=2 T.commit T/a=3 T.abort b=4');
    const source = kafkaSource<number>({ topic: 'in' });
    expect(copyTimeline(source, run.toLogInput(committed), {})).toEqual([
      '3s: in-0 from 0, in-0 read @0, in-0 read @1',
      '6s: in-0 read @5',
    ]);
    expect(valuesOf(simulate(copyScenario(source, run.toLogInput(committed), {})))).toEqual([
      1, 2, 4,
    ]);
    const all = run.toLogInput(uncommitted);
    expect(valuesOf(simulate(copyScenario(source, all, {})))).toEqual([1, 2, 3, 4]);
  });

  test('a transaction that nobody ends holds back everybody behind it, until it times out', () => {
    const steps = 'T/a=1 b=2 b=3 _ _ _ b=4';
    const run = topicOf(steps, { transactionTimeoutMs: 5000 });
    expect(copyTimeline(kafkaSource({ topic: 'in' }), run.toLogInput(committed), {})).toEqual([
      '7s: in-0 from 0, in-0 read @1, in-0 read @2, in-0 read @4',
    ]);
  });

  test('what a zombie sends is not in the log', () => {
    const run = topicOf('T/a=1 T.restart T0/a=2 T/a=3 T.commit');
    const source = kafkaSource<number>({ topic: 'in' });
    const log = run.toLogInput(committed);
    expect(valuesOf(simulate(copyScenario(source, log, {})))).toEqual([3]);
    expect(log.facts?.filter(({ type }) => type === 'producer-fenced')).toHaveLength(1);
  });
});

describe('what leaves the log', () => {
  /** Segments of one record; the log is looked at every second and keeps 3 seconds. */
  const shortLived = {
    segmentBytes: 1,
    retention: { retentionMs: 3000 },
    retentionCheckMs: 1000,
    untilMs: 60_000,
  };
  const crashAt = (atMs: number): { faults: readonly [never] } => ({
    faults: [{ type: 'subtask-failure', operator: 'in', index: 0, when: { atMs } } as never],
  });

  test('an outage longer than the retention is a silent hole', () => {
    const log = topicOf('a=1 a=2 a=3 a=4 a=5 a=6 a=7 a=8', shortLived).toLogInput(uncommitted);
    const source = kafkaSource<number>({ topic: 'in' });
    const run = simulate(copyScenario(source, log, { checkpointMs: 2000 }));
    const { savepoint } = simulate(
      copyScenario(source, log, {
        operations: [{ type: 'stop-with-savepoint', when: { atMs: 2500 } }],
      }),
    );
    expect(valuesOf(run)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const late = copyScenario(source, log, {
      startMs: 8500,
      ...(savepoint === undefined ? {} : { restoreFrom: savepoint }),
    });
    expect(logTimeline(simulate(late))).toEqual([
      '8.5s: in-0 back to 2, in-0 2→4 earliest, missed 2, in-0 read @4, in-0 read @5, ' +
        'in-0 read @6, in-0 read @7',
    ]);
  });

  test('reset none fails instead of leaving a hole', () => {
    const log = topicOf('a=1 a=2 a=3 a=4 a=5 a=6', shortLived).toLogInput(uncommitted);
    const startingOffsets = { committed: { 0: 0 } };
    const strict = kafkaSource<number>({ topic: 'in', startingOffsets, 'group.id': 'g' });
    expect(copyTimeline(strict, log, { startMs: 6000 }).at(-1)).toMatch(
      /the offset to read must still be in the log/,
    );
  });

  test('a compacted record is passed over without a word', () => {
    const run = topicOf('a=1 b=2 a=3 c=4 compact', {
      segmentBytes: 1,
      compaction: { deleteRetentionMs: 1000 },
    });
    const log = run.toLogInput(uncommitted);
    expect(copyTimeline(kafkaSource({ topic: 'in' }), log, { startMs: 6000 })).toEqual([
      '6s: in-0 from 0, in-0 read @1, in-0 read @2, in-0 read @3',
    ]);
  });

  test('after a crash it goes on at the offset of its checkpoint', () => {
    const log = topicOf('T/a=1 T.commit a=2 a=3 a=4').toLogInput(committed);
    const source = kafkaSource<number>({ topic: 'in', 'group.id': 'g' });
    const lines = copyTimeline(source, log, { checkpointMs: 1500, ...crashAt(4500) });
    expect(lines).toEqual([
      '2s: in-0 from 0, in-0 read @0',
      '3s: in-0 read @2',
      '3.5s: in-0 committed 3',
      '4s: in-0 read @3',
      '5.513s: in-0 back to 3, in-0 read @3, in-0 read @4',
    ]);
  });
});

describe('commits', () => {
  test('a complete checkpoint commits past the markers that nobody is shown', () => {
    const log = topicOf('T/a=1 T.commit _ _ _ a=2').toLogInput(committed);
    const source = kafkaSource<number>({ topic: 'in', 'group.id': 'g' });
    expect(copyTimeline(source, log, { checkpointMs: 1500 })).toEqual([
      '2s: in-0 from 0, in-0 read @0',
      '3.5s: in-0 committed 2',
      '5s: in-0 committed 2',
      '6s: in-0 read @2',
    ]);
  });

  test.each([
    ['no group', kafkaSource<number>({ topic: 'in' })],
    [
      'commits are off',
      kafkaSource<number>({ topic: 'in', 'group.id': 'g', 'commit.offsets.on.checkpoint': false }),
    ],
  ])('nothing is committed when there is %s', (_, source) => {
    const log = topicOf('a=1 a=2 a=3 a=4').toLogInput(uncommitted);
    expect(copyTimeline(source, log, { checkpointMs: 1000 }).join()).not.toMatch(/committed/);
  });
});

describe('partition discovery', () => {
  test('a new partition is found at the next look and read from its beginning', () => {
    const log = topicOf('0:a=1 +2 1:b=2 1:b=3 _ _ 1:b=4').toLogInput(uncommitted);
    const source = kafkaSource<number>({
      topic: 'in',
      startingOffsets: 'latest',
      'partition.discovery.interval.ms': 5000,
    });
    expect(copyTimeline(source, log, {})).toEqual([
      '1s: in-0 from 1',
      '6s: in-1 from 0, in-1 read @0, in-1 read @1',
      '7s: in-1 read @2',
    ]);
  });

  test('switched off, a new partition is never read', () => {
    const log = topicOf('0:a=1 +2 1:b=2 0:a=3').toLogInput(uncommitted);
    const source = kafkaSource<number>({ topic: 'in', 'partition.discovery.interval.ms': 0 });
    expect(valuesOf(simulate(copyScenario(source, log, {})))).toEqual([1, 3]);
  });

  test('subtasks share the partitions from a start that the topic name gives', () => {
    const log = topicOf('0:a=1 1:a=2 2:a=3', { partitions: 3 }).toLogInput(uncommitted);
    const source = kafkaSource<number>({ topic: 'in' });
    const { trace } = simulate(copyScenario(source, log, { parallelism: 2 }));
    expect(
      trace?.header.splits.map(({ subtask }) => trace.header.subtasks[subtask]?.index),
    ).toEqual(
      // ("in".hashCode() * 31) & 0x7fffffff is 104,315, so partition 0 goes to subtask 1 of 2.
      [1, 0, 1],
    );
  });
});
