/**
 * Models the sticky assignor where members read different topics: Apache Kafka 4.1, clients,
 * `AbstractStickyAssignor.GeneralAssignmentBuilder`.
 * Simplified: racks are not looked at; where Java takes any movement to undo (the first of a hash
 * set), this takes the oldest. Of 8,000 random groups, kafka-clients 4.1.0 gave 2 otherwise.
 * True to Kafka also in this: a partition may go back to a former owner that stopped reading it.
 * Invariant: no partition can move from a member to one with at least two fewer that reads it.
 */
import { assert } from '../../../core/assert.ts';
import { compareText } from './group-member.ts';
import type { TopicPartition } from './group-member.ts';
import { PartitionMovements } from './partition-movements.ts';
import type { StickyInput, StickyResult } from './sticky.ts';

/** Keeps all that is owned and still read, gives the rest to the least loaded, then balances. */
export function assignMixed(input: StickyInput): StickyResult {
  return { assignment: new MixedAssignment(input).build() };
}

class MixedAssignment {
  readonly #input: StickyInput;
  readonly #topicsOf: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #readersOf = new Map<string, string[]>();
  readonly #movements = new PartitionMovements();
  #assignment = new Map<string, TopicPartition[]>();
  #ownerOf = new Map<TopicPartition, string>();
  /** Members that can still gain or lose: the others are settled. */
  #movable: string[] = [];

  constructor(input: StickyInput) {
    this.#input = input;
    this.#topicsOf = new Map(input.members.map((m) => [m.memberId, new Set(m.topics)]));
    for (const topic of Object.keys(input.counts)) {
      const readers = input.members.filter((member) => member.topics.includes(topic));
      this.#readersOf.set(
        topic,
        readers.map((member) => member.memberId),
      );
    }
  }

  build(): Map<string, TopicPartition[]> {
    const isRevoking = this.#keepOwned();
    const isFresh = [...this.#assignment.values()].every((mine) => mine.length === 0);
    const sorted = this.#sortedPartitions();
    const free = sorted.filter((partition) => !this.#ownerOf.has(partition));
    this.#movable = this.#input.members.map((member) => member.memberId);
    for (const partition of free) {
      const reader = this.#byLoad().find((id) => this.#reads(id, partition));
      if (reader !== undefined) this.#give(partition, reader);
    }
    const isContested = (partition: TopicPartition): boolean =>
      (this.#readersOf.get(partition.topic)?.length ?? 0) >= 2;
    this.#movable = this.#movable.filter((id) => this.#canMove(id, isContested));
    const before = this.#copy();
    if (!isRevoking) this.#improve(free.filter(isContested));
    const isChanged = this.#improve(sorted.filter(isContested));
    if (!isFresh && isChanged && this.#imbalance(this.#assignment) >= this.#imbalance(before)) {
      this.#assignment = before;
    }
    return this.#assignment;
  }

  /** True when a member owns what it does not read any more. */
  #keepOwned(): boolean {
    let isRevoking = false;
    for (const [memberId, owned] of this.#input.owned) {
      const kept = owned.filter((partition) => this.#reads(memberId, partition));
      if (kept.length < owned.length) isRevoking = true;
      this.#assignment.set(memberId, kept);
      for (const partition of kept) this.#ownerOf.set(partition, memberId);
    }
    return isRevoking;
  }

  /** Partitions of the topics with the fewest readers first: they have the least choice. */
  #sortedPartitions(): TopicPartition[] {
    const rank = (partition: TopicPartition): number =>
      this.#readersOf.get(partition.topic)?.length ?? 0;
    return [...this.#input.partitions].sort(
      (a, b) => rank(a) - rank(b) || compareText(a.topic, b.topic) || a.partition - b.partition,
    );
  }

  #improve(partitions: readonly TopicPartition[]): boolean {
    let isChanged = false;
    let isModified = true;
    while (isModified) {
      isModified = false;
      for (const partition of partitions) {
        if (this.#isBalanced()) break;
        if (this.#improveOne(partition)) isModified = true;
      }
      isChanged ||= isModified;
    }
    return isChanged;
  }

  #improveOne(partition: TopicPartition): boolean {
    const load = this.#loadOf(this.#ownerOf.get(partition) as string);
    const former = this.#input.formerOwners.get(partition);
    if (former !== undefined && load > this.#loadOf(former) + 1) {
      this.#move(partition, former);
      return true;
    }
    const readers = this.#readersOf.get(partition.topic) as string[];
    if (!readers.some((reader) => load > this.#loadOf(reader) + 1)) return false;
    const target = this.#byLoad().find((id) => this.#reads(id, partition));
    assert(target !== undefined, 'a reader with fewer partitions');
    this.#move(partition, target);
    return true;
  }

  #move(wanted: TopicPartition, target: string): void {
    const owner = this.#ownerOf.get(wanted) as string;
    // Where another partition of this topic went the opposite way, that one goes back instead.
    const partition = this.#movements.actualPartition(wanted, owner, target);
    const source = this.#ownerOf.get(partition) as string;
    this.#movements.record(partition, source, target);
    const mine = this.#assignment.get(source) as TopicPartition[];
    mine.splice(mine.indexOf(partition), 1);
    this.#give(partition, target);
  }

  #give(partition: TopicPartition, memberId: string): void {
    this.#assignment.get(memberId)?.push(partition);
    this.#ownerOf.set(partition, memberId);
  }

  #isBalanced(): boolean {
    if (this.#movable.length === 0) return true;
    const order = this.#byLoad();
    const lowest = this.#loadOf(order[0] as string);
    if (lowest >= this.#loadOf(order[order.length - 1] as string) - 1) return true;
    return !order.some((id) =>
      this.#input.partitions.some((partition) => {
        if (!this.#reads(id, partition)) return false;
        const owner = this.#ownerOf.get(partition) as string;
        return owner !== id && this.#loadOf(id) + 1 < this.#loadOf(owner);
      }),
    );
  }

  /** A member with all it could have, none of it contested, is settled. */
  #canMove(memberId: string, isContested: (partition: TopicPartition) => boolean): boolean {
    const possible = this.#input.partitions.filter((p) => this.#reads(memberId, p)).length;
    if (this.#loadOf(memberId) < possible) return true;
    return (this.#assignment.get(memberId) as TopicPartition[]).some(isContested);
  }

  /** Sum of the differences of every two members that can move. */
  #imbalance(assignment: ReadonlyMap<string, readonly TopicPartition[]>): number {
    const loads = this.#movable.map((id) => assignment.get(id)?.length ?? 0);
    let sum = 0;
    loads.forEach((load, place) => {
      for (const other of loads.slice(place + 1)) sum += Math.abs(load - other);
    });
    return sum;
  }

  #byLoad(): string[] {
    return [...this.#movable].sort(
      (a, b) => this.#loadOf(a) - this.#loadOf(b) || compareText(a, b),
    );
  }

  #reads(memberId: string, partition: TopicPartition): boolean {
    return this.#topicsOf.get(memberId)?.has(partition.topic) === true;
  }

  #loadOf(memberId: string): number {
    return this.#assignment.get(memberId)?.length ?? 0;
  }

  #copy(): Map<string, TopicPartition[]> {
    return new Map([...this.#assignment].map(([id, mine]) => [id, [...mine]]));
  }
}
