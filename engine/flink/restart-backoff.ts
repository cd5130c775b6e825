import type { Configuration } from './configuration.ts';

/**
 * Models Flink 2.x restart strategies: none, fixed-delay and exponential-delay, which is the
 * default when checkpoints are on; without checkpoints a failed job stays down.
 * Simplified: no jitter, and the backoff is not reset after an hour of health.
 */
export class RestartBackoff {
  readonly #configuration: Configuration;
  #restartCount = 0;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  /** The pause before the next attempt in ms, or undefined when there is none. */
  nextDelayMs(): number | undefined {
    const configuration = this.#configuration;
    const count = this.#restartCount;
    this.#restartCount += 1;
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
