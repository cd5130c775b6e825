import { ConfigError } from '../core/errors.ts';
import type { LogFact } from './log-fact.ts';
import type { PartitionLife } from './partition-life.ts';

/** One entry of a log. */
export interface LogRecord<V = unknown> {
  readonly key?: string | number;
  readonly value: V;
  /** Event time in ms, as the producer wrote it: may be absent, late or in the future. */
  readonly timestampMs?: number;
  /** When the log received it, in ms of processing time. */
  readonly arrivalMs: number;
}

/**
 * A partitioned, append-only log. A record's offset is its place in its partition, from 0, unless
 * the partition has a life of its own.
 */
export interface LogInput<V = unknown> {
  readonly partitions: readonly (readonly LogRecord<V>[])[];
  /**
   * Default true: when all is read the input has ended, and event time ends with it. False: the
   * stream goes on although nothing more comes, so the last windows stay open.
   */
  readonly isBounded?: boolean;
  /** What else happens to each partition: left out, offsets are places and nothing is lost. */
  readonly lives?: readonly PartitionLife[];
  /** What a trace tells of the log itself, in the order of time. */
  readonly facts?: readonly LogFact[];
}

/** @throws ConfigError naming the log, partition and offset that can't be replayed. */
export function checkLog(name: string, log: LogInput): void {
  if (!Array.isArray(log.partitions) || log.partitions.length === 0) {
    throw new ConfigError(
      `log "${name}" must have at least one partition`,
      log.partitions,
      'give `partitions: [[…records]]`',
    );
  }
  if (log.lives !== undefined && log.lives.length !== log.partitions.length) {
    throw new ConfigError(
      `log "${name}" must have a life for each of its ${log.partitions.length} partitions`,
      log.lives.length,
      'leave `lives` out, or take the log from simulateTopic or kinesisLogInput',
    );
  }
  log.partitions.forEach((records, partition) => {
    let previousMs = -Infinity;
    for (let offset = 0; offset < records.length; offset += 1) {
      const record = records[offset] as LogRecord;
      if (!Number.isFinite(record?.arrivalMs)) {
        throw new ConfigError(
          `record ${name}-${partition}@${offset} must have a finite arrivalMs`,
          record?.arrivalMs,
          'say when the log received it, in ms',
        );
      }
      if (record.arrivalMs < previousMs) {
        throw new ConfigError(
          `partition ${name}-${partition} must be ordered by arrivalMs`,
          `${record.arrivalMs} after ${previousMs} at offset ${offset}`,
          'sort each partition by arrival: a log only grows at its end',
        );
      }
      if (record.timestampMs !== undefined && !Number.isFinite(record.timestampMs)) {
        throw new ConfigError(
          `record ${name}-${partition}@${offset} must have a finite timestampMs or none`,
          record.timestampMs,
          'leave the field out when the producer wrote no time',
        );
      }
      previousMs = record.arrivalMs;
    }
  });
}
