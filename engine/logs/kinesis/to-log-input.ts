/**
 * Models the hand-over of a stream to a runtime: one partition of the log a shard, with the shards
 * that come before it and the moments at which it opens, closes and forgets.
 * Simplified: a runtime that does not look at `lives` reads all shards at once by arrival time.
 * Invariant: every retained record appears once, in the order of its shard.
 */
import { HASH_KEY_LIMIT } from './hash-key-range.ts';
import type { LogFact } from '../log-fact.ts';
import type { LogInput, LogRecord } from '../log.ts';
import type { PartitionLife } from '../partition-life.ts';
import type { Shard } from './stream-records.ts';
import type { KinesisStream } from './stream.ts';
import type { KinesisRecord } from './stream-records.ts';

/** Which retained records to hand over, and which time each carries. */
export interface KinesisLogOptions {
  /** When the reader begins: older records than the retention are gone. */
  readonly nowMs?: number;
  readonly isBounded?: boolean;
  /**
   * Kinesis stamps a record as it arrives, and that is what a source gives as its time: the
   * default. `value`: the producer's time, as an assigner in the job would read it.
   */
  readonly timestamps?: 'arrival' | 'value';
}

/** The stream as a runtime reads it. */
export function kinesisLogInput<V = unknown>(
  stream: KinesisStream,
  options: KinesisLogOptions = {},
): LogInput<V> {
  const horizonMs = (options.nowMs ?? -Infinity) - stream.retentionMs;
  const isStamped = (options.timestamps ?? 'arrival') === 'arrival';
  const kept = stream.shards.map((shard) =>
    shard.records.filter((record) => record.arrivalMs >= horizonMs),
  );
  const partitions = kept.map((records) =>
    records.map((record) => toLogRecord<V>(record, isStamped)),
  );
  const indexes = new Map(stream.shards.map(({ shardId }, index) => [shardId, index]));
  const lives = stream.shards.map((shard, index): PartitionLife => {
    const records = kept[index] as readonly KinesisRecord[];
    return {
      name: shard.shardId,
      offsets: records.map((record) => record.sequenceNumber),
      goneMs: records.map((record) => record.arrivalMs + stream.retentionMs + 1),
      sizes: records.map((record) => record.sizeBytes),
      openedMs: shard.openedMs,
      closedMs: shard.closedMs ?? Infinity,
      parents: parentsOf(shard, indexes),
      keyShare:
        Number(((shard.range.start + shard.range.end) * 1_000_000n) / 2n / HASH_KEY_LIMIT) /
        1_000_000,
      edges: [],
    };
  });
  const { isBounded } = options;
  const facts = factsOf(stream, indexes);
  return { partitions, lives, facts, ...(isBounded === undefined ? {} : { isBounded }) };
}

/** What happened to the stream by itself and by its producers. */
function factsOf(stream: KinesisStream, indexes: ReadonlyMap<string, number>): LogFact[] {
  const facts = stream.shards.flatMap((shard, partition): LogFact[] => [
    {
      type: 'partition-opened',
      atMs: shard.openedMs,
      partition,
      parents: parentsOf(shard, indexes),
    },
    ...shard.records.map(({ partitionKey, value, sequenceNumber, arrivalMs, timestampMs }) => ({
      type: 'record-appended' as const,
      atMs: arrivalMs,
      partition,
      offset: sequenceNumber,
      key: partitionKey,
      value,
      timestampMs: timestampMs ?? arrivalMs,
    })),
    ...closingOf(stream, shard, indexes),
  ]);
  const throttled = stream.facts.flatMap((fact) =>
    fact.type === 'write-throttled'
      ? [{ type: fact.type, atMs: fact.atMs, partition: indexes.get(fact.shardId) as number }]
      : [],
  );
  return [...facts, ...throttled].sort((left, right) => left.atMs - right.atMs);
}

function parentsOf(shard: Shard, indexes: ReadonlyMap<string, number>): number[] {
  return shard.parentIds.map((parentId) => indexes.get(parentId) as number);
}

function closingOf(
  stream: KinesisStream,
  { shardId, closedMs }: Shard,
  indexes: ReadonlyMap<string, number>,
): LogFact[] {
  if (closedMs === undefined) return [];
  const partition = indexes.get(shardId) as number;
  const children = stream.shards.flatMap((other, index) =>
    other.parentIds.includes(shardId) ? [index] : [],
  );
  return [{ type: 'shard-closed', atMs: closedMs, partition, children }];
}

function toLogRecord<V>(record: KinesisRecord, isStamped: boolean): LogRecord<V> {
  const { partitionKey, value, arrivalMs } = record;
  const timestampMs = isStamped ? arrivalMs : record.timestampMs;
  const stamped = timestampMs === undefined ? {} : { timestampMs };
  return { key: partitionKey, value: value as V, ...stamped, arrivalMs };
}
