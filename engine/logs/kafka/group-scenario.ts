import { ConfigError } from '../../core/errors.ts';
import { checkLog } from '../log.ts';
import type { LogInput } from '../log.ts';
import type { ResetPolicy } from '../read-position.ts';

/** `partition.assignment.strategy`. The first three revoke everything, the last only what moves. */
export type Assignor = 'range' | 'roundrobin' | 'sticky' | 'cooperative-sticky';

/** When a consumer says how far it is. Auto-commit (every 5 s) is Kafka's default. */
export type CommitMode =
  | { readonly type: 'before-processing' }
  | { readonly type: 'after-processing' }
  | { readonly type: 'auto'; readonly intervalMs: number }
  /**
   * Each record gives one in the topic `output`; what a poll returned, and the offset behind it,
   * is committed as one transaction. `timeoutMs`: `transaction.timeout.ms`, default 1 minute.
   */
  | { readonly type: 'transactional'; readonly output: string; readonly timeoutMs?: number };

/** A record of a partition: `flights-3` and its offset. */
export interface RecordPlace {
  readonly partition: string;
  readonly offset: number;
}

/** One consumer process over the run. */
export interface ConsumerPlan {
  readonly memberId: string;
  /** `group.instance.id`: may be away for the session timeout without a rebalance. */
  readonly groupInstanceId?: string;
  readonly topics: readonly string[];
  readonly joinMs: number;
  /** Closes properly: commits (in auto mode) and says goodbye. A static member does not. */
  readonly leaveMs?: number;
  /** Dies without a word. */
  readonly crashMs?: number;
  /** Dies at its n-th arrow, from 1: between two of its own steps, whenever that is. */
  readonly crashAtArrow?: number;
  /** How long after that it starts again; left out: never. */
  readonly restartAfterMs?: number;
  /** `transactional.id`; default: its member id. */
  readonly transactionalId?: string;
  /** Starts again, with nothing but the group's committed offsets. */
  readonly restartMs?: number;
  /** How long one record takes. */
  readonly processMs: number;
  /** One record that takes longer: the offset and how long. */
  readonly slowRecord?: {
    readonly partition: string;
    readonly offset: number;
    readonly ms: number;
  };
}

/** A consumer group that reads logs until a moment. */
export interface GroupScenario {
  /** Topics by name. */
  readonly topics: { readonly [topic: string]: LogInput };
  readonly consumers: readonly ConsumerPlan[];
  /** Of the classic protocol. Under the newer one the brokers assign, uniformly. */
  readonly assignor: Assignor;
  /** `group.protocol`; default `classic`, as in Kafka 4.1. */
  readonly protocol?: 'classic' | 'consumer';
  readonly commit: CommitMode;
  readonly untilMs: number;
  /**
   * `auto.offset.reset` without a committed offset, or when it is out of range. Kafka's default is
   * latest. `none`: the consumer fails.
   */
  readonly offsetReset: ResetPolicy;
  /** `max.poll.records`; default 500. */
  readonly maxPollRecords?: number;
  /** `session.timeout.ms`; default 45 s. */
  readonly sessionTimeoutMs?: number;
  /** `heartbeat.interval.ms`; default 3 s. */
  readonly heartbeatIntervalMs?: number;
  /** `max.poll.interval.ms`, also how long a rebalance waits for members; default 5 minutes. */
  readonly maxPollIntervalMs?: number;
  /** `group.initial.rebalance.delay.ms` of the brokers; default 3 s. */
  readonly initialRebalanceDelayMs?: number;
}

/** The scenario with Kafka's defaults in the place of what is left out. */
export type GroupSettings = Required<GroupScenario>;

