/**
 * Models a producer that puts batches and retries what failed: the advice of the Kinesis developer
 * guide ("PutRecords: handling failures"), as Flink's KinesisStreamsSink 5 does.
 * Simplified: one producer; an answer that is lost makes it send the whole batch again.
 * Invariant: no record is lost; it may be stored more than once, and behind later ones.
 */
import { EventQueue } from '../../core/event-queue.ts';
import { ConfigError } from '../../core/errors.ts';
import type { KinesisStream } from './stream.ts';
import type { PutRecordsEntry } from './stream-records.ts';

/** A batch and when it is first put. */
export interface PutBatch {
  readonly atMs: number;
  readonly entries: readonly PutRecordsEntry[];
  /** The answer to the first try does not arrive: the producer can't know what was stored. */
  readonly isAnswerLost?: boolean;
}

/** One call of PutRecords. */
export interface PutAttempt {
  readonly type: 'records-put';
  readonly atMs: number;
  readonly batch: number;
  readonly attempt: number;
  readonly stored: number;
  readonly failed: number;
}

/**
 * Puts all batches into the stream, each with retries until everything is stored.
 * @throws ConfigError when the retry delay is not positive.
 */
export function putWithRetries(
  stream: KinesisStream,
  batches: readonly PutBatch[],
  options: { readonly retryDelayMs: number; readonly attemptsMax?: number },
): PutAttempt[] {
  const { retryDelayMs, attemptsMax = 100 } = options;
  if (!(retryDelayMs > 0)) {
    throw new ConfigError('retryDelayMs must be positive', retryDelayMs, 'give for example 100');
  }
  const attempts: PutAttempt[] = [];
  const queue = new EventQueue<{
    batch: number;
    attempt: number;
    left: readonly PutRecordsEntry[];
  }>();
  batches.forEach(({ atMs, entries }, batch) => {
    queue.push(atMs, { batch, attempt: 0, left: entries });
  });
  while (queue.size > 0) {
    const atMs = queue.peekTimeMs();
    const { batch, attempt, left } = queue.pop() as {
      batch: number;
      attempt: number;
      left: readonly PutRecordsEntry[];
    };
    const answers = stream.putRecords(left, atMs);
    const failed = left.filter((_, place) => answers[place]?.type === 'failed');
    const stored = left.length - failed.length;
    attempts.push({ type: 'records-put', atMs, batch, attempt, stored, failed: failed.length });
    const isAnswerLost = attempt === 0 && batches[batch]?.isAnswerLost === true;
    const again = isAnswerLost ? left : failed;
    if (again.length > 0 && attempt + 1 < attemptsMax) {
      queue.push(atMs + retryDelayMs, { batch, attempt: attempt + 1, left: again });
    }
  }
  return attempts;
}
