import { describe, expect, test } from 'vitest';
import { ConfigError, Random, simulateGroup } from '#engine';
import type {
  CommitMode,
  ConsumerPlan,
  GroupFact,
  GroupRun,
  GroupScenario,
  LogInput,
} from '#engine';
import { GroupCoordinator } from '../../../../engine/logs/kafka/group-coordinator.ts';
import { groupSettings } from '../../../../engine/logs/kafka/group-scenario.ts';
import { forEachSeed } from '../../stream-notation.ts';

const SECOND_MS = 1000;

/** `count` records in each partition, all there at the start, or one every `everyMs`. */
function log(partitions: number, count: number, everyMs = 0): LogInput {
  return {
    partitions: Array.from({ length: partitions }, () =>
      Array.from({ length: count }, (_, offset) => ({
        value: offset,
        arrivalMs: offset * everyMs,
      })),
    ),
  };
}

/** `A 0-40 crash 20 restart 30`: joins at 0 s, leaves at 40 s …; 100 ms a record. */
function consumer(text: string, more: Partial<ConsumerPlan> = {}): ConsumerPlan {
  const words = text.split(' ');
  const [joinText = '', leaveText] = (words[1] as string).split('-');
  const timeOf = (word: string): number | undefined => {
    const at = words.indexOf(word);
    return at < 0 ? undefined : Number(words[at + 1]) * SECOND_MS;
  };
  const leaveMs = leaveText === undefined ? undefined : Number(leaveText) * SECOND_MS;
  const crashMs = timeOf('crash');
  const restartMs = timeOf('restart');
  return {
    memberId: words[0] as string,
    topics: ['t'],
    joinMs: Number(joinText) * SECOND_MS,
    processMs: 100,
    ...(leaveMs === undefined ? {} : { leaveMs }),
    ...(crashMs === undefined ? {} : { crashMs }),
    ...(restartMs === undefined ? {} : { restartMs }),
    ...more,
  };
}

function run(options: Partial<GroupScenario> & Pick<GroupScenario, 'consumers'>): GroupRun {
  return simulateGroup({
    topics: { t: log(4, 100) },
    assignor: 'range',
    commit: { type: 'after-processing' },
    offsetReset: 'earliest',
    maxPollRecords: 5,
    sessionTimeoutMs: 9 * SECOND_MS,
    untilMs: 60 * SECOND_MS,
    ...options,
  });
}

/** The timeline without records and commits: `12.6 A -t-0,t-1`. */
function timeline(facts: readonly GroupFact[]): string[] {
  const signs = { 'partitions-assigned': '+', 'partitions-revoked': '-', 'partitions-lost': '!' };
  return facts.flatMap((fact) => {
    const at = String(fact.atMs / SECOND_MS);
    switch (fact.type) {
      case 'record-processed':
      case 'records-returned':
      case 'offset-committed':
      case 'position-reset':
      case 'output-sent':
      case 'output-ended':
        return [];
      case 'generation-started':
        return [`${at} generation ${fact.generation} of ${fact.members.join(',')}`];
      case 'rebalance-started':
        return [`${at} rebalance: ${fact.reason}`];
      case 'partitions-assigned':
      case 'partitions-revoked':
      case 'partitions-lost':
        return [`${at} ${fact.memberId} ${signs[fact.type]}${fact.partitions.join(',')}`];
      case 'commit-failed':
        return [`${at} ${fact.memberId} ${fact.error}`];
      default:
        return [`${at} ${fact.memberId} ${fact.type}`];
    }
  });
}

const processed = (facts: readonly GroupFact[]): string[] =>
  facts.flatMap((fact) =>
    fact.type === 'record-processed' ? [`${fact.partition}@${fact.offset}`] : [],
  );

describe('a second member joins', () => {
  const consumers = [consumer('A 0'), consumer('B 10')];

  test('eager: everybody stops and gives up everything', () => {
    const { facts } = run({ consumers });
    expect(timeline(facts)).toEqual([
      '0 A member-joined',
      '0 rebalance: member-joined',
      '3 generation 1 of A',
      '3 A +t-0,t-1,t-2,t-3',
      '10 B member-joined',
      '10 rebalance: member-joined',
      '12 A -t-0,t-1,t-2,t-3',
      '12 generation 2 of A,B',
      '12 A +t-0,t-1',
      '12 B +t-2,t-3',
    ]);
  });

  test('cooperative: only what moves, in a second rebalance, while the rest goes on', () => {
    const { facts, repeated } = run({ consumers, assignor: 'cooperative-sticky' });
    expect(timeline(facts).slice(4)).toEqual([
      '10 B member-joined',
      '10 rebalance: member-joined',
      '12 generation 2 of A,B',
      '12 B +',
      '12.5 A REBALANCE_IN_PROGRESS',
      '12.5 A -t-2,t-3',
      '12.5 A +',
      '12.5 rebalance: partitions-revoked',
      '13 A REBALANCE_IN_PROGRESS',
      '13 generation 3 of A,B',
      '13 B +t-2,t-3',
      '13.5 A REBALANCE_IN_PROGRESS',
      '13.5 A +',
    ]);
    expect(repeated).toEqual([]);
    // A never stopped: it finishes a record every 100 ms.
    const times = facts.flatMap((fact) =>
      fact.type === 'record-processed' && fact.memberId === 'A' ? [fact.atMs] : [],
    );
    const gaps = times.slice(1).map((time, at) => time - (times[at] as number));
    expect(Math.max(...gaps)).toBe(100);
  });

  test('cooperative with auto-commit: what was processed meanwhile and moves is repeated', () => {
    const commit: CommitMode = { type: 'auto', intervalMs: 5000 };
    const { repeated } = run({ consumers, assignor: 'cooperative-sticky', commit });
    expect(repeated.length).toBeGreaterThan(0);
    expect(repeated.every(({ partition }) => ['t-2', 't-3'].includes(partition))).toBe(true);
    expect(run({ consumers, commit }).repeated).toEqual([]);
  });
});

