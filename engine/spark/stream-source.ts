import type { LogicalPlan } from '../dataset/plan.ts';
import type { Row } from '../dataset/value.ts';
import type { LogInput, LogRecord } from '../logs/log.ts';
import { edgesAt, nextEdgeMs, offsetAt, placeOf } from '../logs/partition-life.ts';
import type { PartitionLife, ReadPartition } from '../logs/partition-life.ts';
import type { Partitions } from './batch.ts';

type StreamPlan = Extract<LogicalPlan, { type: 'stream' }>;

interface ReadRows extends ReadPartition {
  readonly records: readonly LogRecord<Row>[];
}

/**
 * One stream of a query: which rows of its log are there, and which a batch gets. Models Spark
 * 4.2.0 KafkaMicroBatchStream: everything up to the latest offsets, less what admission limits
 * hold back. Offsets are those of the next record, by partition; markers and records that nobody
 * is shown count as well, so a batch can be planned and have no row. A partition that comes later
 * is read from its first offset. KafkaDataConsumer: what a batch wants and the log has no more
 * fails the query, or is passed over when `failOnDataLoss` is off.
 */
export class StreamSource {
  readonly plan: StreamPlan;
  readonly #partitions: readonly ReadRows[];
  #lastTriggerMs = 0;

  constructor(plan: StreamPlan, log: LogInput<Row>) {
    this.plan = plan;
    this.#partitions = log.partitions.map((records, partition) => {
      const life: PartitionLife | undefined = log.lives?.[partition];
      return { records, life };
    });
  }

  startOffsets(nowMs: number): number[] {
    const isLatest = this.plan.startingOffsets === 'latest';
    return isLatest
      ? this.latestOffsets(nowMs)
      : this.#partitions.map((partition) => edgesAt(partition, nowMs).startOffset);
  }

  /** What the log shows by now. */
  latestOffsets(nowMs: number): number[] {
    return this.#partitions.map((partition) => edgesAt(partition, nowMs).readableEnd);
  }

  /** When the log shows more than these offsets, later than now; Infinity: never. */
  nextArrivalMs(offsets: readonly number[], nowMs: number): number {
    let nextMs = Infinity;
    this.#partitions.forEach((partition, index) => {
      nextMs = Math.min(nextMs, nextEdgeMs(partition, offsets[index] ?? 0, nowMs));
    });
    return nextMs;
  }

  /** When waiting for more rows ends; Infinity when nothing waits. */
  delayEndsMs(start: readonly number[], nowMs: number): number {
    if (this.plan.minOffsetsPerTrigger === undefined) return Infinity;
    const waiting = sum(this.latestOffsets(nowMs)) - sum(start);
    return waiting === 0 ? Infinity : this.#lastTriggerMs + this.plan.maxTriggerDelayMs;
  }

  /** Up to where the next batch reads. */
  endOffsets(start: readonly number[], latest: readonly number[], nowMs: number): number[] {
    const { minOffsetsPerTrigger, maxTriggerDelayMs, maxOffsetsPerTrigger } = this.plan;
    const available = sum(latest) - sum(start);
    if (minOffsetsPerTrigger !== undefined && available < minOffsetsPerTrigger) {
      if (nowMs - this.#lastTriggerMs < maxTriggerDelayMs) return [...start];
    }
    if (available > 0) this.#lastTriggerMs = nowMs;
    if (maxOffsetsPerTrigger === undefined) return [...latest];
    return rateLimit(start, latest, maxOffsetsPerTrigger);
  }

  /**
   * The rows of a batch, read at a moment.
   * @throws Error when the log has lost some of them and the query is to fail then.
   */
  rows(start: readonly number[], end: readonly number[], nowMs: number): Partitions {
    return this.#partitions.map((partition, index) => {
      const [from = 0, until = 0] = [start[index], end[index]];
      this.#checkLoss(partition, index, { from, until, nowMs });
      return this.#places(partition, from, until, nowMs).map(
        (place) => (partition.records[place] as LogRecord<Row>).value,
      );
    });
  }

  /** The offsets of these rows. */
  rowOffsets(start: readonly number[], end: readonly number[], nowMs: number): number[][] {
    return this.#partitions.map((partition, index) =>
      this.#places(partition, start[index] ?? 0, end[index] ?? 0, nowMs).map((place) =>
        offsetAt(partition, place),
      ),
    );
  }

  #places({ records, life }: ReadRows, from: number, until: number, nowMs: number): number[] {
    const places: number[] = [];
    const last = placeOf({ records, life }, until);
    for (let place = placeOf({ records, life }, from); place < last; place += 1) {
      if (life === undefined || (life.goneMs[place] as number) > nowMs) places.push(place);
    }
    return places;
  }

  #checkLoss(
    partition: ReadRows,
    index: number,
    range: { readonly from: number; readonly until: number; readonly nowMs: number },
  ): void {
    const { from, until, nowMs } = range;
    if (from >= until || !this.plan.failOnDataLoss || partition.life === undefined) return;
    const { startOffset } = edgesAt(partition, nowMs);
    const isLost = from < startOffset && placeOf(partition, from) < placeOf(partition, startOffset);
    if (!isLost) return;
    throw new Error(
      `Cannot fetch offset ${from} of ${this.plan.log}-${index}: ` +
        `the log begins at ${startOffset}. ` +
        'Some data may have been lost. Set failOnDataLoss to false to go on without it.',
    );
  }
}

/** KafkaMicroBatchStream.rateLimit: a share of the limit for each partition by what waits there. */
function rateLimit(start: readonly number[], latest: readonly number[], limit: number): number[] {
  const total = sum(latest) - sum(start);
  if (total <= limit) return [...latest];
  return latest.map((end, partition) => {
    const begin = start[partition] as number;
    const share = limit * ((end - begin) / total);
    // A partition that has anything gets at least one row.
    return Math.min(end, begin + (share < 1 ? Math.ceil(share) : Math.floor(share)));
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
