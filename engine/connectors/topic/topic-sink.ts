import type { Json } from '../../core/clone.ts';
import { hours, minutes } from '../../core/durations.ts';
import { ConfigError } from '../../core/errors.ts';
import { checkDelivery } from '../delivery-guarantee.ts';
import type { DeliveryGuarantee } from '../delivery-guarantee.ts';
import { checkName } from '../external-store.ts';
import { SinkWriter } from '../sink-writer.ts';
import type { Sink } from '../sinks.ts';
import { TwoPhaseCommitWriter } from '../two-phase-commit-writer.ts';
import { TopicStore } from './topic-store.ts';

/** What a topic sink needs to know. */
export interface TopicSinkOptions<T> {
  readonly name: string;
  readonly partitions: number;
  /** Decides the partition, as Kafka's default partitioner does. Without: round and round. */
  readonly key?: (row: T) => Json;
  /** Default `at-least-once`; Flink's KafkaSink has that or `none`. */
  readonly delivery?: DeliveryGuarantee;
  /** Of a transaction, in ms. Flink's KafkaSink asks for an hour unless told otherwise. */
  readonly transactionTimeoutMs?: number;
}

/** `transaction.max.timeout.ms` of a broker: what it grants at most, by default. */
const BROKER_TIMEOUT_MS_MAX = minutes(15);

/**
 * A Kafka topic: plain, or in transactions that are committed with the checkpoints.
 * @throws ConfigError for a topic that Kafka would not make, or a timeout that it would not grant.
 */
export function topicSink<T>(options: TopicSinkOptions<T>): Sink<T> {
  const { partitions, key } = options;
  const name = checkName(options.name);
  const delivery = checkDelivery(options.delivery ?? 'at-least-once');
  if (!Number.isInteger(partitions) || partitions < 1) {
    throw new ConfigError('a topic must have a partition', partitions, 'give partitions: 1');
  }
  const timeoutMs = checkTimeout(delivery, options.transactionTimeoutMs ?? hours(1));
  return {
    kind: 'topic',
    name,
    key,
    connect: () => {
      const store = new TopicStore(name, partitions, timeoutMs);
      const keyed = { key: key as ((row: unknown) => Json) | undefined };
      return {
        store,
        createWriter: (context, index) =>
          delivery === 'exactly-once'
            ? new TwoPhaseCommitWriter(context, keyed, store, index)
            : new SinkWriter(context, keyed, store, index),
      };
    },
  };
}

function checkTimeout(delivery: DeliveryGuarantee, timeoutMs: number): number {
  if (delivery === 'at-least-once') return timeoutMs;
  if (timeoutMs > 0 && timeoutMs <= BROKER_TIMEOUT_MS_MAX) return timeoutMs;
  throw new ConfigError(
    'The transaction timeout is larger than the maximum value allowed by the broker ' +
      '(transaction.max.timeout.ms, 15 min)',
    `${timeoutMs} ms`,
    'give for example transactionTimeoutMs: minutes(15): longer than any restart may take',
  );
}
