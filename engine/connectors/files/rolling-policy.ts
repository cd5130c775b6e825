import { minutes } from '../../core/durations.ts';
import { ConfigError } from '../../core/errors.ts';

/** When a sink's writer ends a file and begins the next. */
export type RollingPolicy =
  /** At every checkpoint: the only way for formats that are written in bulk, as Parquet is. */
  { readonly type: 'on-checkpoint' } | ({ readonly type: 'default' } & RollingLimits);

/** Limits of Flink's DefaultRollingPolicy, for formats that are written row by row. */
export interface RollingLimits {
  /** A larger file is ended by the next row, or by a checkpoint. Default 128 MiB. */
  readonly partSizeBytes?: number;
  /** How long a file may be open, in ms. Default 1 min. */
  readonly rolloverIntervalMs?: number;
  /** How long nothing may be written to it, in ms. Default 1 min. */
  readonly inactivityIntervalMs?: number;
}

/** A file as the policy sees it. */
export interface PartFileInfo {
  readonly sizeBytes: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/**
 * Says when to end a file. Models Flink 2.3 DefaultRollingPolicy and OnCheckpointRollingPolicy:
 * times are looked at only when the writer looks at its buckets, once a minute.
 */
export class Rolling {
  readonly #limits: Required<RollingLimits> | undefined;

  /** @throws ConfigError for a limit that is not positive. */
  constructor(policy: RollingPolicy) {
    if (policy.type === 'on-checkpoint') return;
    const { type: _, ...given } = policy;
    const limits = {
      partSizeBytes: 128 * 1024 * 1024,
      rolloverIntervalMs: minutes(1),
      inactivityIntervalMs: minutes(1),
      ...given,
    };
    for (const [name, value] of Object.entries(limits)) {
      if (value > 0) continue;
      throw new ConfigError(`${name} of a rolling policy must be positive`, value, 'leave it out');
    }
    this.#limits = limits;
  }

  /** Whether files are ended by the clock, so that it has to be looked at. */
  get looksAtTime(): boolean {
    return this.#limits !== undefined;
  }

  rollsOnEvent({ sizeBytes }: PartFileInfo): boolean {
    return this.#limits !== undefined && sizeBytes > this.#limits.partSizeBytes;
  }

  rollsOnCheckpoint({ sizeBytes }: PartFileInfo): boolean {
    return this.#limits === undefined || sizeBytes > this.#limits.partSizeBytes;
  }

  rollsOnProcessingTime({ createdMs, updatedMs }: PartFileInfo, nowMs: number): boolean {
    if (this.#limits === undefined) return false;
    const { rolloverIntervalMs, inactivityIntervalMs } = this.#limits;
    return nowMs - createdMs >= rolloverIntervalMs || nowMs - updatedMs >= inactivityIntervalMs;
  }
}
