/**
 * Follows the partitions of a topic and writes down what a reader could see at any moment.
 * Simplified: one replica, so the high watermark follows each append at once.
 * Invariant: what it says was readable is what `fetchRecords` would have given then.
 */
import type { LogFact } from '../log-fact.ts';
import type { LogInput, LogRecord } from '../log.ts';
import type { LogEdges, PartitionLife } from '../partition-life.ts';
import type { RecordCompacted } from './compaction.ts';
import { fetchRecords } from './fetch.ts';
import type { IsolationLevel } from './fetch.ts';
import type { PartitionLog } from './partition-log.ts';
import type { LogBatch, StoredRecord } from './record-batch.ts';

interface Entry {
  readonly record: StoredRecord;
  /** When readers of each isolation could see it; Infinity: never. */
  uncommittedMs: number;
  committedMs: number;
  goneMs: number;
}

interface FollowedPartition {
  readonly log: PartitionLog;
  readonly openedMs: number;
  readonly entries: Map<number, Entry>;
  readonly edges: { readonly [isolation in IsolationLevel]: LogEdges[] };
  readonly open: Set<number>;
  endOffset: number;
  startOffset: number;
  highWatermark: number;
  lastStableOffset: number;
}

/** Collects the lives of a topic's partitions, and the facts about them. */
export class TopicHistory {
  readonly facts: LogFact[] = [];
  readonly #name: string;
  readonly #partitions: FollowedPartition[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  /** Looks at what has changed. Call it after everything that is done to the logs. */
  observe(logs: readonly PartitionLog[], nowMs: number, reason = 'retention'): void {
    for (const [partition, log] of logs.entries()) {
      const followed = this.#partitions[partition] ?? this.#open(partition, log, nowMs);
      this.#noteAppends(partition, followed, nowMs);
      this.#noteEdges(partition, followed, nowMs, reason);
    }
  }

  /** What one pass of the cleaner has taken out. */
  noteCompacted(partition: number, facts: readonly RecordCompacted[]): void {
    for (const { atMs, offset, reason } of facts) {
      const entry = this.#partitions[partition]?.entries.get(offset);
      if (entry !== undefined) entry.goneMs = Math.min(entry.goneMs, atMs);
      this.facts.push({ type: 'record-compacted', atMs, partition, offset, reason });
    }
  }

