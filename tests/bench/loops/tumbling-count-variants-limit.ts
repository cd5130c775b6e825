/**
 * W7 and W11 as fast as we know how: W2's limit with a copy of its memory every so many records,
 * and with a watermark that is the smallest of several partitions'.
 */
import type { WorkloadColumns } from '../workload-data.ts';
import { CountRing } from './count-ring.ts';
import type { CountRingCopy } from './count-ring.ts';
import type { CheckpointOptions } from './tumbling-count-checkpoints.ts';
import { allocateOutput } from './tumbling-count-limit.ts';
import type { OutputColumns } from './tumbling-count-limit.ts';
import type { PartitionedOptions } from './tumbling-count-partitions.ts';

export interface CheckpointedColumns {
  readonly rowCount: number;
  readonly checkpoint: CountRingCopy | undefined;
}

/** W7's limit. */
export function tumblingCountCheckpointsLimit(
  { keyCount, timestampMs, key: keys, value: values }: WorkloadColumns,
  { windowMs, delayMs, checkpointRecords }: CheckpointOptions,
  out: OutputColumns = allocateOutput(timestampMs.length),
): CheckpointedColumns {
  const slotCount = Math.ceil(delayMs / windowMs) + 2;
  const ring = new CountRing({ keyCount, slotCount, windowMs }, out);
  let checkpoint: CountRingCopy | undefined;
  let nextCheckpoint = checkpointRecords;
  let firstOpen = 0;
  let lastUsed = -1;
  let nextFireAt = windowMs + delayMs;
  for (let i = 0; i < timestampMs.length; i++) {
    if (i === nextCheckpoint) {
      checkpoint = ring.copy();
      nextCheckpoint += checkpointRecords;
    }
    const timestamp = timestampMs[i];
    const index = (timestamp / windowMs) | 0;
    if (index < firstOpen) continue;
    while (timestamp >= nextFireAt) {
      ring.fire(firstOpen++);
      nextFireAt += windowMs;
    }
    if (index > lastUsed) lastUsed = index;
    ring.add(index, keys[i], values[i]);
  }
  while (firstOpen <= lastUsed) ring.fire(firstOpen++);
  return { rowCount: ring.rowCount, checkpoint };
}

/** W11's limit. Record `i` is of partition `i % partitionCount`. */
export function tumblingCountPartitionsLimit(
  { keyCount, timestampMs, key: keys, value: values }: WorkloadColumns,
  { windowMs, delayMs, partitionCount }: PartitionedOptions,
  out: OutputColumns = allocateOutput(timestampMs.length),
): { readonly rowCount: number } {
  // A partition may be ahead of the others by its disorder: leave room for it.
  const slotCount = Math.ceil(delayMs / windowMs) * 2 + 8;
  const ring = new CountRing({ keyCount, slotCount, windowMs }, out);
  const largest = new Int32Array(partitionCount).fill(-1);
  let firstOpen = 0;
  let lastUsed = -1;
  let nextFireAt = windowMs + delayMs;
  let partition = 0;
  for (let i = 0; i < timestampMs.length; i++) {
    const timestamp = timestampMs[i];
    const index = (timestamp / windowMs) | 0;
    if (index >= firstOpen) {
      if (index - firstOpen >= slotCount) throw new RangeError('a partition is too far ahead');
      if (index > lastUsed) lastUsed = index;
      ring.add(index, keys[i], values[i]);
    }
    if (timestamp > largest[partition]) {
      largest[partition] = timestamp;
      if (timestamp >= nextFireAt) {
        const smallest = smallestOf(largest);
        for (; smallest >= nextFireAt; nextFireAt += windowMs) ring.fire(firstOpen++);
      }
    }
    if (++partition === partitionCount) partition = 0;
  }
  while (firstOpen <= lastUsed) ring.fire(firstOpen++);
  return { rowCount: ring.rowCount };
}

function smallestOf(values: Int32Array): number {
  let smallest = values[0];
  for (let i = 1; i < values.length; i++) {
    if (values[i] < smallest) smallest = values[i];
  }
  return smallest;
}
