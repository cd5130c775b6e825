/**
 * Models Kafka's round-robin assignor: Apache Kafka 4.1, clients, `RoundRobinAssignor`.
 * Simplified: nothing.
 * Invariant: where all members read the same topics, their counts differ by at most one.
 */
import { allPartitionsSorted, checkGroup, sortMembers } from './group-member.ts';
import type { Assignment, GroupMember, PartitionCounts, TopicPartition } from './group-member.ts';

/**
 * All partitions, by topic and number, dealt in a circle. A member that does not read the topic
 * is passed over, and the circle goes on from where it stands for the next topic.
 * @throws ConfigError when the group has no member or a topic no partition.
 */
export function roundRobinAssign(
  members: readonly GroupMember[],
  counts: PartitionCounts,
): Assignment {
  checkGroup(members, counts);
  const assignment = new Map<string, TopicPartition[]>();
  for (const member of members) assignment.set(member.memberId, []);
  const circle = sortMembers(members);
  let place = 0;
  for (const partition of allPartitionsSorted(members, counts)) {
    while (!circle[place]?.topics.includes(partition.topic)) place = (place + 1) % circle.length;
    assignment.get(circle[place]?.memberId as string)?.push(partition);
    place = (place + 1) % circle.length;
  }
  return assignment;
}
