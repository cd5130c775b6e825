import type { LogicalPlan } from '../dataset/plan.ts';
import type { Row } from '../dataset/value.ts';
import type { LogInput, LogRecord } from '../logs/log.ts';
import type { Partitions } from './batch.ts';

type StreamPlan = Extract<LogicalPlan, { type: 'stream' }>;

/**
 * One stream of a query: which rows of its log are there, and which a batch gets. Models Spark
 * 4.2.0 KafkaMicroBatchStream: everything up to the latest offsets, less what admission limits
 * hold back. Offsets are those of the next record, by partition.
 */
export class StreamSource {
  readonly plan: StreamPlan;
  readonly #partitions: readonly (readonly LogRecord<Row>[])[];
  #lastTriggerMs = 0;

  constructor(plan: StreamPlan, log: LogInput<Row>) {
    this.plan = plan;
    this.#partitions = log.partitions;
  }

  startOffsets(nowMs: number): number[] {
    return this.plan.startingOffsets === 'latest'
      ? this.latestOffsets(nowMs)
      : this.#partitions.map(() => 0);
  }

  /** What the log has received by now. */
  latestOffsets(nowMs: number): number[] {
    return this.#partitions.map((records) => countUntil(records, nowMs));
  }

  /** When a record arrives that is behind these offsets and later than now; Infinity: never. */
  nextArrivalMs(offsets: readonly number[], nowMs: number): number {
    let nextMs = Infinity;
    this.#partitions.forEach((records, partition) => {
      const at = Math.max(offsets[partition] ?? 0, countUntil(records, nowMs));
      nextMs = Math.min(nextMs, records[at]?.arrivalMs ?? Infinity);
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

  rows(start: readonly number[], end: readonly number[]): Partitions {
    return this.#partitions.map((records, partition) =>
      records.slice(start[partition], end[partition]).map(({ value }) => value),
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

/** How many records of a partition have arrived by `nowMs`. */
function countUntil(records: readonly LogRecord<Row>[], nowMs: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle] as LogRecord<Row>).arrivalMs <= nowMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
