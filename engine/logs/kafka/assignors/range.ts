/**
 * Models Kafka's range assignor: Apache Kafka 4.1, clients, `RangeAssignor`.
 * Simplified: racks are not looked at.
 * Invariant: of each topic a member gets one contiguous block, and blocks differ by at most one.
 */
import { checkGroup, partitionsOf, sortMembers } from './group-member.ts';
import type { Assignment, GroupMember, PartitionCounts, TopicPartition } from './group-member.ts';

/**
 * Topic by topic, each in contiguous blocks; the first (partitions mod members) members get one
 * more, of every topic. So partition n of all topics meets at one member, and the first members
 * of a group with many topics carry more.
 * @throws ConfigError when the group has no member or a topic no partition.
 */
export function rangeAssign(members: readonly GroupMember[], counts: PartitionCounts): Assignment {
  checkGroup(members, counts);
  const assignment = new Map<string, TopicPartition[]>();
  for (const member of members) assignment.set(member.memberId, []);
  for (const [topic, count] of Object.entries(counts)) {
    const readers = sortMembers(members.filter((member) => member.topics.includes(topic)));
    const share = Math.floor(count / readers.length);
    const extra = count % readers.length;
    const partitions = partitionsOf(topic, count);
    let from = 0;
    readers.forEach((reader, place) => {
      const until = from + share + (place < extra ? 1 : 0);
      assignment.get(reader.memberId)?.push(...partitions.slice(from, until));
      from = until;
    });
  }
  return assignment;
}
