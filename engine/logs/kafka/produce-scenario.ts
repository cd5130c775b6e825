import { ConfigError } from '../../core/errors.ts';
import type { ProducerRecord } from './record-batch.ts';
import type {
  Acks,
  LeaderAnswer,
  ReplicaFact,
  ReplicatedPartition,
  ReplicationSettings,
} from './replicated-partition.ts';

/** Something that goes wrong while a producer writes. */
export type ProduceFault =
  | {
      readonly type: 'broker-crash' | 'broker-restart';
      readonly broker: number;
      readonly atMs: number;
    }
  /** A follower asks for nothing in `[fromMs, untilMs)`. */
  | {
      readonly type: 'follower-stall';
      readonly broker: number;
      readonly fromMs: number;
      readonly untilMs: number;
    }
  /**
   * The `attempt`-th try (from 0) of a record, or its answer, is lost on the way: the connection
   * broke, so all that was sent after it is lost too, until a timeout makes a new one. `refused`:
   * the broker answers with an error that can be retried, and what comes behind may be stored.
   */
  | {
      readonly type: 'request-lost' | 'answer-lost' | 'request-refused';
      readonly record: number;
      readonly attempt: number;
    };

/** A producer that writes records to one replicated partition. */
export interface ProduceScenario extends ReplicationSettings {
  readonly acks: Acks;
  /** `enable.idempotence`; needs acks=all and at most 5 in flight. */
  readonly isIdempotent: boolean;
  readonly records: readonly (ProducerRecord & { readonly sendMs: number })[];
  readonly faults?: readonly ProduceFault[];
  /** `max.in.flight.requests.per.connection`; default 5. */
  readonly inFlightMax?: number;
  /** One way on the network; default 1 ms. */
  readonly networkMs?: number;
  /** Between two fetches of a follower; default 10 ms. */
  readonly followerFetchMs?: number;
  /** `request.timeout.ms`; default 30 s. */
  readonly requestTimeoutMs?: number;
  /** `retry.backoff.ms`; default 100 ms. */
  readonly retryBackoffMs?: number;
  /** `delivery.timeout.ms`; default 2 minutes. */
  readonly deliveryTimeoutMs?: number;
}

/** What happened on the way. */
export type ProduceFact =
  | ReplicaFact
  | {
      readonly type: 'request-sent';
      readonly atMs: number;
      readonly record: number;
      readonly attempt: number;
    }
  | {
      readonly type: 'broker-answered';
      readonly atMs: number;
      readonly record: number;
      readonly answer: LeaderAnswer;
    }
  | { readonly type: 'record-acknowledged'; readonly atMs: number; readonly record: number }
  | {
      readonly type: 'record-failed';
      readonly atMs: number;
      readonly record: number;
      readonly error: string;
    };

/** What became of one record. */
export interface RecordFate {
  /** What the producer was told. `failed` is unknown, not "not written". */
  readonly told: 'acknowledged' | 'failed' | 'nothing';
  /** Its offsets in the final leader's log: none, one, or more where it was doubled. */
  readonly offsets: readonly number[];
}

/** The run: what happened, what became of each record, and the log that is left. */
export interface ProduceRun {
  readonly facts: readonly ProduceFact[];
  readonly fates: readonly RecordFate[];
  /** Records told to be safe that no longer exist. */
  readonly lost: readonly number[];
  /** Records stored more than once. */
  readonly doubled: readonly number[];
  /** True when records do not lie in the order in which they were sent. */
  readonly isReordered: boolean;
  readonly partition: ReplicatedPartition;
}

/** What is left out of a scenario: Kafka's defaults, and a fast network. */
export const PRODUCE_DEFAULTS = {
  inFlightMax: 5,
  networkMs: 1,
  followerFetchMs: 10,
  requestTimeoutMs: 30_000,
  retryBackoffMs: 100,
  deliveryTimeoutMs: 120_000,
  faults: [] as readonly ProduceFault[],
};

/** @throws ConfigError for what Kafka's client refuses: idempotence without acks=all, and more. */
export function checkProduceScenario(scenario: ProduceScenario): void {
  const { isIdempotent, acks, inFlightMax = PRODUCE_DEFAULTS.inFlightMax } = scenario;
  if (isIdempotent && acks !== 'all') {
    throw new ConfigError(
      'acks must be all when idempotence is on',
      acks,
      "set acks to 'all', or isIdempotent to false",
    );
  }
  if (!(inFlightMax >= 1) || (isIdempotent && inFlightMax > 5)) {
    throw new ConfigError(
      'inFlightMax must be at least 1, and at most 5 when idempotence is on',
      inFlightMax,
      'a broker remembers the last 5 batches of a producer',
    );
  }
  if (new Set(scenario.records.map((record) => record.value)).size < scenario.records.length) {
    throw new ConfigError(
      'the values of the records must differ',
      scenario.records.map((record) => record.value),
      'number them, so that each can be found again in the log',
    );
  }
  if (scenario.followerFetchMs !== undefined && !(scenario.followerFetchMs > 0)) {
    throw new ConfigError('followerFetchMs must be positive', scenario.followerFetchMs, 'give ms');
  }
}
