/**
 * The formulas behind a capacity estimate, one each, in the units their names end in. Working
 * figures such as "10 MB/s for a partition" are arguments: measure your own.
 */

/** Partitions for bytes and records, with room to grow. At least 1. */
export function partitionsNeeded(input: {
  readonly bytesPerSecond: number;
  readonly bytesPerSecondPerPartition: number;
  readonly recordsPerSecond: number;
  readonly recordsPerSecondPerConsumer: number;
  readonly growthFactor: number;
}): number {
  const forBytes = input.bytesPerSecond / input.bytesPerSecondPerPartition;
  const forRecords = input.recordsPerSecond / input.recordsPerSecondPerConsumer;
  return Math.max(1, Math.ceil(Math.max(forBytes, forRecords) * input.growthFactor));
}

/** Salts that keep one subtask's part of a hot key under `utilizationMax` of what it can do. */
export function saltsNeeded(
  hotRecordsPerSecond: number,
  recordsPerSecondPerSubtask: number,
  utilizationMax: number,
): number {
  const perSubtask = recordsPerSecondPerSubtask * utilizationMax;
  return Math.max(1, Math.ceil(hotRecordsPerSecond / perSubtask));
}

/** Records to work off after a restart: those since the checkpoint, and those of the downtime. */
export function backlogAfterCrash(
  recordsPerSecond: number,
  downtimeSeconds: number,
  checkpointAgeSeconds: number,
): number {
  return recordsPerSecond * (downtimeSeconds + checkpointAgeSeconds);
}

/** Seconds to work off a backlog while records keep coming; Infinity without spare capacity. */
export function catchUpSeconds(
  backlogRecords: number,
  capacityPerSecond: number,
  recordsPerSecond: number,
): number {
  const spare = capacityPerSecond - recordsPerSecond;
  if (backlogRecords <= 0) return 0;
  return spare > 0 ? backlogRecords / spare : Infinity;
}

/** Bytes of window state: every key has one row in every window that is still open. */
export function windowStateBytes(input: {
  readonly keyCount: number;
  readonly windowSeconds: number;
  readonly watermarkDelaySeconds: number;
  readonly bytesPerRow: number;
}): number {
  const open = Math.ceil((input.windowSeconds + input.watermarkDelaySeconds) / input.windowSeconds);
  return input.keyCount * open * input.bytesPerRow;
}
