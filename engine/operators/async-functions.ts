import { ConfigError } from '../core/errors.ts';
import type { ProcessingTimeMs } from '../core/time.ts';
import { RichFunction } from './functions.ts';

/**
 * Asynchronous functions in the words of Flink 2.3 (`…api.functions.async`), in virtual time: what
 * would be a client's callback is planned with `service.after(latencyMs, …)`.
 */

/** Takes the results of one call, once: later calls change nothing. */
export interface ResultFuture<O> {
  /** @throws ConfigError unless given a list; an empty one emits nothing. */
  complete(results: readonly O[]): void;
  /** Fails the job, unless the retry strategy asks again. */
  completeExceptionally(error: unknown): void;
}

/** The world outside, which answers after a time. */
export interface ExternalService {
  /**
   * Runs `answer` after `latencyMs` of virtual processing time, if the subtask still runs then.
   * @throws ConfigError when the latency is negative or not a number.
   */
  after(latencyMs: number, answer: () => void): void;
  currentProcessingTime(): ProcessingTimeMs;
}

/** Calls an external service for each record. */
export interface AsyncFunction<I, O> {
  /** Starts the call and returns; `resultFuture` is completed when the service has answered. */
  asyncInvoke(input: I, resultFuture: ResultFuture<O>, service: ExternalService): void;
  /** Called when no answer came in time. Default: completes with a TimeoutException. */
  timeout?(input: I, resultFuture: ResultFuture<O>): void;
}

/** An AsyncFunction with a life. Its runtime context has no state. */
export abstract class RichAsyncFunction<I, O> extends RichFunction implements AsyncFunction<I, O> {
  abstract asyncInvoke(input: I, resultFuture: ResultFuture<O>, service: ExternalService): void;

  timeout(_input: I, resultFuture: ResultFuture<O>): void {
    resultFuture.completeExceptionally(new TimeoutException());
  }
}

/** What a call that got no answer in time is completed with. */
export class TimeoutException extends Error {
  override readonly name = 'TimeoutException';

  constructor() {
    super('Async function call has timed out.');
  }
}

/** Decides which answers lead to another attempt. */
export interface AsyncRetryPredicate<O> {
  readonly resultPredicate: ((results: readonly O[]) => boolean) | undefined;
  readonly exceptionPredicate: ((error: unknown) => boolean) | undefined;
}

/** Decides whether and when a call is attempted again. */
export interface AsyncRetryStrategy<O> {
  /** `currentAttempts` counts the attempts made so far, from 1. */
  canRetry(currentAttempts: number): boolean;
  getBackoffTimeMillis(currentAttempts: number): number;
  getRetryPredicate(): AsyncRetryPredicate<O>;
}

interface RetrySettings<O> extends AsyncRetryPredicate<O> {
  readonly maxAttempts: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  readonly multiplier: number;
}

/**
 * Waits `initialDelayMs`, then longer each time. Models AsyncRetryStrategies of Flink 2.3, which
 * remember the last delay for all records of a subtask together.
 */
class DelayRetryStrategy<O> implements AsyncRetryStrategy<O>, RetrySettings<O> {
  // Plain fields: every subtask gets a copy.
  readonly maxAttempts: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  readonly multiplier: number;
  readonly resultPredicate: RetrySettings<O>['resultPredicate'];
  readonly exceptionPredicate: RetrySettings<O>['exceptionPredicate'];
  lastDelayMs: number;

  constructor(settings: RetrySettings<O>) {
    this.maxAttempts = settings.maxAttempts;
    this.initialDelayMs = settings.initialDelayMs;
    this.maxDelayMs = settings.maxDelayMs;
    this.multiplier = settings.multiplier;
    this.resultPredicate = settings.resultPredicate;
    this.exceptionPredicate = settings.exceptionPredicate;
    this.lastDelayMs = settings.initialDelayMs;
  }

  canRetry(currentAttempts: number): boolean {
    return currentAttempts <= this.maxAttempts;
  }

  getBackoffTimeMillis(currentAttempts: number): number {
    const { initialDelayMs, maxDelayMs, multiplier } = this;
    this.lastDelayMs =
      currentAttempts <= 1
        ? initialDelayMs
        : Math.min(Math.trunc(this.lastDelayMs * multiplier), maxDelayMs);
    return this.lastDelayMs;
  }

  getRetryPredicate(): AsyncRetryPredicate<O> {
    return this;
  }
}

/** Builds a strategy: which answers call for a retry. Without a predicate there is none. */
export class RetryStrategyBuilder<O> {
  #settings: RetrySettings<O>;

  constructor(settings: Omit<RetrySettings<O>, keyof AsyncRetryPredicate<O>>) {
    checkPositive('maxAttempts', settings.maxAttempts);
    checkPositive('backoffTimeMillis', settings.initialDelayMs);
    this.#settings = { ...settings, resultPredicate: undefined, exceptionPredicate: undefined };
  }

  ifResult(resultPredicate: (results: readonly O[]) => boolean): this {
    this.#settings = { ...this.#settings, resultPredicate };
    return this;
  }

  ifException(exceptionPredicate: (error: unknown) => boolean): this {
    this.#settings = { ...this.#settings, exceptionPredicate };
    return this;
  }

  build(): AsyncRetryStrategy<O> {
    return new DelayRetryStrategy<O>(this.#settings);
  }
}

/** Retries after the same delay each time; at most `maxAttempts` retries. */
export class FixedDelayRetryStrategyBuilder<O> extends RetryStrategyBuilder<O> {
  constructor(maxAttempts: number, backoffTimeMillis: number) {
    super({
      maxAttempts,
      initialDelayMs: backoffTimeMillis,
      maxDelayMs: backoffTimeMillis,
      multiplier: 1,
    });
  }
}

/** Retries after delays that grow by `multiplier` up to `maxRetryDelay`. */
export class ExponentialBackoffDelayRetryStrategyBuilder<O> extends RetryStrategyBuilder<O> {
  constructor(
    maxAttempts: number,
    initialDelay: number,
    maxRetryDelay: number,
    multiplier: number,
  ) {
    super({
      maxAttempts,
      initialDelayMs: initialDelay,
      maxDelayMs: maxRetryDelay,
      multiplier,
    });
  }
}

/** The usual reasons to ask again. */
export const RetryPredicates = {
  EMPTY_RESULT_PREDICATE: (results: readonly unknown[]): boolean => results.length === 0,
  HAS_EXCEPTION_PREDICATE: (error: unknown): boolean => error !== undefined && error !== null,
} as const;

function checkPositive(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new ConfigError(`${name} should be greater than zero`, value, 'use for example 3');
}
