/**
 * Models readers of one stream side by side: polling ones, which share each shard's 2 MB/s and 5
 * calls/s, and fan-out ones, which have 2 MB/s each. Amazon Kinesis Data Streams developer guide,
 * "Develop enhanced fan-out consumers"; KCL 2.x polls once a second.
 * Simplified: a polling reader reads every shard at the same moments; pushed records arrive every
 * 70 ms, the delay that AWS names; a throttled call is tried again at the next poll.
 * Invariant: a reader never gets a shard's records twice or out of order.
 */
import { ConfigError } from '../../core/errors.ts';
import { EventQueue } from '../../core/event-queue.ts';
import type { KinesisStream } from './stream.ts';
import type { GetRecordsResult, ShardIterator } from './stream-records.ts';

/** One application that reads the whole stream. */
export interface ReaderPlan {
  readonly readerId: string;
  readonly mode: 'polling' | 'fan-out';
  /** Between two polls of a shard; default 1 s. */
  readonly pollMs?: number;
}

/** How a reader fared. */
export interface ReaderResult {
  readonly readerId: string;
  readonly recordCount: number;
  /** Calls that were refused. */
  readonly throttledCount: number;
  /** How old records were when they were given: the worst. */
  readonly delayMsMax: number;
  /** Records that had arrived and were not given by the end. */
  readonly backlogCount: number;
}

const POLL_MS = 1000;
const PUSH_MS = 70;

/**
 * Lets all readers read from the beginning to `untilMs`.
 * @throws ConfigError when a reader can't be registered or polls too fast to be a clock.
 */
export function simulateReaders(
  stream: KinesisStream,
  readers: readonly ReaderPlan[],
  options: { readonly untilMs: number },
): ReaderResult[] {
  const queue = new EventQueue<Reader>();
  const running = readers.map((plan, place) => {
    const { pollMs = plan.mode === 'polling' ? POLL_MS : PUSH_MS } = plan;
    if (!(pollMs > 0)) throw new ConfigError('pollMs must be positive', pollMs, 'give 1000');
    if (plan.mode === 'fan-out') stream.registerConsumer(plan.readerId);
    const reader = new Reader(stream, plan, pollMs);
    queue.push(place, reader);
    return reader;
  });
  while (queue.peekTimeMs() <= options.untilMs) {
    const nowMs = queue.peekTimeMs();
    const reader = queue.pop() as Reader;
    reader.read(nowMs);
    queue.push(nowMs + reader.pollMs, reader);
  }
  return running.map((reader) => reader.result(options.untilMs));
}

class Reader {
  readonly pollMs: number;
  readonly #stream: KinesisStream;
  readonly #plan: ReaderPlan;
  readonly #iterators = new Map<string, ShardIterator>();
  readonly #finished = new Set<string>();
  #recordCount = 0;
  #throttledCount = 0;
  #delayMsMax = 0;

  constructor(stream: KinesisStream, plan: ReaderPlan, pollMs: number) {
    this.#stream = stream;
    this.#plan = plan;
    this.pollMs = pollMs;
  }

  read(nowMs: number): void {
    for (const { shardId, parentIds, openedMs } of this.#stream.shards) {
      const isReady = parentIds.every((parentId) => this.#finished.has(parentId));
      if (this.#finished.has(shardId) || !isReady || openedMs > nowMs) continue;
      const iterator =
        this.#iterators.get(shardId) ??
        this.#stream.getShardIterator(shardId, { type: 'TRIM_HORIZON' }, nowMs);
      const isPolling = this.#plan.mode === 'polling';
      const result = isPolling
        ? this.#stream.getRecords(iterator, nowMs)
        : this.#stream.subscribeToShard(this.#plan.readerId, iterator, nowMs);
      this.#take(shardId, iterator, result, nowMs);
    }
  }

  result(untilMs: number): ReaderResult {
    const arrived = this.#stream.shards
      .flatMap((shard) => shard.records)
      .filter((record) => record.arrivalMs <= untilMs).length;
    return {
      readerId: this.#plan.readerId,
      recordCount: this.#recordCount,
      throttledCount: this.#throttledCount,
      delayMsMax: this.#delayMsMax,
      backlogCount: arrived - this.#recordCount,
    };
  }

  #take(shardId: string, iterator: ShardIterator, result: GetRecordsResult, nowMs: number): void {
    if (result.type === 'failed') {
      this.#throttledCount += 1;
      // The place is kept, and the iterator renewed before it can expire.
      this.#iterators.set(shardId, { ...iterator, issuedMs: nowMs });
      return;
    }
    this.#recordCount += result.records.length;
    for (const record of result.records) {
      this.#delayMsMax = Math.max(this.#delayMsMax, nowMs - record.arrivalMs);
    }
    if (result.next === undefined) this.#finished.add(shardId);
    else this.#iterators.set(shardId, result.next);
  }
}
