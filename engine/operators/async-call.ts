import { ConfigError } from '../core/errors.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import { TimeoutException } from './async-functions.ts';
import type {
  AsyncFunction,
  AsyncRetryStrategy,
  ExternalService,
  ResultFuture,
} from './async-functions.ts';
import type { AsyncEntry } from './async-queue.ts';
import type { OperatorCall, OperatorContext } from './operator.ts';

/** What the calls of one async operator have in common. */
export interface AsyncCallSettings {
  readonly context: OperatorContext;
  readonly function: AsyncFunction<unknown, unknown>;
  /** 0 or less: none. */
  readonly timeoutMs: number;
  /** undefined: no call is attempted again. */
  readonly retry: AsyncRetryStrategy<unknown> | undefined;
  /** All inputs have ended: results are taken as they are. */
  isRetryDisabled: boolean;
  /** Calls that have waited for another attempt and have no result yet. */
  readonly retried: Set<AsyncCall>;
  readonly onDone: (entry: AsyncEntry) => void;
}

/**
 * One record's call, with its timeout and its attempts. Models ResultHandler and
 * RetryableResultHandlerDelegator of Flink 2.3 AsyncWaitOperator: the timeout covers all attempts;
 * once it has passed there are no more.
 * Simplified: an answer that comes at the very ms of the timeout counts (Flink's timers fire 1 ms
 * after their time).
 */
export class AsyncCall implements ResultFuture<unknown> {
  readonly #settings: AsyncCallSettings;
  readonly #entry: AsyncEntry;
  readonly #service: ExternalService;
  #attempts = 0;
  #isCompleted = false;
  #isAwaitingRetry = false;
  #isTimedOut = false;
  #timeout: OperatorCall | undefined;
  #retryCall: OperatorCall | undefined;
  #requestedRow = NONE;
  /** What has been completed while the function that began the call was still running. */
  #isInvoking = false;
  #early: (() => void) | undefined;

  constructor(settings: AsyncCallSettings, entry: AsyncEntry) {
    this.#settings = settings;
    this.#entry = entry;
    const { context } = settings;
    this.#service = {
      after: (latencyMs, answer) => {
        context.planCall(context.nowMs() + checkLatency(latencyMs), () => {
          context.callbackRow = this.#requestedRow;
          answer();
        });
      },
      currentProcessingTime: () => context.nowMs(),
    };
  }

  begin(): void {
    const { context, timeoutMs } = this.#settings;
    this.#attempt();
    if (timeoutMs <= 0 || this.#isCompleted) return;
    this.#timeout = context.planCall(context.nowMs() + timeoutMs, () => {
      // Whatever else is planned for this moment comes before.
      this.#timeout = context.planCall(context.nowMs(), () => this.#onTimeout());
    });
  }

  complete(results: readonly unknown[]): void {
    if (!Array.isArray(results)) {
      throw new ConfigError(
        'results must be a list',
        results,
        'use resultFuture.complete([result]), or an empty list to emit nothing',
      );
    }
    this.#answer(results, undefined);
  }

  completeExceptionally(error: unknown): void {
    this.#answer(undefined, error ?? new Error('unknown error'));
  }

  /** Attempts at once what waited for its next attempt. */
  attemptNow(): void {
    if (this.#retryCall !== undefined) this.#settings.context.cancelCall(this.#retryCall);
    this.#attempt();
  }

  #attempt(): void {
    this.#attempts += 1;
    const { context, function: userFunction } = this.#settings;
    const { recorder, subtask } = context;
    const { value, timestampMs, key, row } = this.#entry;
    const before = this.#requestedRow;
    const kind = KIND['async-requested'];
    const attempt = this.#attempts;
    this.#requestedRow = recorder.add(kind, subtask, row, key, timestampMs, attempt, 0, before);
    if (recorder.isOn) recorder.setValue(this.#requestedRow, value);
    context.callbackRow = this.#requestedRow;
    context.currentKey = key;
    this.#isInvoking = true;
    userFunction.asyncInvoke(value, this, this.#service);
    this.#isInvoking = false;
    const early = this.#early;
    this.#early = undefined;
    early?.();
  }

  #answer(results: readonly unknown[] | undefined, error: unknown): void {
    if (this.#isCompleted) return;
    if (this.#isInvoking) {
      this.#early ??= () => this.#answer(results, error);
      return;
    }
    const { retry, isRetryDisabled } = this.#settings;
    if (retry === undefined || isRetryDisabled) this.#settle(results, error);
    else this.#retryOrSettle(retry, results, error);
  }

  #retryOrSettle(
    retry: AsyncRetryStrategy<unknown>,
    results: readonly unknown[] | undefined,
    error: unknown,
  ): void {
    if (this.#isAwaitingRetry) return;
    this.#isAwaitingRetry = true;
    const { resultPredicate, exceptionPredicate } = retry.getRetryPredicate();
    const isWanted =
      results === undefined
        ? exceptionPredicate?.(error) === true
        : resultPredicate?.(results) === true;
    if (this.#isTimedOut || !isWanted || !retry.canRetry(this.#attempts)) {
      this.#settle(results, error);
      return;
    }
    const { context, retried } = this.#settings;
    this.#noteAnswer(results, error);
    const backoffMs = retry.getBackoffTimeMillis(this.#attempts);
    this.#retryCall = context.planCall(context.nowMs() + backoffMs, () => {
      if (!this.#isAwaitingRetry) return;
      this.#isAwaitingRetry = false;
      this.#attempt();
    });
    retried.add(this);
  }

  #settle(results: readonly unknown[] | undefined, error: unknown): void {
    this.#isCompleted = true;
    const { context, retried, onDone } = this.#settings;
    retried.delete(this);
    if (this.#timeout !== undefined) context.cancelCall(this.#timeout);
    if (this.#retryCall !== undefined) context.cancelCall(this.#retryCall);
    this.#entry.answeredRow = this.#noteAnswer(results, error);
    if (results === undefined) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`Could not complete the stream element: ${reason}`, { cause: error });
    }
    this.#entry.results = results;
    onDone(this.#entry);
  }

  #onTimeout(): void {
    if (this.#isCompleted) return;
    const { context, function: userFunction } = this.#settings;
    if (this.#retryCall !== undefined) context.cancelCall(this.#retryCall);
    this.#isAwaitingRetry = false;
    this.#isTimedOut = true;
    const { recorder, subtask } = context;
    const { value, timestampMs, key } = this.#entry;
    const kind = KIND['async-timed-out'];
    const requested = this.#requestedRow;
    context.callbackRow = recorder.add(kind, subtask, requested, key, timestampMs, 0, 0, requested);
    context.currentKey = key;
    if (userFunction.timeout === undefined) this.completeExceptionally(new TimeoutException());
    else userFunction.timeout(value, this);
  }

  #noteAnswer(results: readonly unknown[] | undefined, error: unknown): number {
    const { recorder, subtask } = this.#settings.context;
    const { timestampMs, key } = this.#entry;
    const kind = KIND['async-answered'];
    const isError = results === undefined ? 1 : 0;
    const requested = this.#requestedRow;
    const row = recorder.add(kind, subtask, requested, key, timestampMs, isError, 0, requested);
    if (recorder.isOn) {
      recorder.setValue(row, results ?? (error instanceof Error ? error.message : error));
    }
    return row;
  }
}

function checkLatency(latencyMs: number): number {
  if (Number.isFinite(latencyMs) && latencyMs >= 0) return latencyMs;
  throw new ConfigError('a latency must be a number ≥ 0', latencyMs, 'use for example 20');
}