describe('a member crashes', () => {
  test('is noticed when its session ends, and the other repeats what was not committed', () => {
    const consumers = [consumer('A 0'), consumer('B 0 crash 10.25')];
    const { facts, repeated } = run({ consumers });
    expect(timeline(facts).slice(-4)).toEqual([
      '18 rebalance: member-expired',
      '18 A -t-0,t-1',
      '18 generation 2 of A',
      '18 A +t-0,t-1,t-2,t-3',
    ]);
    expect(repeated.length).toBe(2);
  });

  test('[P] 8: commit, then process 5 and 6, crash: 7 to 9 are lost', () => {
    const plans = [consumer('A 0 crash 3.75 restart 5')];
    const topics = { t: log(1, 10) };
    const { facts, skipped, repeated } = run({
      consumers: plans,
      topics,
      commit: { type: 'before-processing' },
    });
    expect(processed(facts)).toEqual([0, 1, 2, 3, 4, 5, 6].map((offset) => `t-0@${offset}`));
    expect(skipped.map(({ offset }) => offset)).toEqual([7, 8, 9]);
    expect(repeated).toEqual([]);
  });

  test('[P] 9: the same, but commit after processing, crash after 6: 5 and 6 twice', () => {
    const plans = [consumer('A 0 crash 3.75 restart 5')];
    const { skipped, repeated } = run({ consumers: plans, topics: { t: log(1, 10) } });
    expect(repeated.map(({ offset }) => offset)).toEqual([5, 6]);
    expect(skipped).toEqual([]);
  });

  test('and restarts: a stranger waits for its own ghost, a static member does not', () => {
    const ghost = run({ consumers: [consumer('A 0'), consumer('B 0 crash 10 restart 11')] });
    expect(timeline(ghost.facts).slice(6)).toEqual([
      '10 B consumer-crashed',
      '11 B#2 member-joined',
      '11 rebalance: member-joined',
      '12 A -t-0,t-1',
      '18 B member-expired',
      '18 generation 2 of A,B#2',
      '18 A +t-0,t-1',
      '18 B#2 +t-2,t-3',
    ]);
    const known = run({
      consumers: [
        consumer('A 0', { groupInstanceId: 'a' }),
        consumer('B 0 crash 10 restart 11', { groupInstanceId: 'b' }),
      ],
    });
    expect(timeline(known.facts).slice(6)).toEqual([
      '10 B consumer-crashed',
      '11 B static-member-returned',
      '11 B +t-2,t-3',
    ]);
  });
});

test('a static member that is away keeps its partitions through a rebalance', () => {
  const { facts } = run({
    consumers: [
      consumer('A 0', { groupInstanceId: 'a' }),
      consumer('B 0 crash 10', { groupInstanceId: 'b' }),
      consumer('C 11', { groupInstanceId: 'c' }),
    ],
    maxPollIntervalMs: 3 * SECOND_MS,
  });
  expect(timeline(facts).slice(6)).toEqual([
    '10 B consumer-crashed',
    '11 C member-joined',
    '11 rebalance: member-joined',
    '12 A -t-0,t-1',
    '14 generation 2 of A,B,C',
    '14 A +t-0,t-1',
    '14 C +t-3',
    '18 B member-expired',
    '18 rebalance: member-expired',
    '18 A -t-0,t-1',
    '20 C -t-3',
    '20 generation 3 of A,C',
    '20 A +t-0,t-1',
    '20 C +t-2,t-3',
  ]);
});

test('a commit of an earlier generation is refused', () => {
  const scenario = { topics: { t: log(1, 1) }, consumers: [], assignor: 'range' } as const;
  const facts: GroupFact[] = [];
  const settings = groupSettings({
    ...scenario,
    commit: { type: 'after-processing' },
    untilMs: 1,
    offsetReset: 'earliest',
  });
  const note = (fact: GroupFact): number => facts.push(fact);
  const coordinator = new GroupCoordinator(settings, { note, answer: () => undefined });
  const request = { memberId: 'A', topics: ['t'], ownedPartitions: [], generation: -1 };
  coordinator.join(request, 0);
  coordinator.onTime(3000);
  const offsets = new Map([['t-0', 1]]);
  expect(coordinator.commit('A', { generation: 0, offsets }, 3001)).toBe(false);
  expect(coordinator.commit('A', { generation: 1, offsets }, 3002)).toBe(true);
  expect(timeline(facts).at(-1)).toBe('3.001 A ILLEGAL_GENERATION');
});

