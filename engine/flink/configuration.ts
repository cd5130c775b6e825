import { ConfigError } from '../core/errors.ts';
import { minutes, seconds } from '../core/durations.ts';
import type { StateBackendType } from '../state/keyed-state-backend.ts';

/**
 * A job's settings under their names in Flink 2.x, with durations in ms. Defaults are those of
 * the 2.x documentation (deployment/config).
 */
export interface Configuration {
  /** Default 200 ms. 0 switches periodic watermarks off. */
  readonly 'pipeline.auto-watermark-interval': number;
  /** Default false. True: records are handed on without a copy. */
  readonly 'pipeline.object-reuse': boolean;
  /** Default: no checkpoints. */
  readonly 'execution.checkpointing.interval': number | undefined;
  /** Default: exponential-delay when checkpoints are on, none when they are off. */
  readonly 'restart-strategy.type': RestartStrategyType | undefined;
  /** Default 1. */
  readonly 'restart-strategy.fixed-delay.attempts': number;
  /** Default 1 s. */
  readonly 'restart-strategy.fixed-delay.delay': number;
  /** Default 1 s. */
  readonly 'restart-strategy.exponential-delay.initial-backoff': number;
  /** Default 1 min. */
  readonly 'restart-strategy.exponential-delay.max-backoff': number;
  /** Default 1.5. */
  readonly 'restart-strategy.exponential-delay.backoff-multiplier': number;
  /** Default hashmap. */
  readonly 'state.backend.type': StateBackendType;
}

export type RestartStrategyType = 'none' | 'fixed-delay' | 'exponential-delay';

export const DEFAULT_CONFIGURATION: Configuration = {
  'pipeline.auto-watermark-interval': 200,
  'pipeline.object-reuse': false,
  'execution.checkpointing.interval': undefined,
  'restart-strategy.type': undefined,
  'restart-strategy.fixed-delay.attempts': 1,
  'restart-strategy.fixed-delay.delay': seconds(1),
  'restart-strategy.exponential-delay.initial-backoff': seconds(1),
  'restart-strategy.exponential-delay.max-backoff': minutes(1),
  'restart-strategy.exponential-delay.backoff-multiplier': 1.5,
  'state.backend.type': 'hashmap',
};

const CHOICES: Partial<Record<keyof Configuration, readonly unknown[]>> = {
  'restart-strategy.type': ['none', 'fixed-delay', 'exponential-delay'],
  'state.backend.type': ['hashmap', 'rocksdb'],
  'pipeline.object-reuse': [true, false],
};

/** @throws ConfigError for an unknown option or a value out of range. */
export function checkConfiguration(options: Partial<Configuration>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(name in DEFAULT_CONFIGURATION)) {
      throw new ConfigError(
        'a configuration option must be one that is modelled',
        name,
        `use one of ${Object.keys(DEFAULT_CONFIGURATION).join(', ')}`,
      );
    }
    if (value === undefined) continue;
    const choices = CHOICES[name as keyof Configuration];
    if (choices !== undefined) {
      if (choices.includes(value)) continue;
      throw new ConfigError(`${name} must be one of ${choices.join(', ')}`, value, 'choose one');
    }
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      throw new ConfigError(`${name} must be a number ≥ 0`, value, 'durations are ms');
    }
  }
  const interval = options['execution.checkpointing.interval'];
  if (interval !== undefined && interval < 10) {
    throw new ConfigError(
      'the checkpoint interval must be larger than or equal to 10 ms',
      interval,
      'use for example seconds(10)',
    );
  }
}
