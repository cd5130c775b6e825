/**
 * Models the sticky assignor where all members read the same topics: Apache Kafka 4.1, clients,
 * `AbstractStickyAssignor.ConstrainedAssignmentBuilder`.
 * Simplified: racks are not looked at.
 * Invariant: every member ends with floor or ceiling of partitions ÷ members.
 */
import { assert } from '../../../core/assert.ts';
import { compareText } from './group-member.ts';
import type { TopicPartition } from './group-member.ts';
import type { StickyInput, StickyResult } from './sticky.ts';

/** Keeps what is owned up to the quota, then deals the rest to those with the least. */
export function assignUniform(input: StickyInput): StickyResult {
  const memberCount = input.members.length;
  const least = Math.floor(input.partitions.length / memberCount);
  const most = Math.ceil(input.partitions.length / memberCount);
  // How many members may have one more than the others.
  const roomForMost = input.partitions.length % memberCount;
  let atMost = 0;
  const assignment = new Map<string, TopicPartition[]>();
  const below: string[] = [];
  let atLeast: string[] = [];
  const givenUp = new Map<TopicPartition, string>();
  for (const [memberId, claimed] of input.owned) {
    const owned = claimed
      .filter((partition) => !input.disputed.has(partition))
      .sort((a, b) => a.partition - b.partition || compareText(a.topic, b.topic));
    let quota = least;
    if (owned.length < least) {
      below.push(memberId);
    } else if (owned.length >= most && atMost < roomForMost) {
      quota = most;
      atMost += 1;
      if (atMost === roomForMost) atLeast = [];
    } else if (atMost < roomForMost) {
      atLeast.push(memberId);
    }
    assignment.set(memberId, owned.slice(0, quota));
    for (const partition of owned.slice(quota)) givenUp.set(partition, memberId);
  }
  const kept = new Set([...assignment.values()].flat());
  const free = input.partitions.filter((partition) => !kept.has(partition));
  const transferred = new Map<TopicPartition, string>();
  deal(
    { free, below: below.sort(compareText), atLeast: atLeast.sort(compareText), least },
    (partition, memberId) => {
      const mine = assignment.get(memberId) as TopicPartition[];
      mine.push(partition);
      const former = givenUp.get(partition);
      const isTaken = former !== undefined && former !== memberId;
      if (isTaken || input.disputed.has(partition)) transferred.set(partition, memberId);
      return mine.length;
    },
  );
  for (const mine of assignment.values()) {
    assert(mine.length === least || mine.length === most, 'a balanced share');
  }
  return { assignment, transferred };
}

/** Round after round to the members below the least share, then one each to the others. */
function deal(
  work: {
    readonly free: readonly TopicPartition[];
    readonly below: string[];
    readonly atLeast: string[];
    readonly least: number;
  },
  give: (partition: TopicPartition, memberId: string) => number,
): void {
  const { free, below, atLeast, least } = work;
  let place = 0;
  for (const partition of free) {
    if (below.length === 0) {
      const memberId = atLeast.shift();
      assert(memberId !== undefined, 'a member with room for the partition');
      give(partition, memberId);
      continue;
    }
    if (place >= below.length) place = 0;
    const memberId = below[place] as string;
    if (give(partition, memberId) === least) {
      below.splice(place, 1);
      atLeast.push(memberId);
    } else {
      place += 1;
    }
  }
}
