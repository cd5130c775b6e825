import { ConfigError } from '../../../core/errors.ts';

/** A slice of a topic, the unit of order and of work. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** How many partitions each topic has. A topic that is not here does not exist. */
export type PartitionCounts = { readonly [topic: string]: number };

/** What a member of a consumer group says when it joins. */
export interface GroupMember {
  readonly memberId: string;
  /** `group.instance.id`: a static member, which keeps its place when it restarts. */
  readonly groupInstanceId?: string;
  readonly topics: readonly string[];
  /** What it owns as it joins: the sticky assignors look at it. */
  readonly ownedPartitions?: readonly TopicPartition[];
  /** The generation in which it came to own that. */
  readonly generation?: number;
}

/** The partitions of each member, by member id. */
export type Assignment = ReadonlyMap<string, readonly TopicPartition[]>;

/** Written as Kafka writes it: `flights-3`. */
export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

/** Static members by their instance id, then dynamic ones by their member id (`MemberInfo`). */
export function sortMembers<T extends Pick<GroupMember, 'memberId' | 'groupInstanceId'>>(
  members: readonly T[],
): T[] {
  const rank = (member: T): string => member.groupInstanceId ?? member.memberId;
  return [...members].sort((left, right) => {
    const leftIsDynamic = left.groupInstanceId === undefined;
    const rightIsDynamic = right.groupInstanceId === undefined;
    if (leftIsDynamic !== rightIsDynamic) return leftIsDynamic ? 1 : -1;
    return compareText(rank(left), rank(right));
  });
}

/** By code unit, as Java's `String.compareTo`. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** All partitions of the topics that somebody reads and that exist, by topic and number. */
export function allPartitionsSorted(
  members: readonly GroupMember[],
  counts: PartitionCounts,
): TopicPartition[] {
  const topics = [...new Set(members.flatMap((member) => member.topics))].sort(compareText);
  return topics.flatMap((topic) => partitionsOf(topic, counts[topic] ?? 0));
}

/** The partitions 0 … count−1 of a topic. */
export function partitionsOf(topic: string, count: number): TopicPartition[] {
  return Array.from({ length: count }, (_, partition) => ({ topic, partition }));
}

/** @throws ConfigError naming the member or topic that a group can't have. */
export function checkGroup(members: readonly GroupMember[], counts: PartitionCounts): void {
  if (members.length === 0) {
    throw new ConfigError('a group must have a member', 'none', "give `[{ memberId: 'A', … }]`");
  }
  const ids = new Set<string>();
  for (const { memberId } of members) {
    if (ids.has(memberId) || memberId === '') {
      throw new ConfigError('member ids must differ and not be empty', memberId, 'rename one');
    }
    ids.add(memberId);
  }
  for (const [topic, count] of Object.entries(counts)) {
    if (!Number.isInteger(count) || count < 1) {
      throw new ConfigError(
        `topic "${topic}" must have at least one partition`,
        count,
        'give the number of its partitions, or leave the topic out',
      );
    }
  }
}
