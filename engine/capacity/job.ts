/** What the two engines of a simulated day share: their world, their effects, their overload. */
import type { CapacityCluster } from './cluster.ts';
import type { DayCause } from './day.ts';
import type { Design } from './design.ts';
import { countBefore } from './lane.ts';
import type { Lane, WorkDivision } from './lane.ts';
import type { DayLoad } from './load.ts';

/** What a job is made of. Nothing here changes while it runs, except the lanes' progress. */
export interface JobWorld {
  readonly design: Design;
  readonly load: DayLoad;
  readonly cluster: CapacityCluster;
  readonly division: WorkDivision;
  readonly lanes: readonly Lane[];
}

/** What the twists do to a job in one second. */
export interface Attack {
  readonly isCrash: boolean;
  readonly isSinkOut: boolean;
}

/** A job's answer to one second. */
export interface JobSecond {
  /** Records worked on, replays included. */
  readonly done: number;
  /** Records that a crash in this second puts back into the log. */
  readonly replayed: number;
  readonly overcounted: number;
  readonly lost: number;
  /** Whether the job could work at all. */
  readonly canWork: boolean;
  /** Every result of an earlier window end than this second of the day is on the board. */
  readonly visiblePosition: number;
  /** How far apart the event times of the lanes are, in s. */
  readonly laneSpreadSeconds: number;
  readonly snapshotSeconds: number;
  readonly disturbance: DayCause;
}

export interface Job {
  /** Simulates the second [second, second + 1). Seconds must come in order, from 0. */
  step(second: number, attack: Attack): JobSecond;
}

/** Which limit the arrivals of `second` exceed, or undefined when the job keeps up. */
export function overload({ design, lanes }: JobWorld, second: number): DayCause | undefined {
  const over = lanes.map((lane) => lane.arrivals(second) > lane.capacityPerSecond);
  if (!over.includes(true)) return undefined;
  if (design.keying === 'global') return 'global-key';
  if (over.length === 2 && over[0] === true && over[1] === false) return 'hot-key';
  return design.partitions < design.parallelism ? 'partitions' : 'parallelism';
}

/** What keeps a job from working at all, if anything does. */
export function accidentOf(isDown: boolean, isSinkOut: boolean): DayCause {
  if (isDown) return 'crash';
  return isSinkOut ? 'sink-outage' : 'none';
}

/** Records that arrived before a second of the day, over all lanes. */
export function arrivedBefore(lanes: readonly Lane[], position: number): number {
  return lanes.reduce((sum, lane) => sum + countBefore(lane.arrivedBefore, position), 0);
}

/** Whether a result that is written a second time is seen twice. */
export function countsReplayTwice(design: Design): boolean {
  return design.sink === 'append' || design.sink === 'increment';
}

/**
 * Seconds from a machine's death to running tasks: detect, restart, and restore the state, which
 * all working subtasks fetch at once.
 */
export function downtimeSeconds(world: JobWorld, stateBytes: number): number {
  const { cluster, design, division } = world;
  const restart = cluster.detectSeconds[design.engine] + cluster.restartSeconds;
  // Without checkpointing Flink does not restart a failed job: somebody has to.
  if (design.guarantee === 'none') return Math.ceil(restart + cluster.pagerSeconds);
  const bytesPerSecond = division.workingCount * cluster.snapshotBytesPerSecondPerSubtask;
  return Math.ceil(restart + stateBytes / bytesPerSecond);
}

/**
 * Keyed state in bytes: the running results of all open windows, and the latest row of each
 * entity. A lane that is ahead of the others keeps its windows open until the watermark follows.
 */
export function stateBytesOf(world: JobWorld, laneSpreadSeconds: number): number {
  const { design, load } = world;
  const rhythm = design.engine === 'micro-batch' ? design.triggerIntervalSeconds : 0;
  const openSeconds =
    load.windowSeconds + design.watermarkDelaySeconds + rhythm + laneSpreadSeconds;
  const salts = design.keying === 'salted' ? design.saltCount : 1;
  const windowRows = load.keyCount * salts * Math.ceil(openSeconds / load.windowSeconds);
  return windowRows * load.windowRowBytes + load.entityCount * load.entityBytes;
}
