import { describe, expect, test } from 'vitest';
import { TraceReader, judgeDelivery } from '#engine';
import type { CommitMode, DeliveryPromise, GroupRun, SplitFrame, Trace } from '#engine';
import { topicOf } from '../topic-notation.ts';
import { consumerOf, filled, processedText, runGroup } from '../group-notation.ts';

const AT_LEAST_ONCE: DeliveryPromise = { guarantee: 'at-least-once', isOrdered: true };
const AT_MOST_ONCE: DeliveryPromise = { guarantee: 'at-most-once', isOrdered: true };
const EXACTLY_ONCE: DeliveryPromise = {
  guarantee: 'exactly-once',
  isOrdered: true,
  output: 'out',
};
const TRANSACTIONAL: CommitMode = { type: 'transactional', output: 'out' };

const names = (trace: Trace, promise: DeliveryPromise): string[] =>
  judgeDelivery(trace, promise).map(({ name, text }) => `${name}: ${text}`);

/** What a trace says, from its first row that is about the partition itself or a member. */
function narration(trace: Trace): string[] {
  const reader = new TraceReader(trace);
  return Array.from({ length: reader.rowCount }, (_, row) => reader.narrate(row)).filter(
    (sentence) => !/stores|exists from/.test(sentence),
  );
}

/** Arrow 1 is behind the first poll; each record and each commit has one after it. */
function crashedAt(commit: CommitMode, arrow: number): GroupRun & { trace: Trace } {
  const consumers = [consumerOf('A', { crashAtArrow: arrow, restartAfterMs: 1000 })];
  return runGroup({ consumers, commit });
}

