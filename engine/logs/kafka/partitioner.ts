/**
 * Models how Kafka's producer picks the partition of a record with a key: Apache Kafka 4.x,
 * clients, `BuiltInPartitioner.partitionForKey` over `Utils.murmur2` and `Utils.toPositive`.
 * Simplified: keys are strings, serialized as UTF-8, as `StringSerializer` does by default.
 * Invariant: one key, one partition, as long as the partition count stays.
 */
import { ConfigError } from '../../core/errors.ts';

const SEED = 0x9747b28c | 0;
const MULTIPLIER = 0x5bd1e995;

/**
 * The partition, in `[0, partitionCount)`, to which Kafka's default partitioner sends `key`.
 * All partitions count, also those without a leader: the record waits rather than moves.
 * @throws ConfigError when there is no whole number of partitions.
 */
export function kafkaPartition(key: string, partitionCount: number): number {
  if (!Number.isInteger(partitionCount) || partitionCount < 1) {
    throw new ConfigError(
      'partition count must be a whole number of at least 1',
      partitionCount,
      'give the number of partitions of the topic',
    );
  }
  return (murmur2(new TextEncoder().encode(key)) & 0x7fffffff) % partitionCount;
}

/** Kafka's 32-bit murmur2, signed as Java's `int` is. */
export function murmur2(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tailAt = bytes.length & ~3;
  let hash = SEED ^ bytes.length;
  for (let at = 0; at < tailAt; at += 4) {
    let word = Math.imul(view.getInt32(at, true), MULTIPLIER);
    word = Math.imul(word ^ (word >>> 24), MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ word;
  }
  if (tailAt < bytes.length) {
    for (let at = bytes.length - 1; at >= tailAt; at--) {
      hash ^= view.getUint8(at) << (8 * (at - tailAt));
    }
    hash = Math.imul(hash, MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}