  /** The topic for readers of an isolation level. */
  toLogInput<V>(isolation: IsolationLevel, isBounded: boolean | undefined): LogInput<V> {
    const seenMs = isolation === 'read_committed' ? 'committedMs' : 'uncommittedMs';
    const shown = this.#partitions.map(({ entries }) =>
      [...entries.values()].filter((entry) => entry[seenMs] < entry.goneMs),
    );
    const partitions = shown.map((entries) =>
      entries.map((entry): LogRecord<V> => {
        const { key, value, timestampMs } = entry.record;
        const arrivalMs = entry[seenMs];
        return { ...(key === null ? {} : { key }), value: value as V, timestampMs, arrivalMs };
      }),
    );
    const lives = this.#partitions.map(({ openedMs, edges }, partition): PartitionLife => ({
      name: `${this.#name}-${partition}`,
      offsets: (shown[partition] as Entry[]).map((entry) => entry.record.offset),
      goneMs: (shown[partition] as Entry[]).map((entry) => entry.goneMs),
      openedMs,
      closedMs: Infinity,
      parents: [],
      edges: edges[isolation],
    }));
    const { facts } = this;
    return { partitions, lives, facts, ...(isBounded === undefined ? {} : { isBounded }) };
  }

  #open(partition: number, log: PartitionLog, nowMs: number): FollowedPartition {
    const followed: FollowedPartition = {
      log,
      openedMs: nowMs,
      entries: new Map(),
      edges: { read_committed: [], read_uncommitted: [] },
      open: new Set(),
      endOffset: 0,
      startOffset: 0,
      highWatermark: 0,
      lastStableOffset: 0,
    };
    this.#partitions.push(followed);
    this.facts.push({ type: 'partition-opened', atMs: nowMs, partition, parents: [] });
    return followed;
  }

  #noteAppends(partition: number, followed: FollowedPartition, nowMs: number): void {
    for (const batch of batchesFrom(followed.log, followed.endOffset)) {
      const at = { atMs: nowMs, partition, offset: batch.baseOffset };
      const producerId = batch.stamp?.producerId ?? -1;
      if (batch.marker !== undefined) {
        followed.open.delete(producerId);
        const { marker } = batch;
        this.facts.push({ type: 'transaction-marked', ...at, producerId, marker });
      } else if (batch.stamp?.isTransactional === true && !followed.open.has(producerId)) {
        followed.open.add(producerId);
        this.facts.push({ type: 'transaction-opened', ...at, producerId });
      }
      for (const record of batch.records) {
        const { offset, key, value, timestampMs } = record;
        const times = { uncommittedMs: Infinity, committedMs: Infinity, goneMs: Infinity };
        followed.entries.set(offset, { record, ...times });
        const what = { offset, key, value, timestampMs };
        this.facts.push({ type: 'record-appended', atMs: nowMs, partition, ...what });
      }
    }
    followed.endOffset = followed.log.endOffset;
  }

  #noteEdges(partition: number, followed: FollowedPartition, nowMs: number, reason: string): void {
    const { log } = followed;
    const { startOffset, highWatermark, lastStableOffset } = log;
    const at = { atMs: nowMs, partition };
    if (highWatermark !== followed.highWatermark) {
      for (const record of readable(log, followed.highWatermark, 'read_uncommitted')) {
        (followed.entries.get(record.offset) as Entry).uncommittedMs = nowMs;
      }
      this.facts.push({ type: 'high-watermark-moved', ...at, offset: highWatermark });
    }
    if (lastStableOffset !== followed.lastStableOffset) {
      for (const record of readable(log, followed.lastStableOffset, 'read_committed')) {
        (followed.entries.get(record.offset) as Entry).committedMs = nowMs;
      }
      this.facts.push({ type: 'stable-offset-moved', ...at, offset: lastStableOffset });
    }
    if (startOffset !== followed.startOffset) {
      for (const entry of followed.entries.values()) {
        const isGone = entry.record.offset < startOffset;
        if (isGone) entry.goneMs = Math.min(entry.goneMs, nowMs);
      }
      this.facts.push({ type: 'log-start-moved', ...at, offset: startOffset, reason });
    }
    Object.assign(followed, { startOffset, highWatermark, lastStableOffset });
    const ends = { read_uncommitted: highWatermark, read_committed: lastStableOffset };
    for (const isolation of ['read_uncommitted', 'read_committed'] as const) {
      noteEdge(followed.edges[isolation], nowMs, startOffset, ends[isolation]);
    }
  }
}

function noteEdge(edges: LogEdges[], atMs: number, startOffset: number, readableEnd: number): void {
  const last = edges.at(-1);
  if (last?.startOffset === startOffset && last.readableEnd === readableEnd) return;
  if (last?.atMs === atMs) edges.pop();
  edges.push({ atMs, startOffset, readableEnd });
}

function readable(
  log: PartitionLog,
  fromOffset: number,
  isolation: IsolationLevel,
): readonly StoredRecord[] {
  const offset = Math.max(fromOffset, log.startOffset);
  const fetched = fetchRecords(log, { offset, isolation });
  return fetched.type === 'records' ? fetched.records : [];
}

/** The batches from an offset on: the newest few, so it looks from the end. */
function batchesFrom(log: PartitionLog, offset: number): LogBatch[] {
  const batches: LogBatch[] = [];
  for (const segment of [...log.segments].reverse()) {
    const news = segment.batches.filter((batch) => batch.baseOffset >= offset);
    batches.unshift(...news);
    if (news.length < segment.batches.length) break;
  }
  return batches;
}
