/**
 * Models what the sticky assignor remembers while it balances: Apache Kafka 4.1, clients,
 * `AbstractStickyAssignor.PartitionMovements`.
 * Simplified: movements are kept in the order in which they were made.
 * Invariant: a partition has at most one movement, from where it was first to where it is now.
 */
import type { TopicPartition } from './group-member.ts';

interface Movement {
  readonly source: string;
  readonly target: string;
}

/** Moves of partitions between members, so that two never swap partitions of one topic. */
export class PartitionMovements {
  readonly #movements = new Map<TopicPartition, Movement>();

  /** Notes a move; one that leads back to where the partition came from is forgotten. */
  record(partition: TopicPartition, source: string, target: string): void {
    const known = this.#movements.get(partition);
    this.#movements.delete(partition);
    if (known?.source === target) return;
    this.#movements.set(partition, { source: known?.source ?? source, target });
  }

  /** What to move instead, when a partition of this topic went from the target to the owner. */
  actualPartition(partition: TopicPartition, owner: string, target: string): TopicPartition {
    const source = this.#movements.get(partition)?.source ?? owner;
    for (const [other, movement] of this.#movements) {
      const isSameTopic = other.topic === partition.topic;
      if (isSameTopic && movement.source === target && movement.target === source) return other;
    }
    return partition;
  }
}
