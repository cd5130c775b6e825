import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  ConfigError,
  Random,
  cooperativeStickyAssign,
  partitionName,
  rangeAssign,
  roundRobinAssign,
  stickyAssign,
} from '#engine';
import type { Assignment, GroupMember } from '#engine';
import { forEachSeed } from '../../stream-notation.ts';
import { topicPartitions } from './log-notation.ts';

const ASSIGNORS = [rangeAssign, roundRobinAssign, stickyAssign, cooperativeStickyAssign];

/** `A@5[tu]:t0,u1`: member A of generation 5 reads t and u and owns t0 and u1. */
function members(text: string): GroupMember[] {
  return text.split(' ').map((word) => {
    const [, memberId, generation, topics, owned] = /^(\w)@(\d)\[(\w+)\]:(.*)$/.exec(word) ?? [];
    return {
      memberId: memberId as string,
      generation: Number(generation),
      topics: [...(topics as string)],
      ownedPartitions: topicPartitions(owned as string),
    };
  });
}

function counts(text: string): { [topic: string]: number } {
  return Object.fromEntries(
    text.split(' ').map((word) => [word.split('=')[0] as string, Number(word.split('=')[1])]),
  );
}

function show(assignment: Assignment): string {
  return [...assignment]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, mine]) => {
      const names = mine.map(({ topic, partition }) => `${topic}${partition}`).sort();
      return `${id}:${names.join(',')}`;
    })
    .join(' ');
}

// Printed by RangeAssignor, RoundRobinAssignor, AbstractStickyAssignor and
// CooperativeStickyAssignor of kafka-clients 4.1.0, for random groups; the first 60 groups read
// the same topics. A line: topics | members | range | round robin | sticky | cooperative sticky.
const VECTORS = readFileSync(new URL('assignor-vectors.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split('|').map((part) => part.trim()));

describe('as kafka-clients 4.1.0 does it', () => {
  test.each(['range', 'round robin', 'sticky', 'cooperative sticky'].map((name, at) => [name, at]))(
    '%s',
    (_, at) => {
      const assign = ASSIGNORS[at as number] as typeof rangeAssign;
      for (const [topics = '', group = '', ...expected] of VECTORS) {
        const got = show(assign(members(group), counts(topics)));
        expect(`${topics} | ${group} | ${got}`).toBe(
          `${topics} | ${group} | ${expected[at as number]}`,
        );
      }
    },
  );
});

describe('range', () => {
  test('gives the first members one more of every topic', () => {
    const group = members('A@1[tu]: B@1[tu]:');
    expect(show(rangeAssign(group, counts('t=3 u=3')))).toBe('A:t0,t1,u0,u1 B:t2,u2');
  });

  test('puts static members first, by their instance id', () => {
    const group = members('A@1[t]: B@1[t]:').map((member) =>
      member.memberId === 'B' ? { ...member, groupInstanceId: 'one' } : member,
    );
    expect(show(rangeAssign(group, counts('t=3')))).toBe('A:t2 B:t0,t1');
  });
});

/** A random group of up to 5 members over up to 3 topics, nothing owned. */
function randomGroup(random: Random): {
  group: GroupMember[];
  topics: { [topic: string]: number };
} {
  const topics: { [topic: string]: number } = {};
  for (const topic of 'tuv'.slice(0, random.between(1, 3))) topics[topic] = random.between(1, 8);
  const group = [...'ABCDE'.slice(0, random.between(1, 5))].map((memberId) => ({
    memberId,
    topics: Object.keys(topics).filter((topic) => topic === 't' || random.chance(0.7)),
  }));
  return { group, topics };
}

const owns = (group: readonly GroupMember[], assignment: Assignment): GroupMember[] =>
  group.map((member) => ({
    ...member,
    generation: 1,
    ownedPartitions: assignment.get(member.memberId) ?? [],
  }));

test('no assignor gives a partition twice, leaves one out, or gives one that is not read', () => {
  forEachSeed(200, (seed) => {
    const { group, topics } = randomGroup(new Random(seed));
    const read = Object.entries(topics).filter(([topic]) =>
      group.some((member) => member.topics.includes(topic)),
    );
    const all = read.flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, partition) => partitionName({ topic, partition })),
    );
    for (const assign of ASSIGNORS) {
      const assignment = assign(group, topics);
      const given = [...assignment.values()].flat().map(partitionName);
      expect([...given].sort()).toEqual([...all].sort());
      for (const { memberId, topics: mine } of group) {
        const topicsGiven = assignment.get(memberId)?.map(({ topic }) => topic) ?? [];
        expect(topicsGiven.filter((topic) => !mine.includes(topic))).toEqual([]);
      }
    }
  });
});

test('a sticky group that nobody joins or leaves stays as it is', () => {
  forEachSeed(100, (seed) => {
    const { group, topics } = randomGroup(new Random(seed));
    for (const assign of [stickyAssign, cooperativeStickyAssign]) {
      const first = assign(group, topics);
      expect(show(assign(owns(group, first), topics))).toBe(show(first));
    }
  });
});

test('cooperative: nobody but who has too much loses anything, and two rounds settle', () => {
  forEachSeed(200, (seed) => {
    const random = new Random(seed);
    const topics = { t: random.between(1, 12) };
    const group = [...'ABCD'.slice(0, random.between(1, 4))].map((memberId) => ({
      memberId,
      topics: ['t'],
    }));
    const before = cooperativeStickyAssign(group, topics);
    const more = [...owns(group, before), { memberId: 'E', topics: ['t'], generation: -1 }];
    const round = cooperativeStickyAssign(more, topics);
    const share = Math.floor(topics.t / more.length);
    for (const [memberId, owned] of before) {
      const kept = (round.get(memberId) ?? []).map(partitionName);
      const lost = owned.filter((partition) => !kept.includes(partitionName(partition)));
      expect(lost.length).toBeLessThanOrEqual(Math.max(0, owned.length - share));
    }
    // What was taken from a member is nobody's yet.
    const given = new Set([...round.values()].flat().map(partitionName));
    expect(round.get('E')).toEqual([]);
    const second = cooperativeStickyAssign(owns(more, round), topics);
    expect([...second.values()].flat()).toHaveLength(topics.t);
    for (const name of given) {
      const ownerOf = (assignment: Assignment): string | undefined =>
        [...assignment].find(([, mine]) => mine.map(partitionName).includes(name))?.[0];
      expect(ownerOf(second)).toBe(ownerOf(round));
    }
  });
});

describe('is refused:', () => {
  test('a group without members', () => {
    expect(() => rangeAssign([], { t: 1 })).toThrow(ConfigError);
  });
  test('two members of one id', () => {
    expect(() => stickyAssign(members('A@1[t]: A@1[t]:'), { t: 1 })).toThrow(/member ids/);
  });
  test('a topic without partitions', () => {
    expect(() => roundRobinAssign(members('A@1[t]:'), { t: 0 })).toThrow(/at least one partition/);
  });
});
