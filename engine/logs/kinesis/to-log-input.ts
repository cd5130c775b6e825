/**
 * Models the hand-over of a stream to a runtime: one partition of the log a shard.
 * Simplified: a runtime reads all shards at once by arrival time. A child's records arrive after
 * its parents closed, so a reader that keeps up meets parents first; one that lags may not, where
 * Flink's source and the Kinesis client would wait.
 * Invariant: every retained record appears once, in the order of its shard.
 */
import type { LogInput, LogRecord } from '../log.ts';
import type { KinesisStream } from './stream.ts';
import type { KinesisRecord } from './stream-records.ts';

/** Which retained records to hand over, and which time each carries. */
export interface KinesisLogOptions {
  /** When the reader begins: older records than the retention are gone. */
  readonly nowMs?: number;
  readonly isBounded?: boolean;
  /**
   * Kinesis stamps a record as it arrives, and that is what a source gives as its time: the
   * default. `value`: the producer's time, as an assigner in the job would read it.
   */
  readonly timestamps?: 'arrival' | 'value';
}

/** The stream as a runtime reads it. */
export function kinesisLogInput<V = unknown>(
  stream: KinesisStream,
  options: KinesisLogOptions = {},
): LogInput<V> {
  const horizonMs = (options.nowMs ?? -Infinity) - stream.retentionMs;
  const isStamped = (options.timestamps ?? 'arrival') === 'arrival';
  const partitions = stream.shards.map((shard) =>
    shard.records
      .filter((record) => record.arrivalMs >= horizonMs)
      .map((record) => toLogRecord<V>(record, isStamped)),
  );
  const { isBounded } = options;
  return { partitions, ...(isBounded === undefined ? {} : { isBounded }) };
}

function toLogRecord<V>(record: KinesisRecord, isStamped: boolean): LogRecord<V> {
  const { partitionKey, value, arrivalMs } = record;
  const timestampMs = isStamped ? arrivalMs : record.timestampMs;
  const stamped = timestampMs === undefined ? {} : { timestampMs };
  return { key: partitionKey, value: value as V, ...stamped, arrivalMs };
}
