import type { SplitReader } from './split-reader.ts';

interface Enrolled {
  readonly split: SplitReader;
  readonly offer: (cause: number) => void;
}

/**
 * Models the split enumerators of flink-connector-kafka 4.1 (`KafkaSourceEnumerator`) and
 * flink-connector-aws 6.0 (`KinesisStreamsSourceEnumerator`, `SplitTracker`), as far as they hold
 * splits back: a shard is read when all its parents were read to their end; parents that the
 * source does not know count as finished.
 * Simplified: which subtask reads a split is fixed from the start.
 * Invariant: no record of a child is read before the last of its parents.
 */
export class SplitEnumerator {
  readonly #enrolled = new Map<number, Enrolled>();

  /** A subtask will read a partition; `offer` is called when a parent of it has finished. */
  enrol(split: SplitReader, offer: (cause: number) => void): void {
    this.#enrolled.set(split.partition, { split, offer });
  }

  /** Whether nothing has to be read before a split. */
  isFree(split: SplitReader): boolean {
    const parents = split.log?.life?.parents ?? [];
    return parents.every((parent) => this.#enrolled.get(parent)?.split.isFinished ?? true);
  }

  /** A split has been read to its end (`row`): its children may have waited for it. */
  noteFinished(finished: SplitReader, row: number): void {
    for (const { split, offer } of this.#enrolled.values()) {
      if (split.log?.life?.parents.includes(finished.partition) === true) offer(row);
    }
  }
}