/** What happened in the group. Partitions are written as `flights-3`. */
export type GroupFact =
  | { readonly type: 'member-joined'; readonly atMs: number; readonly memberId: string }
  | {
      readonly type: 'rebalance-started';
      readonly atMs: number;
      readonly reason: 'member-joined' | 'member-left' | 'member-expired' | 'partitions-revoked';
    }
  | {
      readonly type: 'generation-started';
      readonly atMs: number;
      readonly generation: number;
      readonly members: readonly string[];
    }
  | {
      readonly type: 'partitions-assigned' | 'partitions-revoked' | 'partitions-lost';
      readonly atMs: number;
      readonly memberId: string;
      readonly partitions: readonly string[];
    }
  | {
      readonly type: 'record-processed';
      readonly atMs: number;
      readonly memberId: string;
      readonly partition: string;
      readonly offset: number;
    }
  | {
      readonly type: 'offset-committed';
      readonly atMs: number;
      readonly memberId: string;
      readonly partition: string;
      /** The next offset to read. */
      readonly offset: number;
    }
  | {
      readonly type: 'commit-failed';
      readonly atMs: number;
      readonly memberId: string;
      readonly error: CommitError;
    }
  | {
      readonly type: 'records-returned';
      readonly atMs: number;
      readonly memberId: string;
      readonly partition: string;
      /** Its position before and after; what lies between and is not returned is hidden or gone. */
      readonly fromOffset: number;
      readonly toOffset: number;
      readonly count: number;
    }
  | {
      readonly type: 'position-reset';
      readonly atMs: number;
      readonly memberId: string;
      readonly partition: string;
      readonly fromOffset: number;
      readonly toOffset: number;
      /** Records that it will never see. */
      readonly missed: number;
    }
  | {
      readonly type: 'output-sent';
      readonly atMs: number;
      readonly memberId: string;
      /** Offset in the output topic, and the record that it was made of. */
      readonly offset: number;
      readonly producerId: number;
      readonly of: RecordPlace;
    }
  | {
      readonly type: 'output-ended';
      readonly atMs: number;
      readonly transactionalId: string;
      readonly producerId: number;
      readonly marker: 'commit' | 'abort';
      readonly cause: 'producer' | 'new-session' | 'timeout';
      /** Offset of the marker. */
      readonly offset: number;
    }
  | {
      readonly type: 'member-left' | 'member-expired';
      readonly atMs: number;
      readonly memberId: string;
    }
  | {
      readonly type: 'consumer-failed';
      readonly atMs: number;
      readonly memberId: string;
      /** What its poll threw. */
      readonly error: 'NoOffsetForPartitionException' | 'OffsetOutOfRangeException';
    }
  | {
      readonly type: 'consumer-crashed' | 'static-member-returned';
      readonly atMs: number;
      readonly memberId: string;
    };

/** Why the coordinator refuses a commit, in the names of Kafka's protocol. */
export type CommitError =
  'UNKNOWN_MEMBER_ID' | 'ILLEGAL_GENERATION' | 'REBALANCE_IN_PROGRESS' | 'STALE_MEMBER_EPOCH';

const DEFAULTS = {
  protocol: 'classic' as const,
  maxPollRecords: 500,
  sessionTimeoutMs: 45_000,
  heartbeatIntervalMs: 3_000,
  maxPollIntervalMs: 300_000,
  initialRebalanceDelayMs: 3_000,
};

/** @throws ConfigError naming what can't be run as it is written. */
export function groupSettings(scenario: GroupScenario): GroupSettings {
  const settings = { ...DEFAULTS, ...scenario };
  for (const name of ['maxPollRecords', 'sessionTimeoutMs', 'heartbeatIntervalMs'] as const) {
    if (!(settings[name] > 0)) {
      throw new ConfigError(
        `${name} must be positive`,
        settings[name],
        `Kafka has ${DEFAULTS[name]}`,
      );
    }
  }
  if (settings.heartbeatIntervalMs >= settings.sessionTimeoutMs) {
    throw new ConfigError(
      'heartbeatIntervalMs must be below sessionTimeoutMs',
      `${settings.heartbeatIntervalMs} and ${settings.sessionTimeoutMs}`,
      'a third of it is usual',
    );
  }
  if (!Number.isFinite(settings.untilMs)) {
    throw new ConfigError(
      'untilMs must be finite',
      settings.untilMs,
      'a group never ends by itself',
    );
  }
  if (settings.commit.type === 'auto' && !(settings.commit.intervalMs > 0)) {
    throw new ConfigError(
      'auto.commit.interval.ms must be positive',
      settings.commit.intervalMs,
      'Kafka has 5000',
    );
  }
  for (const [topic, log] of Object.entries(scenario.topics)) checkLog(topic, log);
  checkConsumers(scenario);
  return settings;
}

function checkConsumers({ consumers, topics, protocol }: GroupScenario): void {
  const ids = new Set<string>();
  for (const consumer of consumers) {
    const { memberId, joinMs, leaveMs, crashMs, restartMs, processMs } = consumer;
    if (ids.has(memberId)) throw new ConfigError('member ids must differ', memberId, 'rename one');
    ids.add(memberId);
    if (protocol === 'consumer' && consumer.groupInstanceId !== undefined) {
      throw new ConfigError(
        `${memberId} must be a dynamic member: static ones are modelled for the classic protocol`,
        consumer.groupInstanceId,
        "leave groupInstanceId out, or set protocol to 'classic'",
      );
    }
    for (const topic of consumer.topics) {
      if (topics[topic] === undefined) {
        throw new ConfigError(
          `${memberId} must read a topic that exists`,
          topic,
          `there are: ${Object.keys(topics).join(', ')}`,
        );
      }
    }
    if (!(processMs > 0)) {
      throw new ConfigError(`processMs of ${memberId} must be positive`, processMs, 'give ms');
    }
    const endMs = crashMs ?? leaveMs;
    const isOrdered = (endMs ?? Infinity) > joinMs && (restartMs ?? Infinity) > (endMs ?? joinMs);
    if (!isOrdered || (crashMs !== undefined && leaveMs !== undefined)) {
      throw new ConfigError(
        `${memberId} must join, then leave or crash, then restart`,
        `join ${joinMs}, leave ${leaveMs}, crash ${crashMs}, restart ${restartMs}`,
        'put the times in this order, and give one of leaveMs and crashMs',
      );
    }
  }
}
