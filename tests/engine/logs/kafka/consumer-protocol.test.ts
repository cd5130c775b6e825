import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConsumerGroup, Random, uniformTarget } from '#engine';
import type { ConsumerGroupMember } from '#engine';
import { forEachSeed } from '../../stream-notation.ts';

// Printed by UniformAssignor of kafka-group-coordinator 4.1.0, for random groups of one topic.
// A line: partitions | owned | target.
test('the uniform assignor, as kafka-group-coordinator 4.1.0 does it', () => {
  const text = readFileSync(new URL('uniform-vectors.txt', import.meta.url), 'utf8');
  for (const line of text.trim().split('\n')) {
    const [count, owned = '', expected] = line.split('|').map((part) => part.trim());
    const current = new Map(
      owned.split(' ').map((word) => {
        const [id = '', names = ''] = word.split(':');
        return [id, names === '' ? [] : names.split(',')] as const;
      }),
    );
    const partitions = Array.from({ length: Number(count) }, (_, partition) => `${partition}`);
    const target = [...uniformTarget(partitions, current)];
    expect(target.map(([id, names]) => `${id}:${names.join(',')}`).join(' ')).toBe(expected);
  }
});

/** `A@2 stable t-0,t-1 -t-2`: epoch 2, what is assigned, and what is to be given up. */
function show({ memberId, memberEpoch, state, ...member }: ConsumerGroupMember): string {
  const revoking = member.pendingRevocation.map((name) => `-${name}`);
  return [`${memberId}@${memberEpoch}`, state, member.assigned.join(','), ...revoking].join(' ');
}

describe('a member joins', () => {
  const group = new ConsumerGroup({ t: 4 });
  const beats = [
    () => group.join('A'),
    () => group.join('B'),
    () => group.heartbeat('A', ['t-0', 't-1', 't-2', 't-3']),
    () => group.heartbeat('B', []),
    () => group.heartbeat('A', ['t-0', 't-1']),
    () => group.heartbeat('B', []),
  ];

  test('and waits only for what is being given up', () => {
    expect(beats.map((beat) => show(beat()))).toEqual([
      'A@1 stable t-0,t-1,t-2,t-3',
      'B@2 unreleased-partitions ',
      'A@1 unrevoked-partitions t-0,t-1 -t-2 -t-3',
      'B@2 unreleased-partitions ',
      'A@2 stable t-0,t-1',
      'B@2 stable t-2,t-3',
    ]);
  });
});

test('at no heartbeat does a partition have two owners, and in the end all have one', () => {
  forEachSeed(150, (seed) => {
    const random = new Random(seed);
    const group = new ConsumerGroup({ t: random.between(1, 9) });
    const owned = new Map<string, string[]>();
    const beat = (memberId: string): void => {
      // A slow member still reports, and works on, what it has been told to give up.
      const isSlow = random.chance(0.3);
      const view = group.heartbeat(memberId, owned.get(memberId) ?? []);
      if (!isSlow) owned.set(memberId, [...view.assigned]);
    };
    for (let step = 0; step < 60; step += 1) {
      const ids = [...owned.keys()];
      const roll = random.below(10);
      if ((roll === 0 && ids.length < 4) || ids.length === 0) {
        const memberId = `m${step}`;
        owned.set(memberId, [...group.join(memberId).assigned]);
      } else if (roll === 1 && ids.length > 1) {
        const leaver = random.pick(ids);
        group.leave(leaver);
        owned.delete(leaver);
      } else {
        beat(random.pick(ids));
      }
      const all = [...owned.values()].flat();
      expect(new Set(all).size).toBe(all.length);
    }
    for (let round = 0; round < 20; round += 1) for (const id of owned.keys()) beat(id);
    for (const id of owned.keys()) {
      for (let round = 0; round < 20; round += 1) beat(id);
    }
    const target = group.facts.findLast((fact) => fact.type === 'group-epoch-bumped')?.target ?? {};
    expect(Object.fromEntries([...owned].map(([id, mine]) => [id, [...mine].sort()]))).toEqual(
      Object.fromEntries(Object.entries(target).map(([id, mine]) => [id, [...mine].sort()])),
    );
  });
});

test('a stranger cannot heartbeat, nor join twice', () => {
  const group = new ConsumerGroup({ t: 1 });
  group.join('A');
  expect(() => group.join('A')).toThrow(/must be new/);
  expect(() => group.heartbeat('B', [])).toThrow(/must come from a member/);
});
