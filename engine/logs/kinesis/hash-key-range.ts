/**
 * Models how Kinesis divides keys among shards: Amazon Kinesis Data Streams API 2013-12-02
 * (CreateStream, SplitShard, MergeShards), in detail as kinesalite 3 (`actions/createStream.js`,
 * `splitShard.js`, `mergeShards.js`) imitates it.
 * Simplified: nothing.
 * Invariant: the ranges of the open shards cover 0 … 2^128 − 1 without gap or overlap.
 */
import { ConfigError } from '../../core/errors.ts';
import { md5Number } from './md5.ts';

/** One more than the largest hash key. */
export const HASH_KEY_LIMIT = 2n ** 128n;

/** Both ends belong to it, as in the API. */
export interface HashKeyRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** The hash key of a record: its explicit one, or the MD5 of its partition key. */
export function hashKeyOf(partitionKey: string, explicitHashKey?: bigint): bigint {
  if (explicitHashKey === undefined) return md5Number(partitionKey);
  if (explicitHashKey < 0n || explicitHashKey >= HASH_KEY_LIMIT) {
    throw new ConfigError(
      'ExplicitHashKey must be from 0 to 2^128 - 1',
      explicitHashKey,
      'leave it out to let the partition key decide',
    );
  }
  return explicitHashKey;
}

/** The ranges of a new stream: equally wide, and the last one takes what is left over. */
export function initialRanges(shardCount: number): HashKeyRange[] {
  if (!Number.isInteger(shardCount) || shardCount < 1) {
    throw new ConfigError('shardCount must be a whole number of at least 1', shardCount, 'give 4');
  }
  const width = HASH_KEY_LIMIT / BigInt(shardCount);
  return Array.from({ length: shardCount }, (_, shard) => ({
    start: width * BigInt(shard),
    end: shard === shardCount - 1 ? HASH_KEY_LIMIT - 1n : width * BigInt(shard + 1) - 1n,
  }));
}

/** The two halves of a range; without a point, in the middle. */
export function splitRange(range: HashKeyRange, newStart?: bigint): [HashKeyRange, HashKeyRange] {
  const at = newStart ?? range.start + (range.end - range.start + 1n) / 2n;
  if (at <= range.start + 1n || at >= range.end) {
    throw new ConfigError(
      'NewStartingHashKey must be above start + 1 and below the end of the shard',
      at,
      `the shard has ${range.start} to ${range.end}`,
    );
  }
  return [
    { start: range.start, end: at - 1n },
    { start: at, end: range.end },
  ];
}

/** The union of two ranges that touch, in either order. */
export function mergeRanges(one: HashKeyRange, other: HashKeyRange): HashKeyRange {
  if (one.end + 1n === other.start) return { start: one.start, end: other.end };
  if (other.end + 1n === one.start) return { start: other.start, end: one.end };
  throw new ConfigError(
    'shards must be adjacent to be merged',
    `ends ${one.end} and ${other.end}`,
    'merge two whose hash key ranges touch',
  );
}

/** True when the ranges cover every hash key exactly once. */
export function coversAll(ranges: readonly HashKeyRange[]): boolean {
  const sorted = [...ranges].sort((a, b) => (a.start < b.start ? -1 : 1));
  let next = 0n;
  for (const { start, end } of sorted) {
    if (start !== next || end < start) return false;
    next = end + 1n;
  }
  return next === HASH_KEY_LIMIT;
}
