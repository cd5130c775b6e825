import { ConfigError } from '../core/errors.ts';
import type { AsyncFunction, AsyncRetryStrategy } from '../operators/async-functions.ts';
import { AsyncWaitOperator } from '../operators/async-wait-operator.ts';
import type { DataStream, SingleOutputStreamOperator } from './data-stream.ts';
import { copyFunction } from './function-copy.ts';

const CAPACITY_DEFAULT = 100;

/**
 * Adds calls to an external service to a stream. Models Flink 2.3 AsyncDataStream; times are ms.
 * `timeoutMs` covers one record's call with all its attempts; 0 or less means none (not allowed
 * with retries). `capacity` is how many records may be under way in each subtask. Default 100.
 */
export const AsyncDataStream = {
  /** Results leave as they come, but never pass a watermark. */
  unorderedWait<I, O>(
    stream: DataStream<I>,
    userFunction: AsyncFunction<I, O>,
    timeoutMs: number,
    capacity = CAPACITY_DEFAULT,
  ): SingleOutputStreamOperator<O> {
    return addOperator(stream, userFunction, { timeoutMs, capacity, isOrdered: false });
  },

  /** Results leave in the order of their records. */
  orderedWait<I, O>(
    stream: DataStream<I>,
    userFunction: AsyncFunction<I, O>,
    timeoutMs: number,
    capacity = CAPACITY_DEFAULT,
  ): SingleOutputStreamOperator<O> {
    return addOperator(stream, userFunction, { timeoutMs, capacity, isOrdered: true });
  },

  /** As unorderedWait; what the strategy says is asked for again. */
  unorderedWaitWithRetry<I, O>(
    stream: DataStream<I>,
    userFunction: AsyncFunction<I, O>,
    timeoutMs: number,
    retry: AsyncRetryStrategy<O>,
    capacity = CAPACITY_DEFAULT,
  ): SingleOutputStreamOperator<O> {
    return addOperator(stream, userFunction, { timeoutMs, capacity, isOrdered: false }, retry);
  },

  /** As orderedWait; what the strategy says is asked for again. */
  orderedWaitWithRetry<I, O>(
    stream: DataStream<I>,
    userFunction: AsyncFunction<I, O>,
    timeoutMs: number,
    retry: AsyncRetryStrategy<O>,
    capacity = CAPACITY_DEFAULT,
  ): SingleOutputStreamOperator<O> {
    return addOperator(stream, userFunction, { timeoutMs, capacity, isOrdered: true }, retry);
  },
} as const;

interface WaitSettings {
  readonly timeoutMs: number;
  readonly capacity: number;
  readonly isOrdered: boolean;
}

function addOperator<I, O>(
  stream: DataStream<I>,
  userFunction: AsyncFunction<I, O>,
  settings: WaitSettings,
  retry?: AsyncRetryStrategy<O>,
): SingleOutputStreamOperator<O> {
  const { timeoutMs, capacity } = settings;
  if (!Number.isInteger(capacity) || capacity < 1) {
    throw new ConfigError(
      'the number of concurrent async operations should be greater than 0',
      capacity,
      'use for example 100',
    );
  }
  if (retry !== undefined && !(timeoutMs > 0)) {
    throw new ConfigError(
      'a timeout should be configured for async calls with retry',
      timeoutMs,
      'use for example seconds(10): it covers all attempts of a call',
    );
  }
  const original = userFunction as AsyncFunction<unknown, unknown>;
  const strategy = retry as AsyncRetryStrategy<unknown> | undefined;
  return stream.transform<O>('async wait operator', (context) => {
    const copy = strategy === undefined ? undefined : copyFunction(strategy);
    return new AsyncWaitOperator(context, copyFunction(original), { ...settings, retry: copy });
  });
}
