import { ConfigError } from '../core/errors.ts';
import { hours, minutes, seconds } from '../core/durations.ts';
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
  /** Default EXACTLY_ONCE. AT_LEAST_ONCE never blocks a channel for a barrier. */
  readonly 'execution.checkpointing.mode': 'EXACTLY_ONCE' | 'AT_LEAST_ONCE';
  /** Default false. True: barriers overtake records, which become part of the checkpoint. */
  readonly 'execution.checkpointing.unaligned.enabled': boolean;
  /** Default 0: with unaligned checkpoints on, begin aligned and go on unaligned after this. */
  readonly 'execution.checkpointing.aligned-checkpoint-timeout': number;
  /** Default 10 min. */
  readonly 'execution.checkpointing.timeout': number;
  /** Default 0. */
  readonly 'execution.checkpointing.min-pause': number;
  /** Default 1. */
  readonly 'execution.checkpointing.max-concurrent-checkpoints': number;
  /** Default 0. */
  readonly 'execution.checkpointing.tolerable-failed-checkpoints': number;
  /** Default region: only what is connected to the failed subtask restarts. */
  readonly 'jobmanager.execution.failover-strategy': 'region' | 'full';
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
  /** Default 0.1: the share of a pause by which chance makes it longer or shorter. */
  readonly 'restart-strategy.exponential-delay.jitter-factor': number;
  /** Default 1 h: as long without a failure, and the pauses begin at the first again. */
  readonly 'restart-strategy.exponential-delay.reset-backoff-threshold': number;
  /** Default: no limit. So many restarts, none further from the last, and the job fails. */
  readonly 'restart-strategy.exponential-delay.attempts-before-reset-backoff': number;
  /** Default 1. */
  readonly 'restart-strategy.failure-rate.max-failures-per-interval': number;
  /** Default 1 min. */
  readonly 'restart-strategy.failure-rate.failure-rate-interval': number;
  /** Default 1 s. */
  readonly 'restart-strategy.failure-rate.delay': number;
  /** Default hashmap. */
  readonly 'state.backend.type': StateBackendType;
  /** Default false. True: slow tasks of a batch job get another attempt, and the first counts. */
  readonly 'execution.batch.speculative.enabled': boolean;
  /** Default 2, the first attempt included. */
  readonly 'execution.batch.speculative.max-concurrent-executions': number;
  /** Default 1 min: as long a machine on which a task was slow gets no second attempts. */
  readonly 'execution.batch.speculative.block-slow-node-duration': number;
  /** Default 1 s. */
  readonly 'slow-task-detector.check-interval': number;
  /** Default 1 min: no attempt is slow before. */
  readonly 'slow-task-detector.execution-time.baseline-lower-bound': number;
  /** Default 0.75: the share of a stage's tasks that must have finished. */
  readonly 'slow-task-detector.execution-time.baseline-ratio': number;
  /** Default 1.5: how many times as long as the others a slow attempt takes. */
  readonly 'slow-task-detector.execution-time.baseline-multiplier': number;
}

/** Flink's restart strategies. */
export type RestartStrategyType = 'none' | 'fixed-delay' | 'exponential-delay' | 'failure-rate';

export const DEFAULT_CONFIGURATION: Configuration = {
  'pipeline.auto-watermark-interval': 200,
  'pipeline.object-reuse': false,
  'execution.checkpointing.interval': undefined,
  'execution.checkpointing.mode': 'EXACTLY_ONCE',
  'execution.checkpointing.unaligned.enabled': false,
  'execution.checkpointing.aligned-checkpoint-timeout': 0,
  'execution.checkpointing.timeout': minutes(10),
  'execution.checkpointing.min-pause': 0,
  'execution.checkpointing.max-concurrent-checkpoints': 1,
  'execution.checkpointing.tolerable-failed-checkpoints': 0,
  'jobmanager.execution.failover-strategy': 'region',
  'restart-strategy.type': undefined,
  'restart-strategy.fixed-delay.attempts': 1,
  'restart-strategy.fixed-delay.delay': seconds(1),
  'restart-strategy.exponential-delay.initial-backoff': seconds(1),
  'restart-strategy.exponential-delay.max-backoff': minutes(1),
  'restart-strategy.exponential-delay.backoff-multiplier': 1.5,
  'restart-strategy.exponential-delay.jitter-factor': 0.1,
  'restart-strategy.exponential-delay.reset-backoff-threshold': hours(1),
  'restart-strategy.exponential-delay.attempts-before-reset-backoff': 2 ** 31 - 1,
  'restart-strategy.failure-rate.max-failures-per-interval': 1,
  'restart-strategy.failure-rate.failure-rate-interval': minutes(1),
  'restart-strategy.failure-rate.delay': seconds(1),
  'state.backend.type': 'hashmap',
  'execution.batch.speculative.enabled': false,
  'execution.batch.speculative.max-concurrent-executions': 2,
  'execution.batch.speculative.block-slow-node-duration': minutes(1),
  'slow-task-detector.check-interval': seconds(1),
  'slow-task-detector.execution-time.baseline-lower-bound': minutes(1),
  'slow-task-detector.execution-time.baseline-ratio': 0.75,
  'slow-task-detector.execution-time.baseline-multiplier': 1.5,
};

const CHOICES: Partial<Record<keyof Configuration, readonly unknown[]>> = {
  'restart-strategy.type': ['none', 'fixed-delay', 'exponential-delay', 'failure-rate'],
  'execution.checkpointing.mode': ['EXACTLY_ONCE', 'AT_LEAST_ONCE'],
  'execution.checkpointing.unaligned.enabled': [true, false],
  'jobmanager.execution.failover-strategy': ['region', 'full'],
  'state.backend.type': ['hashmap', 'rocksdb'],
  'pipeline.object-reuse': [true, false],
  'execution.batch.speculative.enabled': [true, false],
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
