/**
 * Models Kafka's sticky assignor: Apache Kafka 4.1, clients, `AbstractStickyAssignor`.
 * Simplified: racks are not looked at; members are visited in the order of their ids, where Java
 * visits them in that of a hash map (the same for one-letter names).
 * Invariant: counts differ by at most one where all members read the same topics; then a member
 * loses a partition only if it owns more than its share.
 */
import { checkGroup, compareText, partitionName, partitionsOf } from './group-member.ts';
import type { Assignment, GroupMember, PartitionCounts, TopicPartition } from './group-member.ts';
import { assignMixed } from './sticky-mixed.ts';
import { assignUniform } from './sticky-uniform.ts';

/** The generation of a member that names none. */
const DEFAULT_GENERATION = -1;

/** What the members own, after claims that contradict each other were settled. */
export interface StickyInput {
  readonly members: readonly GroupMember[];
  /** Topics that exist and that somebody reads. */
  readonly counts: PartitionCounts;
  readonly owned: ReadonlyMap<string, readonly TopicPartition[]>;
  /** Claimed twice in one generation: nobody's. */
  readonly disputed: ReadonlySet<TopicPartition>;
  /** Who claimed a partition in an older generation, when nobody's claim is newer. */
  readonly formerOwners: ReadonlyMap<TopicPartition, string>;
  readonly partitions: readonly TopicPartition[];
}

/** An assignment, and what changes hands: the cooperative assignor withholds those. */
export interface StickyResult {
  readonly assignment: Map<string, TopicPartition[]>;
  /** Undefined where the assignor leaves it to be found from what is owned. */
  readonly transferred?: ReadonlyMap<TopicPartition, string>;
}

/**
 * Balanced first, then as it was: everybody keeps what it owns, up to its share.
 * @throws ConfigError when the group has no member or a topic no partition.
 */
export function stickyAssign(members: readonly GroupMember[], counts: PartitionCounts): Assignment {
  return assignSticky(members, counts).assignment;
}

/** The same with what changes hands. */
export function assignSticky(
  members: readonly GroupMember[],
  counts: PartitionCounts,
): StickyResult {
  checkGroup(members, counts);
  const input = settleClaims(members, counts);
  return readsTheSame(members) ? assignUniform(input) : assignMixed(input);
}

function readsTheSame(members: readonly GroupMember[]): boolean {
  const topics = new Set(members[0]?.topics);
  return members.every(
    (member) =>
      new Set(member.topics).size === topics.size &&
      member.topics.every((topic) => topics.has(topic)),
  );
}

/**
 * Of two claims to one partition the one of the higher generation holds; of two in the same
 * generation none does, for both may be writing.
 */
function settleClaims(members: readonly GroupMember[], counts: PartitionCounts): StickyInput {
  const ordered = [...members].sort((left, right) => compareText(left.memberId, right.memberId));
  const read = new Set(members.flatMap((member) => member.topics));
  const known: { [topic: string]: number } = {};
  for (const topic of Object.keys(counts).sort(compareText)) {
    if (read.has(topic)) known[topic] = counts[topic] as number;
  }
  const partitions = Object.entries(known).flatMap(([topic, count]) => partitionsOf(topic, count));
  const byName = new Map(partitions.map((partition) => [partitionName(partition), partition]));
  const owned = new Map<string, TopicPartition[]>();
  const claims = new Map<TopicPartition, { memberId: string; generation: number }>();
  const disputed = new Set<TopicPartition>();
  const withdraw = (memberId: string, partition: TopicPartition): void => {
    const held = owned.get(memberId) as TopicPartition[];
    const place = held.indexOf(partition);
    if (place >= 0) held.splice(place, 1);
  };
  for (const member of ordered) {
    const generation = member.generation ?? DEFAULT_GENERATION;
    const mine: TopicPartition[] = [];
    owned.set(member.memberId, mine);
    for (const name of (member.ownedPartitions ?? []).map(partitionName)) {
      const partition = byName.get(name);
      if (partition === undefined) continue;
      const other = claims.get(partition);
      if (other !== undefined && other.generation > generation) continue;
      if (other !== undefined) withdraw(other.memberId, partition);
      if (other?.generation === generation) disputed.add(partition);
      else mine.push(partition);
      claims.set(partition, { memberId: member.memberId, generation });
    }
  }
  const formerOwners = formerOwnersOf(ordered, byName);
  return { members: ordered, counts: known, owned, disputed, formerOwners, partitions };
}

function formerOwnersOf(
  members: readonly GroupMember[],
  byName: ReadonlyMap<string, TopicPartition>,
): Map<TopicPartition, string> {
  const newest = Math.max(...members.map((member) => member.generation ?? DEFAULT_GENERATION));
  const former = new Map<TopicPartition, { memberId: string; generation: number }>();
  for (const member of members) {
    const generation = member.generation ?? DEFAULT_GENERATION;
    if (generation >= newest) continue;
    for (const name of (member.ownedPartitions ?? []).map(partitionName)) {
      const partition = byName.get(name);
      if (partition === undefined) continue;
      const known = former.get(partition);
      if (known === undefined || generation > known.generation) {
        former.set(partition, { memberId: member.memberId, generation });
      }
    }
  }
  return new Map([...former].map(([partition, { memberId }]) => [partition, memberId]));
}
