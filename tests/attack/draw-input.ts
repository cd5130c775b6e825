import type { Random } from '#engine';
import type { PlannedRecord } from './plan.ts';

/** What kind of input is drawn. */
export interface InputShape {
  /** The first record arrives about then. */
  readonly startMs: number;
  /** Event time runs ahead of the arrivals by this. */
  readonly eventOffsetMs: number;
  readonly partitionCount: number;
  readonly recordCount: number;
  readonly keyCount: number;
  /** Between two arrivals, most of the time. */
  readonly gapMs: number;
  /** How far event times lie behind, at most. */
  readonly disorderMs: number;
  /** Event times are multiples of this: the larger, the more are equal. */
  readonly roundMs: number;
}

/** Records dealt over partitions; one of them may stay silent for long, or for good. */
export function drawPartitions(random: Random, shape: InputShape): PlannedRecord[][] {
  const partitions: PlannedRecord[][] = Array.from({ length: shape.partitionCount }, () => []);
  const silent = random.chance(0.2) ? random.below(shape.partitionCount) : -1;
  const skew = random.chance(0.3) ? 0.7 : 0;
  let arrivalMs = shape.startMs;
  for (let count = 0; count < shape.recordCount; count += 1) {
    arrivalMs += drawGap(random, shape.gapMs);
    let place = random.chance(skew) ? 0 : random.below(shape.partitionCount);
    if (place === silent && random.chance(0.9)) place = (place + 1) % shape.partitionCount;
    const partition = partitions[place] as PlannedRecord[];
    const key = `k${random.below(shape.keyCount)}`;
    const atMs = drawEventTime(random, shape, arrivalMs);
    partition.push({ id: `${place}.${partition.length}`, key, atMs, arrivalMs });
  }
  return partitions;
}

/** The second input: one partition, whose ids begin with 9. */
export function drawOther(random: Random, shape: InputShape): PlannedRecord[] {
  return drawPartition(random, shape, random.between(1, 12)).map((record, offset) => ({
    ...record,
    id: `9.${offset}`,
  }));
}

/** The input of the second pipeline. */
export function drawTwin(random: Random, shape: InputShape): PlannedRecord[] {
  return drawPartition(random, shape, random.between(1, 8));
}

function drawPartition(random: Random, shape: InputShape, recordCount: number): PlannedRecord[] {
  return drawPartitions(random, { ...shape, partitionCount: 1, recordCount }).flat();
}

function drawGap(random: Random, gapMs: number): number {
  if (random.chance(0.3)) return 0;
  if (random.chance(0.05)) return gapMs * 10;
  return random.between(0, gapMs);
}

function drawEventTime(random: Random, shape: InputShape, arrivalMs: number): number {
  const behindMs = random.chance(0.6) ? 0 : random.between(0, shape.disorderMs);
  const atMs = arrivalMs + shape.eventOffsetMs - behindMs;
  // Once in a while a clock is wrong.
  const wrongMs = random.chance(0.01) ? random.pick([60_000, -60_000]) : 0;
  return Math.floor((atMs + wrongMs) / shape.roundMs) * shape.roundMs;
}
