import { ConfigError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import type { Configuration } from './configuration.ts';

/**
 * When a failed job may restart. Models Flink 2.3.0 NoRestart-, FixedDelay-, FailureRate- and
 * ExponentialDelayRestartBackoffTimeStrategy (flink-runtime, executiongraph/failover); the last is
 * the default when checkpoints are on. Without checkpoints a failed job stays down.
 * Invariant: the pause never exceeds the maximum backoff.
 */
export class RestartBackoff {
  readonly #configuration: Configuration;
  readonly #random: Random;
  /** Restarts so far; the exponential strategy forgets them after a while without failures. */
  #attempts = 0;
  /** When the restart that was granted last is due. */
  #nextRestartMs = -Infinity;
  readonly #failuresMs: number[] = [];

  /** @throws ConfigError when the strategy's options do not fit together. */
  constructor(configuration: Configuration, random: Random) {
    checkOptions(configuration);
    this.#configuration = configuration;
    this.#random = random;
  }

  /** The pause before the next attempt in ms, or undefined when there is none. */
  nextDelayMs(nowMs: number): number | undefined {
    const configuration = this.#configuration;
    const hasCheckpoints = configuration['execution.checkpointing.interval'] !== undefined;
    const type =
      configuration['restart-strategy.type'] ?? (hasCheckpoints ? 'exponential-delay' : 'none');
    switch (type) {
      case 'none':
        return undefined;
      case 'fixed-delay':
        this.#attempts += 1;
        return this.#attempts <= configuration['restart-strategy.fixed-delay.attempts']
          ? configuration['restart-strategy.fixed-delay.delay']
          : undefined;
      case 'failure-rate':
        return this.#delayByRateMs(nowMs);
      case 'exponential-delay':
        return this.#exponentialDelayMs(nowMs);
    }
  }

  /** One failure more than allowed is too many unless the oldest of them is past the interval. */
  #delayByRateMs(nowMs: number): number | undefined {
    const configuration = this.#configuration;
    const failuresMax = configuration['restart-strategy.failure-rate.max-failures-per-interval'];
    const intervalMs = configuration['restart-strategy.failure-rate.failure-rate-interval'];
    const failuresMs = this.#failuresMs;
    failuresMs.push(nowMs);
    if (failuresMs.length > failuresMax + 1) failuresMs.shift();
    const isTooOften =
      failuresMs.length > failuresMax && nowMs - (failuresMs[0] as number) <= intervalMs;
    return isTooOften ? undefined : configuration['restart-strategy.failure-rate.delay'];
  }

  #exponentialDelayMs(nowMs: number): number | undefined {
    const configuration = this.#configuration;
    // Failures before the restart that is due belong to the same attempt.
    if (nowMs > this.#nextRestartMs) {
      const thresholdMs =
        configuration['restart-strategy.exponential-delay.reset-backoff-threshold'];
      if (nowMs - this.#nextRestartMs >= thresholdMs) this.#attempts = 0;
      this.#nextRestartMs = nowMs + this.#drawBackoffMs();
      this.#attempts += 1;
    }
    const attemptsMax =
      configuration['restart-strategy.exponential-delay.attempts-before-reset-backoff'];
    return this.#attempts <= attemptsMax ? this.#nextRestartMs - nowMs : undefined;
  }

  #drawBackoffMs(): number {
    const configuration = this.#configuration;
    const initialMs = configuration['restart-strategy.exponential-delay.initial-backoff'];
    const factor = configuration['restart-strategy.exponential-delay.backoff-multiplier'];
    const backoffMsMax = configuration['restart-strategy.exponential-delay.max-backoff'];
    const jitter = configuration['restart-strategy.exponential-delay.jitter-factor'];
    // Multiplied step by step: no engine may round a power in a way of its own.
    let backoffMs = initialMs;
    for (let step = 0; step < this.#attempts && backoffMs < 2 * backoffMsMax; step += 1) {
      backoffMs *= factor;
    }
    backoffMs = Math.floor(backoffMs);
    const range = Math.floor(backoffMs * jitter);
    const jitteredMs = range === 0 ? backoffMs : backoffMs + this.#random.between(-range, range);
    return Math.max(initialMs, Math.min(jitteredMs, backoffMsMax));
  }
}

/** The preconditions of Flink 2.3.0's strategies. */
function checkOptions(configuration: Configuration): void {
  const rate = 'restart-strategy.failure-rate';
  const exponential = 'restart-strategy.exponential-delay';
  const initialMs = configuration[`${exponential}.initial-backoff`];
  const longestMs = configuration[`${exponential}.max-backoff`];
  checkOption(`${exponential}.initial-backoff`, initialMs, initialMs >= 1, 'at least 1');
  checkOption(`${exponential}.max-backoff`, longestMs, longestMs >= 1, 'at least 1');
  const isInOrder = initialMs <= longestMs;
  const limit = `no higher than the maximum backoff, ${longestMs}`;
  checkOption(`${exponential}.initial-backoff`, initialMs, isInOrder, limit);
  const factor = configuration[`${exponential}.backoff-multiplier`];
  checkOption(`${exponential}.backoff-multiplier`, factor, factor > 1, 'greater than 1');
  const thresholdMs = configuration[`${exponential}.reset-backoff-threshold`];
  const threshold = `${exponential}.reset-backoff-threshold`;
  checkOption(threshold, thresholdMs, thresholdMs >= 1, 'at least 1');
  const jitter = configuration[`${exponential}.jitter-factor`];
  checkOption(`${exponential}.jitter-factor`, jitter, jitter <= 1, 'from 0 to 1');
  const attempts = configuration[`${exponential}.attempts-before-reset-backoff`];
  checkOption(`${exponential}.attempts-before-reset-backoff`, attempts, attempts >= 1, '1 or more');
  const failures = configuration[`${rate}.max-failures-per-interval`];
  checkOption(`${rate}.max-failures-per-interval`, failures, failures > 0, 'greater than 0');
  const intervalMs = configuration[`${rate}.failure-rate-interval`];
  checkOption(`${rate}.failure-rate-interval`, intervalMs, intervalMs > 0, 'greater than 0 ms');
}

function checkOption(name: string, value: number, isRight: boolean, rule: string): void {
  if (!isRight)
    throw new ConfigError(`${name} must be ${rule}`, value, 'set it in env.configure()');
}