test('a member that leaves hands over at once', () => {
  const { facts, repeated } = run({ consumers: [consumer('A 0'), consumer('B 0-10')] });
  expect(timeline(facts).slice(6)).toEqual([
    '10 B -t-2,t-3',
    '10 B member-left',
    '10 rebalance: member-left',
    '12 A -t-0,t-1',
    '12 generation 2 of A',
    '12 A +t-0,t-1,t-2,t-3',
  ]);
  // The batch that it was processing was not committed.
  expect(repeated.length).toBeLessThan(5);
});

test('a record that takes longer than max.poll.interval.ms throws its member out', () => {
  const slowRecord = { partition: 't-0', offset: 7, ms: 30 * SECOND_MS };
  const { facts, repeated } = run({
    consumers: [consumer('A 0', { slowRecord }), consumer('B 0')],
    maxPollIntervalMs: 10 * SECOND_MS,
  });
  const lines = timeline(facts);
  expect(lines).toContain('15 A member-left');
  expect(lines.filter((line) => line.includes('A UNKNOWN_MEMBER_ID'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('A !t-0,t-1'))).toHaveLength(1);
  expect(repeated.map(({ offset }) => offset)).toContain(7);
});

test('auto.offset.reset=latest misses what was there before the group', () => {
  const options = { consumers: [consumer('A 5')], topics: { t: log(1, 20, 1000) } };
  const { facts } = run({ ...options, offsetReset: 'latest' });
  expect(processed(facts)[0]).toBe('t-0@9');
  expect(run(options).facts.filter((fact) => fact.type === 'record-processed')).toHaveLength(20);
});

test('members beyond the partitions have nothing to do', () => {
  const { owned } = run({
    topics: { t: log(1, 5) },
    consumers: [consumer('A 0'), consumer('B 0')],
  });
  expect([...owned]).toEqual([
    ['A', ['t-0']],
    ['B', []],
  ]);
});

test('at any time a partition has at most one owner, and in the end all is processed', () => {
  forEachSeed(80, (seed) => {
    const random = new Random(seed);
    const topics = { t: log(random.between(1, 5), random.between(5, 40), random.below(300)) };
    const consumers = [...'ABCD'.slice(0, random.between(1, 4))].map((id, at) => {
      const crash = random.between(5, 40);
      const text = at > 0 && random.chance(0.5) ? ` crash ${crash} restart ${crash + 5}` : '';
      return consumer(`${id} ${random.below(20)}${text}`);
    });
    consumers.forEach((plan) => {
      if (plan.crashMs !== undefined && plan.crashMs <= plan.joinMs) {
        Object.assign(plan, { crashMs: plan.joinMs + 1000, restartMs: plan.joinMs + 6000 });
      }
    });
    const assignor = random.pick(['range', 'roundrobin', 'sticky', 'cooperative-sticky'] as const);
    const commit = random.pick<CommitMode>([
      { type: 'after-processing' },
      { type: 'auto', intervalMs: 2000 },
    ]);
    const result = run({ consumers, topics, assignor, commit, untilMs: 200 * SECOND_MS });
    const owner = new Map<string, string>();
    const crashed = new Set<string>();
    for (const fact of result.facts) {
      if (fact.type === 'consumer-crashed') crashed.add(fact.memberId);
      if (fact.type === 'partitions-assigned') {
        for (const partition of fact.partitions) {
          const other = owner.get(partition);
          expect(other === undefined || crashed.has(other)).toBe(true);
          owner.set(partition, fact.memberId);
        }
      }
      if (fact.type === 'partitions-revoked' || fact.type === 'partitions-lost') {
        for (const partition of fact.partitions) owner.delete(partition);
      }
    }
    expect(result.skipped).toEqual([]);
    expect([...result.lag.values()].filter((lag) => lag > 0)).toEqual([]);
    if (crashed.size === 0 && assignor !== 'cooperative-sticky')
      expect(result.repeated).toEqual([]);
  });
});

describe('is refused:', () => {
  test.each<[Partial<GroupScenario>, RegExp]>([
    [{ consumers: [consumer('A 0'), consumer('A 1')] }, /member ids must differ: got A/],
    [{ consumers: [consumer('A 0', { topics: ['u'] })] }, /a topic that exists: got u/],
    [{ consumers: [consumer('A 5-1')] }, /must join, then leave/],
    [{ heartbeatIntervalMs: 9000 }, /below sessionTimeoutMs/],
    [{ untilMs: Infinity }, /untilMs must be finite/],
    [{ maxPollRecords: 0 }, /maxPollRecords must be positive/],
    [{ commit: { type: 'auto', intervalMs: 0 } }, /auto.commit.interval.ms must be positive/],
  ])('%o', (options, message) => {
    expect(() => run({ consumers: [consumer('A 0')], ...options })).toThrow(message);
    expect(() => run({ consumers: [consumer('A 0')], ...options })).toThrow(ConfigError);
  });
});
