import type { GroupFact } from './group-scenario.ts';

/** The committed offsets of a group: the next offset to read, by partition. */
export class GroupOffsets {
  readonly committed = new Map<string, number>();
  readonly #note: (fact: GroupFact) => void;

  constructor(note: (fact: GroupFact) => void) {
    this.#note = note;
  }

  /** Stores offsets that were accepted. What is stored already is no news. */
  take(memberId: string, offsets: ReadonlyMap<string, number>, nowMs: number): void {
    for (const [partition, offset] of offsets) {
      if (this.committed.get(partition) === offset) continue;
      this.committed.set(partition, offset);
      this.#note({ type: 'offset-committed', atMs: nowMs, memberId, partition, offset });
    }
  }
}
