import type { LogRecord } from '../logs/log.ts';
import { WATERMARK_MIN } from '../core/time.ts';
import { IdlenessTimer } from '../time/idleness-timer.ts';
import type { LogSplit } from './log-split.ts';
import { NO_TIMESTAMP } from '../time/watermark-strategy.ts';
import type {
  TimestampAssigner,
  WatermarkGenerator,
  WatermarkOutput,
  WatermarkStrategy,
} from '../time/watermark-strategy.ts';

/**
 * Reads one split (a partition of a log) and keeps its own watermark.
 * Models the per-split outputs of Flink 2.x's SourceOperator: each split has a watermark generator
 * and an idleness timer of its own; a watermark given periodically counts at the end of the round.
 * Invariant: the split's watermark never decreases.
 */
export class SplitReader implements WatermarkOutput {
  /** Index in the trace header's splits. */
  readonly split: number;
  /** Index in its log. */
  readonly partition: number;
  readonly records: readonly LogRecord[];
  /** Set where the log has a life of its own; then its offsets are not places. */
  readonly log: LogSplit | undefined;
  /** Place of the next record. */
  offset = 0;
  watermarkMs = WATERMARK_MIN;
  isIdle = false;
  isFinished = false;
  /** Watermark alignment holds it back. */
  isPaused = false;
  /** The `record-read` row of the newest record. */
  lastReadRow = -1;
  /** The `record-read` row of the record with the highest timestamp: what raises a watermark. */
  highestReadRow = -1;
  #highestMs = -Infinity;
  /** Whether the watermark or idleness changed since the source looked. */
  hasChanged = false;
  readonly #assigner: TimestampAssigner<unknown> | undefined;
  readonly #generator: WatermarkGenerator<unknown>;
  readonly #idleness: IdlenessTimer | undefined;

  constructor(
    split: number,
    partition: { readonly index: number; readonly records: readonly LogRecord[] },
    log: LogSplit | undefined,
    strategy: WatermarkStrategy<unknown>,
  ) {
    this.split = split;
    this.partition = partition.index;
    this.records = partition.records;
    this.log = log;
    this.#assigner = strategy.timestampAssigner;
    this.#generator = strategy.createGenerator();
    const { idleTimeoutMs } = strategy;
    this.#idleness = idleTimeoutMs === undefined ? undefined : new IdlenessTimer(idleTimeoutMs);
  }

  /** False: nobody has handed it out yet, so it says nothing about time. */
  get isAssigned(): boolean {
    return this.log === undefined || this.log.isAssigned;
  }

  /** The offset that it would read next, as a checkpoint keeps it. */
  get position(): number {
    return this.log === undefined ? this.offset : this.log.offset;
  }

  /** When the next record is there, or Infinity when there is none. */
  nextArrivalMs(): number {
    if (this.log !== undefined)
      return this.isPaused ? Infinity : this.log.nextArrivalMs(this.offset);
    return !this.isPaused && this.offset < this.records.length
      ? (this.records[this.offset] as LogRecord).arrivalMs
      : Infinity;
  }

  timestampOf(record: LogRecord): number {
    const recordTimestampMs = record.timestampMs ?? NO_TIMESTAMP;
    return this.#assigner === undefined
      ? recordTimestampMs
      : this.#assigner(record.value, recordTimestampMs);
  }

  /** Remembers where in the trace a record was read. */
  noteRead(row: number, timestampMs: number): void {
    this.lastReadRow = row;
    if (timestampMs <= this.#highestMs) return;
    this.#highestMs = timestampMs;
    this.highestReadRow = row;
  }

  /** After a record was emitted: the generator may move the watermark at once. */
  onEvent(value: unknown, timestampMs: number): void {
    this.#generator.onEvent(value, timestampMs, this);
    if (this.#idleness === undefined) return;
    this.#idleness.activity();
    if (this.isIdle) this.markActive();
  }

  onPeriodicEmit(nowMs: number): void {
    if (this.#idleness?.checkIfIdle(nowMs) === true) this.markIdle();
    else this.#generator.onPeriodicEmit(this);
  }

  /** The next moment at which silence changes something, or Infinity. */
  nextIdleCheckMs(nowMs: number): number {
    if (this.#idleness === undefined || this.isIdle || this.isFinished) return Infinity;
    if (!this.isAssigned) return Infinity;
    return this.#idleness.nextCheckMs(nowMs);
  }

  emitWatermark(watermarkMs: number): void {
    // As in Flink, a watermark also says that the split is active.
    this.markActive();
    if (watermarkMs <= this.watermarkMs) return;
    this.watermarkMs = watermarkMs;
    this.hasChanged = true;
  }

  markIdle(): void {
    if (this.isIdle) return;
    this.isIdle = true;
    this.hasChanged = true;
  }

  markActive(): void {
    if (!this.isIdle) return;
    this.isIdle = false;
    this.hasChanged = true;
  }
}
