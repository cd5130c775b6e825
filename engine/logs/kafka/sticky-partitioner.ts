/**
 * Models how Kafka's producer spreads records without a key: Apache Kafka 4.1, clients,
 * `BuiltInPartitioner` (KIP-794). One partition is filled until `batch.size` bytes were produced
 * to it, then another is drawn at random, less often where more batches wait.
 * Simplified: the random number is a seeded one; racks are not looked at.
 * Invariant: a partition is left only once its bytes reach the batch size, and then not before
 * the batch that is filling is complete, unless twice the batch size was reached.
 */
import { ConfigError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';

/** What the producer knows of the topic's partitions when it draws one. */
export interface PartitionLoad {
  /** Partitions with a leader; the others are not drawn while any is left. */
  readonly available: readonly number[];
  /** Batches that wait for each of `available`, in the same order; none: all are equal. */
  readonly queueSizes?: readonly number[];
}

/** Draws the partition of records without a key, one batch at a time. */
export class StickyPartitioner {
  readonly #partitionCount: number;
  readonly #stickyBatchBytes: number;
  readonly #random: Random;
  #load: PartitionLoad;
  #partition: number | undefined;
  #producedBytes = 0;

  /** @throws ConfigError when a count is not a whole number of at least 1. */
  constructor(options: {
    readonly partitionCount: number;
    readonly stickyBatchBytes: number;
    readonly random: Random;
  }) {
    for (const name of ['partitionCount', 'stickyBatchBytes'] as const) {
      if (!Number.isInteger(options[name]) || options[name] < 1) {
        throw new ConfigError(
          `${name} must be a whole number of at least 1`,
          options[name],
          'give for example 6 partitions and batches of 16384 bytes',
        );
      }
    }
    this.#partitionCount = options.partitionCount;
    this.#stickyBatchBytes = options.stickyBatchBytes;
    this.#random = options.random;
    this.#load = { available: Array.from({ length: options.partitionCount }, (_, p) => p) };
  }

  /** The partition that the next record without a key goes to. */
  currentPartition(): number {
    this.#partition ??= this.#draw();
    return this.#partition;
  }

  /** Tells how the queues stand; the next draw uses it (`partitioner.adaptive.…` is on). */
  updateLoad(load: PartitionLoad): void {
    this.#load = load;
  }

  /**
   * Counts what was appended. `isBatchComplete` is false while the batch still fills: leaving
   * then would send half a batch, so the switch waits, up to twice the batch size.
   */
  onAppended(bytes: number, isBatchComplete: boolean): void {
    this.#producedBytes += bytes;
    const isFull = this.#producedBytes >= this.#stickyBatchBytes && isBatchComplete;
    if (!isFull && this.#producedBytes < this.#stickyBatchBytes * 2) return;
    this.#partition = this.#draw();
    this.#producedBytes = 0;
  }

  #draw(): number {
    return drawPartition(this.#load, this.#partitionCount, this.#random.uint32() & 0x7fffffff);
  }
}

/**
 * The partition that a random number of 31 bits stands for. Weight of a partition: one more than
 * the longest queue, minus its own queue. Equal queues of all partitions: no weights.
 */
export function drawPartition(load: PartitionLoad, partitionCount: number, random: number): number {
  const { available, queueSizes } = load;
  if (available.length === 0) return random % partitionCount;
  const isWeighted =
    queueSizes !== undefined &&
    partitionCount > 1 &&
    !(available.length === partitionCount && queueSizes.every((size) => size === queueSizes[0]));
  if (!isWeighted) return available[random % available.length] as number;
  const heaviest = Math.max(...queueSizes) + 1;
  const weights = queueSizes.map((size) => heaviest - size);
  let left = random % weights.reduce((sum, weight) => sum + weight, 0);
  for (let place = 0; place < weights.length; place += 1) {
    left -= weights[place] as number;
    if (left < 0) return available[place] as number;
  }
  return available[available.length - 1] as number;
}
