import { ConfigError } from '../core/errors.ts';
import { WATERMARK_MIN } from '../core/time.ts';
import type { EventTimeMs } from '../core/time.ts';

/**
 * Models Flink 2.x `org.apache.flink.api.common.eventtime`: WatermarkStrategy, WatermarkGenerator,
 * BoundedOutOfOrdernessWatermarks, AscendingTimestampsWatermarks.
 * Simplified: the generator gets no context. Invariant: a strategy does not change once made.
 */
export interface WatermarkOutput {
  /** A promise: no more records with a timestamp ≤ `watermarkMs` are expected. */
  emitWatermark(watermarkMs: EventTimeMs): void;
  markIdle(): void;
  markActive(): void;
}

export interface WatermarkGenerator<T> {
  /** Called for every record, after the record was emitted. */
  onEvent(record: T, timestampMs: EventTimeMs, output: WatermarkOutput): void;
  /** Called every auto-watermark interval (200 ms unless configured). */
  onPeriodicEmit(output: WatermarkOutput): void;
}

/** Gets a record and the timestamp its log carries; gives its event time in ms. */
export type TimestampAssigner<T> = (record: T, recordTimestampMs: EventTimeMs) => EventTimeMs;

/** The timestamp of a record that has none (Flink: Long.MIN_VALUE). */
export const NO_TIMESTAMP = WATERMARK_MIN;

/** Keeps the sources of a group within a distance of each other, in event time. */
export interface WatermarkAlignment {
  readonly group: string;
  /** How far a split may be ahead of the slowest source of the group, in ms. */
  readonly maxDriftMs: number;
  /** How often the limit is announced, in ms. Flink's default: 1 s. */
  readonly updateIntervalMs: number;
}

/** What else a strategy says, besides its generator. */
interface StrategyOptions<T> {
  readonly timestampAssigner?: TimestampAssigner<T> | undefined;
  readonly idleTimeoutMs?: number | undefined;
  readonly alignment?: WatermarkAlignment | undefined;
}

/** How a source assigns event times and decides how far event time has come. */
export class WatermarkStrategy<T> {
  readonly createGenerator: () => WatermarkGenerator<T>;
  readonly timestampAssigner: TimestampAssigner<T> | undefined;
  /** Silence after which a split no longer holds the watermark, in ms; undefined: never. */
  readonly idleTimeoutMs: number | undefined;

  /** undefined: the source reads as fast as it can. */
  readonly alignment: WatermarkAlignment | undefined;

  constructor(createGenerator: () => WatermarkGenerator<T>, options: StrategyOptions<T> = {}) {
    this.createGenerator = createGenerator;
    this.timestampAssigner = options.timestampAssigner;
    this.idleTimeoutMs = options.idleTimeoutMs;
    this.alignment = options.alignment;
  }

  /**
   * The watermark trails the largest timestamp seen by `maxOutOfOrdernessMs` + 1 ms.
   * @throws ConfigError when the delay is negative or not a whole number of ms.
   */
  static forBoundedOutOfOrderness<T>(maxOutOfOrdernessMs: number): WatermarkStrategy<T> {
    if (!Number.isInteger(maxOutOfOrdernessMs) || maxOutOfOrdernessMs < 0) {
      throw new ConfigError(
        'maxOutOfOrderness cannot be negative and is a whole number of ms',
        maxOutOfOrdernessMs,
        'use for example seconds(5)',
      );
    }
    return new WatermarkStrategy<T>(() => new BoundedOutOfOrdernessWatermarks(maxOutOfOrdernessMs));
  }

  /** For timestamps that never decrease within a split: the same with delay 0. */
  static forMonotonousTimestamps<T>(): WatermarkStrategy<T> {
    return new WatermarkStrategy<T>(() => new BoundedOutOfOrdernessWatermarks(0));
  }

  /** A generator of your own; a fresh one is made for every split. */
  static forGenerator<T>(create: () => WatermarkGenerator<T>): WatermarkStrategy<T> {
    return new WatermarkStrategy<T>(create);
  }

  /** No watermark until the end of the input: event time never passes. */
  static noWatermarks<T>(): WatermarkStrategy<T> {
    return new WatermarkStrategy<T>(() => ({
      onEvent: () => undefined,
      onPeriodicEmit: () => undefined,
    }));
  }

  withTimestampAssigner(assigner: TimestampAssigner<T>): WatermarkStrategy<T> {
    return new WatermarkStrategy<T>(this.createGenerator, { ...this, timestampAssigner: assigner });
  }

  /** @throws ConfigError when the timeout is not positive. */
  withIdleness(idleTimeoutMs: number): WatermarkStrategy<T> {
    if (!Number.isFinite(idleTimeoutMs) || idleTimeoutMs <= 0) {
      throw new ConfigError(
        'the idle timeout must be greater than zero',
        idleTimeoutMs,
        'use for example minutes(1), longer than the natural gaps of a split',
      );
    }
    return new WatermarkStrategy<T>(this.createGenerator, { ...this, idleTimeoutMs });
  }

  /**
   * Pauses splits that run ahead of the slowest source of the group. It bounds how much state the
   * gap needs; it makes no result more correct.
   * @throws ConfigError when the drift is negative or the interval not positive.
   */
  withWatermarkAlignment(
    group: string,
    maxDriftMs: number,
    updateIntervalMs = 1000,
  ): WatermarkStrategy<T> {
    if (!(maxDriftMs >= 0) || !(updateIntervalMs > 0)) {
      throw new ConfigError(
        'alignment needs a drift ≥ 0 and an update interval > 0',
        `drift ${maxDriftMs} ms, interval ${updateIntervalMs} ms`,
        "use for example withWatermarkAlignment('all', seconds(20))",
      );
    }
    const alignment = { group, maxDriftMs, updateIntervalMs };
    return new WatermarkStrategy<T>(this.createGenerator, { ...this, alignment });
  }
}

/** Flink's BoundedOutOfOrdernessWatermarks: max seen − delay − 1, emitted periodically. */
export class BoundedOutOfOrdernessWatermarks<T> implements WatermarkGenerator<T> {
  readonly #delayMs: number;
  #timestampMsMax: number;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
    // So that the first watermark, before any record, is exactly the lowest one.
    this.#timestampMsMax = WATERMARK_MIN + delayMs + 1;
  }

  onEvent(_record: T, timestampMs: EventTimeMs, _output: WatermarkOutput): void {
    if (timestampMs > this.#timestampMsMax) this.#timestampMsMax = timestampMs;
  }

  onPeriodicEmit(output: WatermarkOutput): void {
    output.emitWatermark(this.#timestampMsMax - this.#delayMs - 1);
  }
}
