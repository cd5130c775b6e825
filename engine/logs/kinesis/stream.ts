/**
 * Models a Kinesis data stream: Amazon Kinesis Data Streams API 2013-12-02 (PutRecord, PutRecords,
 * SplitShard, MergeShards, GetShardIterator, GetRecords, SubscribeToShard), and kinesalite 3.
 * Simplified: provisioned mode; resharding takes no time; sequence numbers are small and rise over
 * the whole stream; calls take no time; sizes are those of keys and values as JSON.
 * Invariant: open shards cover every hash key once; a child opens when its parents close.
 */
import { assert } from '../../core/assert.ts';
import { ConfigError } from '../../core/errors.ts';
import { hashKeyOf, initialRanges, mergeRanges, splitRange } from './hash-key-range.ts';
import type { HashKeyRange } from './hash-key-range.ts';
import { FanOutMeter, SHARD_LIMITS, ShardMeter } from './shard-limits.ts';
import type {
  GetRecordsResult,
  IteratorPosition,
  KinesisRecord,
  PutRecordsEntry,
  PutResult,
  Shard,
  ShardIterator,
  StreamFact,
} from './stream-records.ts';

const HOUR_MS = 3_600_000;
const ITERATOR_LIFE_MS = 300_000;
const RECORDS_PER_PUT_MAX = 500;

interface ShardState {
  readonly shardId: string;
  readonly range: HashKeyRange;
  readonly parentIds: readonly string[];
  readonly openedMs: number;
  closedMs: number | undefined;
  readonly records: KinesisRecord[];
  readonly meter: ShardMeter;
}

/** A stream with its shards, open and closed. */
export class KinesisStream {
  readonly facts: StreamFact[] = [];
  readonly #shards: ShardState[] = [];
  readonly #retentionMs: number;
  readonly #fanOut = new Map<string, Map<string, FanOutMeter>>();
  readonly #fanOutMax: number;
  #nextSequenceNumber = 1;

  /** @throws ConfigError when the shard count or the retention is out of range. */
  constructor(options: {
    readonly shards: number;
    /** 24 (the default) to 8,760. */
    readonly retentionHours?: number;
    /** Registered fan-out consumers: 20, or 50 in On-demand Advantage. */
    readonly fanOutMax?: number;
  }) {
    const { shards, retentionHours = 24, fanOutMax = 20 } = options;
    if (!(retentionHours >= 24 && retentionHours <= 8760)) {
      throw new ConfigError('retention must be 24 to 8760 hours', retentionHours, 'see the quotas');
    }
    this.#retentionMs = retentionHours * HOUR_MS;
    this.#fanOutMax = fanOutMax;
    for (const range of initialRanges(shards)) this.#open(range, [], 0);
  }

  /** All shards, by age. */
  get shards(): readonly Shard[] {
    return this.#shards;
  }

  get openShards(): readonly Shard[] {
    return this.#shards.filter((shard) => shard.closedMs === undefined);
  }

  get retentionMs(): number {
    return this.#retentionMs;
  }

