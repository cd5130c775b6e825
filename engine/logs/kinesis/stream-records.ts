import type { HashKeyRange } from './hash-key-range.ts';

/** What a producer puts into a stream. */
export interface PutRecordsEntry {
  readonly partitionKey: string;
  readonly value: unknown;
  /** Event time in ms, which Kinesis itself does not know: it travels inside the value. */
  readonly timestampMs?: number;
  /** Chooses the shard instead of the partition key's MD5. */
  readonly explicitHashKey?: bigint;
  /** To imitate large records; otherwise the size of the key and of the value as JSON. */
  readonly sizeBytes?: number;
}

/** A record in a shard. */
export interface KinesisRecord {
  readonly partitionKey: string;
  readonly value: unknown;
  readonly timestampMs?: number;
  /** Rises within a shard. */
  readonly sequenceNumber: number;
  /** `ApproximateArrivalTimestamp`. */
  readonly arrivalMs: number;
  readonly sizeBytes: number;
}

/** A slice of the hash keys, and the records that fell into it. */
export interface Shard {
  readonly shardId: string;
  readonly range: HashKeyRange;
  /** None, one after a split, two after a merge. */
  readonly parentIds: readonly string[];
  readonly openedMs: number;
  /** Undefined: open. A closed shard takes no records, but can be read until they expire. */
  readonly closedMs: number | undefined;
  readonly records: readonly KinesisRecord[];
}

/** What became of one record of a put. */
export type PutResult =
  | { readonly type: 'stored'; readonly shardId: string; readonly sequenceNumber: number }
  | {
      readonly type: 'failed';
      readonly errorCode: 'ProvisionedThroughputExceededException';
      readonly shardId: string;
    };

/** Where to begin in a shard (`ShardIteratorType`). */
export type IteratorPosition =
  | { readonly type: 'TRIM_HORIZON' }
  | { readonly type: 'LATEST' }
  | {
      readonly type: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER';
      readonly sequenceNumber: number;
    }
  | { readonly type: 'AT_TIMESTAMP'; readonly timestampMs: number };

/** A place in a shard. It expires 5 minutes after it was given. */
export interface ShardIterator {
  readonly shardId: string;
  /** Place in the shard's records. */
  readonly index: number;
  readonly issuedMs: number;
}

/** What a read gives. Without `next` the shard is finished, and its children may be read. */
export type GetRecordsResult =
  | {
      readonly type: 'records';
      readonly records: readonly KinesisRecord[];
      readonly sizeBytes: number;
      /** How old the last record given is, when more is waiting; 0 at the tip. */
      readonly millisBehindLatest: number;
      readonly next?: ShardIterator;
      readonly childIds?: readonly string[];
    }
  | {
      readonly type: 'failed';
      readonly errorCode: 'ProvisionedThroughputExceededException' | 'ExpiredIteratorException';
    };

/** What happened to the stream. */
export type StreamFact =
  | {
      readonly type: 'write-throttled' | 'read-throttled';
      readonly atMs: number;
      readonly shardId: string;
    }
  | {
      readonly type: 'shard-split';
      readonly atMs: number;
      readonly shardId: string;
      readonly children: readonly [string, string];
    }
  | {
      readonly type: 'shards-merged';
      readonly atMs: number;
      readonly parents: readonly [string, string];
      readonly child: string;
    }
  | {
      readonly type: 'position-expired';
      readonly atMs: number;
      readonly shardId: string;
      /** Records that were there and can't be read any more. */
      readonly missed: number;
    };
