/**
 * What happens to a partition over time, besides that records come: as data, so that any runtime
 * can replay it. A topic or stream writes it once (`simulateTopic`, `kinesisLogInput`); readers
 * come and go without changing it.
 * Invariant: edges never go back; a record that is gone stays gone.
 */
import type { LogRecord } from './log.ts';

/** Where a log begins and ends from a moment on. */
export interface LogEdges {
  readonly atMs: number;
  /** The first offset that is kept: whoever wants an older one is out of range. */
  readonly startOffset: number;
  /** Readers see what lies below: the high watermark, or the last stable offset. */
  readonly readableEnd: number;
}

/** The life of one partition or shard. The lists go with the partition's records, one by one. */
export interface PartitionLife {
  /** `flights-3`, `shardId-000000000003`. */
  readonly name: string;
  /** Each record's offset or sequence number: rising, with gaps. */
  readonly offsets: readonly number[];
  /** When each record left the log (retention, compaction); Infinity: it stays. */
  readonly goneMs: readonly number[];
  /** From when on it exists. */
  readonly openedMs: number;
  /** From when on it takes no more records and so has an end: a shard that was split or merged. */
  readonly closedMs: number;
  /** Shards whose records come before its own, by index. */
  readonly parents: readonly number[];
  /** Bytes of each record, where a reader's limits count them. */
  readonly sizes?: readonly number[];
  /** Where the middle of its hash keys lies, in [0, 1). */
  readonly keyShare?: number;
  /** How its edges moved. Empty for a stream, whose records expire one by one. */
  readonly edges: readonly LogEdges[];
}

/** A partition as a reader meets it. Without a life, offsets are places and nothing is lost. */
export interface ReadPartition {
  readonly records: readonly LogRecord[];
  readonly life: PartitionLife | undefined;
}

/** The offset of the record at a place; behind the last one, the offset after it. */
export function offsetAt({ records, life }: ReadPartition, place: number): number {
  if (life === undefined) return place;
  if (place < records.length) return life.offsets[place] as number;
  return place === 0 ? 0 : (life.offsets[records.length - 1] as number) + 1;
}

/** The place of the first record at or after an offset. */
export function placeOf({ records, life }: ReadPartition, offset: number): number {
  if (life === undefined) return Math.min(offset, records.length);
  return firstPlace(records.length, (place) => (life.offsets[place] as number) >= offset);
}

/** How many records have arrived by a moment. */
export function arrivedCount({ records }: ReadPartition, nowMs: number): number {
  return firstPlace(records.length, (place) => (records[place] as LogRecord).arrivalMs > nowMs);
}

/** The edges at a moment; a log without a life begins at 0 and ends behind what has arrived. */
export function edgesAt(partition: ReadPartition, nowMs: number): LogEdges {
  const { life } = partition;
  if (life === undefined || life.edges.length === 0) {
    const count = arrivedCount(partition, nowMs);
    const first = life === undefined ? 0 : nextKept(partition, 0, nowMs);
    const startOffset = offsetAt(partition, first);
    const end = count === 0 ? startOffset : offsetAt(partition, count - 1) + 1;
    return { atMs: nowMs, startOffset, readableEnd: Math.max(startOffset, end) };
  }
  const { edges } = life;
  const later = firstPlace(edges.length, (place) => (edges[place] as LogEdges).atMs > nowMs);
  return edges[later - 1] ?? { atMs: life.openedMs, startOffset: 0, readableEnd: 0 };
}

/**
 * When the log next shows something at or behind an offset, later than now; Infinity: never. Also a
 * marker or a record that nobody is shown moves its end.
 */
export function nextEdgeMs(partition: ReadPartition, offset: number, nowMs: number): number {
  const { records, life } = partition;
  if (life === undefined || life.edges.length === 0) {
    const place = Math.max(placeOf(partition, offset), arrivedCount(partition, nowMs));
    return records[place]?.arrivalMs ?? Infinity;
  }
  const { edges } = life;
  const first = firstPlace(edges.length, (place) => {
    const { atMs, readableEnd } = edges[place] as LogEdges;
    return atMs > nowMs && readableEnd > offset;
  });
  return edges[first]?.atMs ?? Infinity;
}

/** The first place from `place` on whose record is not gone. */
export function nextKept({ records, life }: ReadPartition, place: number, nowMs: number): number {
  if (life === undefined) return place;
  let kept = place;
  while (kept < records.length && (life.goneMs[kept] as number) <= nowMs) kept += 1;
  return kept;
}

function firstPlace(count: number, holds: (place: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
