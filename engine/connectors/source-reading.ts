import type { ShardReading } from '../logs/kinesis/shard-fetcher.ts';
import type { ResetPolicy, StartPosition } from '../logs/read-position.ts';

/** How a source reads a log: where it begins, and how it learns what has changed. */
export interface SourceReading {
  readonly start: StartPosition;
  /** Where to go on when the wanted offset is not there. */
  readonly reset: ResetPolicy;
  /** Which subtask reads a partition: in turn, in turn from a place by name, by its hash keys. */
  readonly dealing: 'in-turn' | 'by-name' | 'uniform';
  /** After how long a source that starts looks for partitions, and how often from then on. */
  readonly firstDiscoveryMs: number;
  readonly discoveryMs: number;
  /** Whether complete checkpoints commit offsets to the log's group. */
  readonly commits: boolean;
  /** Undefined: a record is there as soon as the log shows it. */
  readonly fetching: ShardReading | undefined;
}

/** From the beginning, as if the log gave everything at once. */
export const DEFAULT_READING: SourceReading = {
  start: 'earliest',
  reset: 'earliest',
  dealing: 'in-turn',
  firstDiscoveryMs: 0,
  discoveryMs: Infinity,
  commits: false,
  fetching: undefined,
};
