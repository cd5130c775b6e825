/**
 * Models what one machine slot, the checkpoint store and the failure detector can do, as far as a
 * day of flows needs it. Simplified: every slot is alike, and the values marked *assumed* are what
 * a candidate would state in an interview and measure in the first week.
 * Invariant: none of these values depends on the design being judged.
 *
 * Sources. Flink 2.x configuration: heartbeat.timeout 50 s; pipeline.auto-watermark-interval
 * 200 ms; with checkpointing off a failed job is not restarted (task failure recovery). Network
 * buffers: 2 per channel and 8 floating per gate, of 32 KiB (Flink 2.3.0,
 * NettyShuffleEnvironmentConfiguration: no longer options in 2.x).
 */
import { ConfigError } from '../core/errors.ts';

/** What the simulated machines can do. All times in s, all sizes in bytes. */
export interface CapacityCluster {
  /** Records one subtask or core handles per second, end to end. *Assumed*. */
  readonly recordsPerSecondPerSubtask: number;
  /** Share of a slot that merging salted partial results costs, 0 ≤ share < 1. *Assumed*. */
  readonly mergeShare: number;
  /** How often salted partial results are flushed to the merging stage. *Assumed*. */
  readonly mergeFlushSeconds: number;
  /** Planning, offset log, state commit and commit log of one micro-batch. *Assumed*. */
  readonly batchOverheadSeconds: number;
  /** The part of a checkpoint that does not depend on its size. *Assumed*. */
  readonly checkpointBaseSeconds: number;
  /** Bytes of state that one subtask uploads or restores per second. *Assumed*. */
  readonly snapshotBytesPerSecondPerSubtask: number;
  /** From the death of a machine to the coordinator's reaction, by engine. */
  readonly detectSeconds: { readonly continuous: number; readonly 'micro-batch': number };
  /** From the reaction to running tasks, without restoring state. *Assumed*. */
  readonly restartSeconds: number;
  /** How long a human needs to restart a job that does not restart by itself. *Assumed*. */
  readonly pagerSeconds: number;
  readonly dollarsPerSlotHour: number;
  readonly dollarsPerLogGigabyteDay: number;
  /** Copies of each log byte, and for how long they are kept. */
  readonly logReplicas: number;
  readonly logRetentionDays: number;
}

/** How far Flink's periodic watermarks trail the records, in s. */
export const WATERMARK_EMIT_SECONDS = 0.2;

/** Bytes in flight before one subtask that reads from `channelCount` others. */
export function bufferedBytesMax(channelCount: number): number {
  return (2 * channelCount + 8) * 32 * 1024;
}

/** Throws a `ConfigError` unless every value is finite and not negative. */
export function checkCluster(cluster: CapacityCluster): void {
  const { detectSeconds, ...scalars } = cluster;
  const named = Object.entries({
    ...scalars,
    'detectSeconds.continuous': detectSeconds.continuous,
    'detectSeconds.micro-batch': detectSeconds['micro-batch'],
  });
  for (const [name, value] of named) {
    if (Number.isFinite(value) && value >= 0) continue;
    throw new ConfigError(`cluster "${name}" must be a number ≥ 0`, value, 'correct it');
  }
  if (cluster.recordsPerSecondPerSubtask === 0) {
    throw new ConfigError('a subtask must handle some records per second', 0, 'use 1 or more');
  }
  if (cluster.snapshotBytesPerSecondPerSubtask === 0) {
    throw new ConfigError('a subtask must upload some bytes per second', 0, 'use 1 or more');
  }
  if (cluster.mergeShare >= 1) {
    throw new ConfigError(
      'merging must cost less than all of a slot',
      cluster.mergeShare,
      'use < 1',
    );
  }
}
