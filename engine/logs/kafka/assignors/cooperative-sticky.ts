/**
 * Models Kafka's cooperative sticky assignor: Apache Kafka 4.1, clients,
 * `CooperativeStickyAssignor`.
 * Simplified: racks are not looked at.
 * Invariant: a partition that somebody else owned is assigned to nobody in this rebalance; its
 * owner gives it up, joins again, and the next rebalance hands it out.
 */
import { partitionName } from './group-member.ts';
import type { Assignment, GroupMember, PartitionCounts, TopicPartition } from './group-member.ts';
import { assignSticky } from './sticky.ts';

/**
 * The sticky assignment without what would change hands.
 * @throws ConfigError when the group has no member or a topic no partition.
 */
export function cooperativeStickyAssign(
  members: readonly GroupMember[],
  counts: PartitionCounts,
): Assignment {
  const { assignment, transferred } = assignSticky(members, counts);
  const withheld = transferred ?? transfersOf(members, assignment);
  for (const [partition, memberId] of withheld) {
    const mine = assignment.get(memberId) as TopicPartition[];
    mine.splice(mine.indexOf(partition), 1);
  }
  return assignment;
}

/** What one member gains and another loses. */
function transfersOf(
  members: readonly GroupMember[],
  assignment: Assignment,
): Map<TopicPartition, string> {
  const revoked = new Set<string>();
  const added = new Map<TopicPartition, string>();
  for (const { memberId, ownedPartitions = [] } of members) {
    const owned = new Set(ownedPartitions.map(partitionName));
    const assigned = assignment.get(memberId) as readonly TopicPartition[];
    for (const partition of assigned) {
      if (!owned.delete(partitionName(partition))) added.set(partition, memberId);
    }
    for (const name of owned) revoked.add(name);
  }
  return new Map([...added].filter(([partition]) => revoked.has(partitionName(partition))));
}
