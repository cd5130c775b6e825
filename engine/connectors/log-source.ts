import { ConfigError } from '../core/errors.ts';
import type { ResetPolicy, StartPosition } from '../logs/read-position.ts';
import type { SourceReading } from './source-reading.ts';
import { DEFAULT_READING } from './source-reading.ts';

/** A source that reads a named log of the scenario. */
export interface LogSource<T> {
  readonly type: 'log-source';
  readonly log: string;
  readonly reading: SourceReading;
  readonly recordType?: T;
}

/**
 * From the first offset of each partition.
 * @throws ConfigError when the name is empty; an unknown name is found when the job is built.
 */
export function logSource<T>(log: string): LogSource<T> {
  return sourceOf(log, DEFAULT_READING);
}

/** Settings of Flink's KafkaSource, by their names where they are properties. */
export interface KafkaSourceSettings {
  readonly topic: string;
  /** `setStartingOffsets`; Flink's default is `earliest`. A restored job goes on from its state. */
  readonly startingOffsets?: StartPosition;
  /**
   * `auto.offset.reset` for an offset that is out of range, and for `committed` without an offset.
   * Default, as the initializers choose: earliest, latest or, for committed offsets, none.
   */
  readonly offsetReset?: ResetPolicy;
  /** Offsets are committed to it, for others to see. Without a group nothing is committed. */
  readonly 'group.id'?: string;
  /** Default true. */
  readonly 'commit.offsets.on.checkpoint'?: boolean;
  /** Default 5 minutes; 0 or less: new partitions are never found. */
  readonly 'partition.discovery.interval.ms'?: number;
}

const FIVE_MINUTES_MS = 300_000;

/**
 * Reads a topic of the scenario as Flink's KafkaSource does (flink-connector-kafka 4.1). The
 * isolation level is that of the log: `run.toLogInput({ isolation: 'read_committed' })`.
 * @throws ConfigError when offsets of a group are asked for without a group.
 */
export function kafkaSource<T>(settings: KafkaSourceSettings): LogSource<T> {
  const { topic, startingOffsets = 'earliest' } = settings;
  const groupId = settings['group.id'];
  const discoveryMs = settings['partition.discovery.interval.ms'] ?? FIVE_MINUTES_MS;
  const isCommitted = typeof startingOffsets === 'object' && 'committed' in startingOffsets;
  if (isCommitted && groupId === undefined) {
    throw new ConfigError(
      'property group.id is required when starting from committed offsets',
      groupId,
      "give for example 'group.id': 'flights-job'",
    );
  }
  return sourceOf(topic, {
    start: startingOffsets,
    reset: settings.offsetReset ?? resetOf(startingOffsets),
    dealing: 'by-name',
    firstDiscoveryMs: 0,
    discoveryMs: discoveryMs > 0 ? discoveryMs : Infinity,
    commits: groupId !== undefined && (settings['commit.offsets.on.checkpoint'] ?? true),
    fetching: undefined,
  });
}

/** Settings of Flink's KinesisStreamsSource. */
export interface KinesisSourceSettings {
  readonly stream: string;
  /** `source.init.position`; default LATEST. */
  readonly initialPosition?: 'LATEST' | 'TRIM_HORIZON' | { readonly timestampMs: number };
  /** `source.shard.discovery.interval`; default 10 s. */
  readonly shardDiscoveryIntervalMs?: number;
  /** `source.reader.empty-records-fetch-interval`; default 250 ms. */
  readonly emptyFetchIntervalMs?: number;
  /** `source.reader.type`; default POLLING. EFO: enhanced fan-out, a pipe of its own. */
  readonly readerType?: 'POLLING' | 'EFO';
  /** Other applications that poll every shard as often as this one: they share its limits. */
  readonly otherPollingReaders?: number;
}

/**
 * Reads a stream of the scenario as Flink's KinesisStreamsSource does (flink-connector-aws 6.0):
 * it polls (or is pushed to), a child shard comes after its parents, and an expired position begins
 * at the oldest record without a word.
 * @throws ConfigError when an interval is not positive.
 */
export function kinesisSource<T>(settings: KinesisSourceSettings): LogSource<T> {
  const { stream, initialPosition = 'LATEST', shardDiscoveryIntervalMs = 10_000 } = settings;
  const { emptyFetchIntervalMs = 250, otherPollingReaders = 0, readerType } = settings;
  for (const [name, ms] of Object.entries({ shardDiscoveryIntervalMs, emptyFetchIntervalMs })) {
    if (!(ms > 0)) throw new ConfigError(`${name} must be positive`, ms, 'see the default');
  }
  if (!(Number.isInteger(otherPollingReaders) && otherPollingReaders >= 0)) {
    throw new ConfigError('otherPollingReaders must be a count', otherPollingReaders, 'give 0');
  }
  const words = { LATEST: 'latest', TRIM_HORIZON: 'earliest' } as const;
  const start =
    typeof initialPosition === 'string'
      ? words[initialPosition]
      : { arrivalMs: initialPosition.timestampMs };
  return sourceOf(stream, {
    start,
    reset: 'earliest',
    dealing: 'uniform',
    firstDiscoveryMs: shardDiscoveryIntervalMs,
    discoveryMs: shardDiscoveryIntervalMs,
    commits: false,
    fetching:
      readerType === 'EFO'
        ? { type: 'fan-out' }
        : { type: 'polling', emptyFetchIntervalMs, otherPollingReaders },
  });
}

function sourceOf<T>(log: string, reading: SourceReading): LogSource<T> {
  if (typeof log !== 'string' || log === '') {
    throw new ConfigError('a source must name a log', log, "use for example logSource('flights')");
  }
  return { type: 'log-source', log, reading };
}

function resetOf(start: StartPosition): ResetPolicy {
  if (typeof start === 'string') return start;
  return 'committed' in start ? 'none' : 'latest';
}
