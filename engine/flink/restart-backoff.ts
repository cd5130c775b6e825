import type { Configuration } from '../datastream/configuration.ts';

/**
 * Models Flink 2.x restart strategies: none, fixed-delay, failure-rate and exponential-delay, which
 * is the default when checkpoints are on; without checkpoints a failed job stays down.
 * Simplified: no jitter, and the backoff is not reset after an hour of health.
 * Invariant: the pause never exceeds the maximum backoff.
 */
export class RestartBackoff {
  readonly #configuration: Configuration;
  #restartCount = 0;
  readonly #failuresMs: number[] = [];

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  /** The pause before the next attempt in ms, or undefined when there is none. */
  nextDelayMs(nowMs: number): number | undefined {
    const configuration = this.#configuration;
    const count = this.#restartCount;
    this.#restartCount += 1;
    this.#failuresMs.push(nowMs);
    const hasCheckpoints = configuration['execution.checkpointing.interval'] !== undefined;
    const type =
      configuration['restart-strategy.type'] ?? (hasCheckpoints ? 'exponential-delay' : 'none');
    switch (type) {
      case 'none':
        return undefined;
      case 'fixed-delay':
        return count < configuration['restart-strategy.fixed-delay.attempts']
          ? configuration['restart-strategy.fixed-delay.delay']
          : undefined;
      case 'failure-rate': {
        const intervalMs = configuration['restart-strategy.failure-rate.failure-rate-interval'];
        const recent = this.#failuresMs.filter((failedMs) => nowMs - failedMs < intervalMs);
        const failuresMax =
          configuration['restart-strategy.failure-rate.max-failures-per-interval'];
        const delayMs = configuration['restart-strategy.failure-rate.delay'];
        return recent.length <= failuresMax ? delayMs : undefined;
      }
      case 'exponential-delay': {
        let delayMs = configuration['restart-strategy.exponential-delay.initial-backoff'];
        const factor = configuration['restart-strategy.exponential-delay.backoff-multiplier'];
        for (let step = 0; step < count; step += 1) delayMs *= factor;
        const delayMsMax = configuration['restart-strategy.exponential-delay.max-backoff'];
        return Math.round(Math.min(delayMs, delayMsMax));
      }
    }
  }
}