  /** Writes one record. */
  putRecord(entry: PutRecordsEntry, nowMs: number): PutResult {
    const hashKey = hashKeyOf(entry.partitionKey, entry.explicitHashKey);
    const shard = this.#shards.find(
      ({ range, closedMs }) =>
        closedMs === undefined && range.start <= hashKey && hashKey <= range.end,
    );
    assert(shard !== undefined, 'an open shard for every hash key');
    const sizeBytes = sizeOf(entry);
    const { shardId } = shard;
    if (!shard.meter.tryWrite(sizeBytes, nowMs)) {
      const errorCode = 'ProvisionedThroughputExceededException';
      this.facts.push({ type: 'write-throttled', atMs: nowMs, shardId });
      return { type: 'failed', errorCode, shardId };
    }
    const sequenceNumber = this.#nextSequenceNumber;
    this.#nextSequenceNumber += 1;
    const { partitionKey, value, timestampMs } = entry;
    shard.records.push({
      partitionKey,
      value,
      ...(timestampMs === undefined ? {} : { timestampMs }),
      sequenceNumber,
      arrivalMs: nowMs,
      sizeBytes,
    });
    return { type: 'stored', shardId, sequenceNumber };
  }

  /**
   * Writes each record by itself: some may fail while others, also later ones, are stored.
   * @throws ConfigError for more than 500 records.
   */
  putRecords(entries: readonly PutRecordsEntry[], nowMs: number): PutResult[] {
    if (entries.length === 0 || entries.length > RECORDS_PER_PUT_MAX) {
      throw new ConfigError('PutRecords takes 1 to 500 records', entries.length, 'make more calls');
    }
    return entries.map((entry) => this.putRecord(entry, nowMs));
  }

  /** Closes a shard and opens two in its place, the lower half first. */
  splitShard(shardId: string, nowMs: number, newStart?: bigint): readonly [string, string] {
    const parent = this.#openShard(shardId);
    const [lower, upper] = splitRange(parent.range, newStart);
    parent.closedMs = nowMs;
    const children = [
      this.#open(lower, [shardId], nowMs),
      this.#open(upper, [shardId], nowMs),
    ] as const;
    this.facts.push({ type: 'shard-split', atMs: nowMs, shardId, children });
    return children;
  }

  /** Closes two adjacent shards and opens one in their place. */
  mergeShards(shardId: string, adjacentId: string, nowMs: number): string {
    const one = this.#openShard(shardId);
    const other = this.#openShard(adjacentId);
    const range = mergeRanges(one.range, other.range);
    one.closedMs = nowMs;
    other.closedMs = nowMs;
    const parents = [shardId, adjacentId] as const;
    const child = this.#open(range, parents, nowMs);
    this.facts.push({ type: 'shards-merged', atMs: nowMs, parents, child });
    return child;
  }

  /** A place to read from. A position that has expired begins at the oldest record, silently. */
  getShardIterator(shardId: string, position: IteratorPosition, nowMs: number): ShardIterator {
    const shard = this.#shardOf(shardId);
    const trimmed = this.#trimmedCount(shard, nowMs);
    const wanted = indexOf(shard.records, position, nowMs);
    if (wanted < trimmed && position.type !== 'TRIM_HORIZON') {
      const missed = trimmed - wanted;
      this.facts.push({ type: 'position-expired', atMs: nowMs, shardId, missed });
    }
    return { shardId, index: Math.max(wanted, trimmed), issuedMs: nowMs };
  }

  /** Reads in the shared pipe of a shard; it may be throttled or the iterator too old. */
  getRecords(iterator: ShardIterator, nowMs: number, limit?: number): GetRecordsResult {
    if (nowMs - iterator.issuedMs > ITERATOR_LIFE_MS) {
      return { type: 'failed', errorCode: 'ExpiredIteratorException' };
    }
    const shard = this.#shardOf(iterator.shardId);
    if (!shard.meter.tryReadCall(nowMs)) {
      this.facts.push({ type: 'read-throttled', atMs: nowMs, shardId: shard.shardId });
      return { type: 'failed', errorCode: 'ProvisionedThroughputExceededException' };
    }
    const result = this.#read(shard, iterator, { nowMs, limit });
    shard.meter.countRead(result.sizeBytes, nowMs);
    return result;
  }

  /** Registers a fan-out consumer. */
  registerConsumer(consumer: string): void {
    if (this.#fanOut.has(consumer) || this.#fanOut.size >= this.#fanOutMax) {
      throw new ConfigError(
        `a stream has at most ${this.#fanOutMax} fan-out consumers, each with its own name`,
        consumer,
        'share one, or let this one poll',
      );
    }
    this.#fanOut.set(consumer, new Map());
  }

  /** What is pushed to a fan-out consumer at this moment: its own 2 MB/s of each shard. */
  subscribeToShard(consumer: string, iterator: ShardIterator, nowMs: number): GetRecordsResult {
    const meters = this.#fanOut.get(consumer);
    if (meters === undefined) {
      throw new ConfigError('a fan-out consumer must be registered', consumer, 'register it first');
    }
    const meter = meters.get(iterator.shardId) ?? new FanOutMeter();
    meters.set(iterator.shardId, meter);
    const shard = this.#shardOf(iterator.shardId);
    const limit = meter.hasRoom(nowMs) ? undefined : 0;
    const result = this.#read(shard, iterator, { nowMs, limit });
    meter.count(result.sizeBytes, nowMs);
    return result;
  }

  #read(
    shard: ShardState,
    iterator: ShardIterator,
    request: { readonly nowMs: number; readonly limit: number | undefined },
  ): GetRecordsResult & { readonly type: 'records' } {
    const { nowMs, limit = SHARD_LIMITS.readRecordsPerCall } = request;
    const from = Math.max(iterator.index, this.#trimmedCount(shard, nowMs));
    let index = from;
    let sizeBytes = 0;
    while (index < shard.records.length && index - from < limit) {
      const record = shard.records[index] as KinesisRecord;
      const isTooMuch = sizeBytes + record.sizeBytes > SHARD_LIMITS.readBytesPerCall;
      if (record.arrivalMs > nowMs || (isTooMuch && index > from)) break;
      sizeBytes += record.sizeBytes;
      index += 1;
    }
    const records = shard.records.slice(from, index);
    const isClosed = shard.closedMs !== undefined && shard.closedMs <= nowMs;
    const isFinished = isClosed && index === shard.records.length;
    const next = { shardId: shard.shardId, index, issuedMs: nowMs };
    const last = records[records.length - 1]?.arrivalMs ?? nowMs;
    const isAtTip = index === shard.records.length;
    const millisBehindLatest = isAtTip ? 0 : nowMs - last;
    return {
      type: 'records',
      records,
      sizeBytes,
      millisBehindLatest,
      ...(isFinished ? { childIds: this.#childrenOf(shard.shardId) } : { next }),
    };
  }

  #childrenOf(shardId: string): string[] {
    return this.#shards
      .filter((shard) => shard.parentIds.includes(shardId))
      .map((shard) => shard.shardId);
  }

  #trimmedCount(shard: ShardState, nowMs: number): number {
    const horizonMs = nowMs - this.#retentionMs;
    const first = shard.records.findIndex((record) => record.arrivalMs >= horizonMs);
    return first < 0 ? shard.records.length : first;
  }

  #open(range: HashKeyRange, parentIds: readonly string[], openedMs: number): string {
    const shardId = `shardId-${String(this.#shards.length).padStart(12, '0')}`;
    const meter = new ShardMeter();
    const shard = { shardId, range, parentIds, openedMs, closedMs: undefined, records: [], meter };
    this.#shards.push(shard);
    return shardId;
  }

  #shardOf(shardId: string): ShardState {
    const shard = this.#shards.find((candidate) => candidate.shardId === shardId);
    if (shard === undefined) {
      const known = this.#shards.map((candidate) => candidate.shardId).join(', ');
      throw new ConfigError('a shard must exist', shardId, `there are: ${known}`);
    }
    return shard;
  }

  #openShard(shardId: string): ShardState {
    const shard = this.#shardOf(shardId);
    if (shard.closedMs !== undefined) {
      throw new ConfigError('only an open shard can be split or merged', shardId, 'use its child');
    }
    return shard;
  }
}

function sizeOf(entry: PutRecordsEntry): number {
  if (entry.sizeBytes !== undefined) return entry.sizeBytes;
  const key = new TextEncoder().encode(entry.partitionKey).length;
  return key + (JSON.stringify(entry.value) ?? '').length;
}

function indexOf(
  records: readonly KinesisRecord[],
  position: IteratorPosition,
  nowMs: number,
): number {
  const first = (isFrom: (record: KinesisRecord) => boolean): number => {
    const index = records.findIndex(isFrom);
    return index < 0 ? records.length : index;
  };
  switch (position.type) {
    case 'TRIM_HORIZON':
      return 0;
    case 'LATEST':
      return first((record) => record.arrivalMs > nowMs);
    case 'AT_SEQUENCE_NUMBER':
      return first((record) => record.sequenceNumber >= position.sequenceNumber);
    case 'AFTER_SEQUENCE_NUMBER':
      return first((record) => record.sequenceNumber > position.sequenceNumber);
    case 'AT_TIMESTAMP':
      return first((record) => record.arrivalMs >= position.timestampMs);
  }
}