describe('a poll returns 0 to 4, and the process dies after 0 and 1', () => {
  test('commit before processing: 2, 3 and 4 are lost', () => {
    const run = crashedAt({ type: 'before-processing' }, 4);
    expect(processedText(run)).toBe('A0 A1 A#25 A#26 A#27 A#28 A#29');
    expect(run.skipped.map(({ offset }) => offset)).toEqual([2, 3, 4]);
    expect(names(run.trace, AT_LEAST_ONCE)).toEqual([
      'record lost: offset 2 of t-0 was committed and never processed',
      'record lost: offset 3 of t-0 was committed and never processed',
      'record lost: offset 4 of t-0 was committed and never processed',
    ]);
    expect(names(run.trace, AT_MOST_ONCE)).toEqual([]);
  });

  test('commit after processing: 0 and 1 are processed twice', () => {
    const run = crashedAt({ type: 'after-processing' }, 3);
    expect(processedText(run).replaceAll('#2', '')).toBe('A0 A1 A0 A1 A2 A3 A4 A5 A6 A7 A8 A9');
    expect(run.repeated.map(({ offset }) => offset)).toEqual([0, 1]);
    expect(names(run.trace, AT_LEAST_ONCE)).toEqual([]);
    expect(names(run.trace, AT_MOST_ONCE)).toHaveLength(2);
  });

  test('in a transaction: processed twice, and visible once', () => {
    const run = crashedAt(TRANSACTIONAL, 3);
    expect(run.repeated.map(({ offset }) => offset)).toEqual([0, 1]);
    expect(run.outputs.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(names(run.trace, EXACTLY_ONCE)).toEqual([]);
  });
});

describe('a crash at every arrow', () => {
  const modes: readonly [CommitMode, DeliveryPromise][] = [
    [{ type: 'before-processing' }, AT_MOST_ONCE],
    [{ type: 'after-processing' }, AT_LEAST_ONCE],
    [
      { type: 'auto', intervalMs: 700 },
      { guarantee: 'at-least-once', isOrdered: true },
    ],
    [TRANSACTIONAL, EXACTLY_ONCE],
  ];

  test.each(modes)('%j keeps what it promises', (commit, promise) => {
    const straight = runGroup({ commit });
    const count = straight.arrows.get('A') as number;
    expect(count).toBeGreaterThan(10);
    for (let arrow = 1; arrow <= count; arrow += 1) {
      const run = crashedAt(commit, arrow);
      expect(names(run.trace, promise), `arrow ${arrow}`).toEqual([]);
      expect(run.lag.get('t-0'), `arrow ${arrow}`).toBe(0);
      if (commit.type === 'transactional') {
        expect(run.outputs, `arrow ${arrow}`).toEqual(straight.outputs);
      }
    }
  });

  test('another member takes over, also while the transaction is not decided', () => {
    for (let arrow = 1; arrow <= 15; arrow += 1) {
      const consumers = [consumerOf('A', { crashAtArrow: arrow }), consumerOf('B', { joinMs: 50 })];
      const commit = { ...TRANSACTIONAL, timeoutMs: 10_000 };
      const run = runGroup({ consumers, commit, topics: { t: filled(6, 6) } });
      expect(names(run.trace, EXACTLY_ONCE), `arrow ${arrow}`).toEqual([]);
      expect(run.outputs, `arrow ${arrow}`).toHaveLength(12);
    }
  });

  test('the offset of a transaction that hangs is waited for until it times out', () => {
    // Arrow 7 lies between the offsets' becoming part of the transaction and its end.
    const consumers = [consumerOf('A', { crashAtArrow: 7 }), consumerOf('B', { joinMs: 700 })];
    const commit = { ...TRANSACTIONAL, timeoutMs: 15_000 };
    const run = runGroup({ consumers, commit });
    const first = run.facts.find(
      (fact) => fact.type === 'record-processed' && fact.memberId === 'B',
    );
    // A poll every 100 ms; the coordinator looks for old transactions every 10 s.
    expect(first?.atMs).toBeGreaterThan(20_000);
    expect(run.outputs).toHaveLength(10);
  });
});

test('a zombie that comes back after its rebalance can commit nothing', () => {
  const slowRecord = { partition: 't-0', offset: 1, ms: 30_000 };
  const consumers = [consumerOf('A', { slowRecord }), consumerOf('B', { joinMs: 1000 })];
  const commit = { ...TRANSACTIONAL, timeoutMs: 60_000 };
  const run = runGroup({ consumers, commit, untilMs: 120_000 });
  expect(run.facts.some(({ type }) => type === 'commit-failed')).toBe(true);
  expect(run.repeated.length).toBeGreaterThan(0);
  expect(run.outputs).toHaveLength(10);
  expect(names(run.trace, EXACTLY_ONCE)).toEqual([]);
});

describe('the trace', () => {
  test('tells a rebalance with causes, positions and commits', () => {
    const consumers = [consumerOf('A'), consumerOf('B', { joinMs: 250 })];
    const { trace } = runGroup({ consumers, topics: { t: filled(2, 2) }, maxPollRecords: 2 });
    expect(narration(trace)).toEqual([
      'A-0 joins the group.',
      'The group rebalances: member-joined.',
      'Generation 1 of the group begins.',
      'A-0 reads t-0 from offset 0 on (assigned).',
      'A-0 reads t-1 from offset 0 on (assigned).',
      'A-0 gets 2 records of t-1: its position moves from 0 to 2.',
      'A-0 processes offset 0 of t-1.',
      'A-0 processes offset 1 of t-1.',
      'A-0 commits offset 0 of t-0: whoever comes after it begins there.',
      'A-0 commits offset 2 of t-1: whoever comes after it begins there.',
      'A-0 gets 2 records of t-0: its position moves from 0 to 2.',
      'B-0 joins the group.',
      'The group rebalances: member-joined.',
      'A-0 processes offset 0 of t-0.',
      'A-0 processes offset 1 of t-0.',
      'A-0 commits offset 2 of t-0: whoever comes after it begins there.',
      'A-0 reads t-0 no more (revoked).',
      'A-0 reads t-1 no more (revoked).',
      'Generation 2 of the group begins.',
      'A-0 reads t-0 from offset 2 on (assigned).',
      'B-0 reads t-1 from offset 2 on (assigned).',
    ]);
    const reader = new TraceReader(trace);
    const frame = reader.frameAt(reader.rowCount - 1);
    expect(frame.splits.map(({ log }) => [log.endOffset, log.committedOffset, log.reader])).toEqual(
      [
        [2, 2, 0],
        [2, 2, 1],
      ],
    );
    for (let row = 0; row < reader.rowCount; row += 1) {
      expect(reader.event(row).cause).toBeLessThan(row);
    }
  });

  test('shows high watermark, last stable offset and open transactions of a topic', () => {
    const topic = topicOf('T/a=1 b=2 T.commit b=3');
    const log = topic.toLogInput({ isolation: 'read_committed', isBounded: false });
    const { trace } = runGroup({ topics: { t: log } });
    const reader = new TraceReader(trace);
    const edges = Array.from({ length: reader.rowCount }, (_, row) => {
      const { log: frame } = reader.frameAt(row).splits[0] as SplitFrame;
      const { endOffset, highWatermark, lastStableOffset, openProducers } = frame;
      const open = openProducers.length > 0 ? ' open' : '';
      return `${lastStableOffset}≤${highWatermark}≤${endOffset}${open}`;
    });
    const changes = edges.filter((text, row) => text !== edges[row - 1]);
    expect(changes).toEqual([
      '0≤0≤0',
      '0≤0≤0 open',
      '0≤0≤1 open',
      '0≤1≤1 open',
      '0≤1≤2 open',
      '0≤2≤2 open',
      '0≤2≤3',
      '0≤3≤3',
      '3≤3≤3',
      '3≤3≤4',
      '3≤4≤4',
      '4≤4≤4',
    ]);
    expect(reader.frameAt(reader.rowCount - 1).splits[0]?.log.committedOffset).toBe(4);
  });

  test('a reader that falls off the end of the log says what it has missed', () => {
    const topic = topicOf('a=1 a=2 a=3 a=4 a=5 a=6', {
      segmentBytes: 1,
      retention: { retentionMs: 2000 },
      retentionCheckMs: 1000,
      untilMs: 30_000,
    });
    const log = topic.toLogInput({ isolation: 'read_uncommitted' });
    const consumers = [consumerOf('A', { joinMs: 1000, crashMs: 1500, restartMs: 9000 })];
    const { trace } = runGroup({ topics: { t: log }, consumers, sessionTimeoutMs: 3000 });
    expect(names(trace, AT_LEAST_ONCE)).toEqual([
      'record missed: from offset 1 of t-0 on, records left the log before they were read',
    ]);
  });
});

describe('auto.offset.reset', () => {
  const topic = topicOf('a=1 a=2 a=3 a=4 a=5 a=6', {
    segmentBytes: 1,
    retention: { retentionMs: 4000 },
    retentionCheckMs: 1000,
    untilMs: 30_000,
  });
  const log = topic.toLogInput({ isolation: 'read_uncommitted' });
  const late = [consumerOf('A', { joinMs: 6500 })];

  test.each([
    ['earliest', 'A1 A2 A3 A4 A5'],
    ['latest', ''],
    ['by_duration:2000', 'A4 A5'],
  ] as const)('%s', (offsetReset, text) => {
    const run = runGroup({ topics: { t: log }, consumers: late, offsetReset, untilMs: 20_000 });
    expect(processedText(run)).toBe(text);
  });

  test('none: without an offset, or with one that is gone, the poll throws', () => {
    const failures = (options: Parameters<typeof runGroup>[0]): unknown[] =>
      runGroup({ topics: { t: log }, offsetReset: 'none', ...options }).facts.filter(
        ({ type }) => type === 'consumer-failed',
      );
    expect(failures({ consumers: late })).toMatchObject([
      { memberId: 'A', error: 'NoOffsetForPartitionException' },
    ]);
  });

  test('must be one of these', () => {
    const offsetReset = 'by_duration:-1' as const;
    expect(() => runGroup({ topics: { t: log }, consumers: late, offsetReset })).toThrow(
      /auto.offset.reset must be earliest, latest, none or by_duration/,
    );
  });
});

describe('the newer protocol', () => {
  const consumers = [consumerOf('A'), consumerOf('B', { joinMs: 250 })];

  test('moves only what must move, while nobody stops', () => {
    const run = runGroup({
      consumers,
      protocol: 'consumer',
      topics: { t: filled(8, 8) },
      maxPollRecords: 2,
    });
    const lines = run.facts.flatMap((fact) => {
      const at = `${fact.atMs / 1000}s`;
      if (fact.type === 'generation-started') return [`${at} epoch ${fact.generation}`];
      if (fact.type === 'partitions-assigned' && fact.partitions.length > 0) {
        return [`${at} ${fact.memberId} +${fact.partitions.join()}`];
      }
      if (fact.type === 'partitions-revoked') {
        return [`${at} ${fact.memberId} -${fact.partitions.join()}`];
      }
      return [];
    });
    expect(lines).toEqual([
      '0s epoch 1',
      '0s A +t-0,t-1',
      '0.25s epoch 2',
      // A learns of it by its next heartbeat, and gives up between two polls.
      '1.2s A -t-1',
      // B learns by its own that the partition is free.
      '1.25s B +t-1',
    ]);
    expect(run.repeated).toEqual([]);
    const times = run.facts.flatMap((fact) =>
      fact.type === 'record-processed' && fact.memberId === 'A' ? [fact.atMs] : [],
    );
    const gaps = times.slice(1).map((time, place) => time - (times[place] as number));
    expect(new Set(gaps)).toEqual(new Set([100]));
  });

  test('knows no static members here', () => {
    const named = [consumerOf('A', { groupInstanceId: 'a' })];
    expect(() => runGroup({ consumers: named, protocol: 'consumer' })).toThrow(
      /A must be a dynamic member/,
    );
  });
});
