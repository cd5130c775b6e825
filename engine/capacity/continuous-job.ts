/**
 * Models a Flink job as flows: records one by one, aligned checkpoints, restart of the whole
 * pipelined region from the last completed checkpoint. Simplified: full snapshots, one checkpoint
 * at a time, a barrier passes only what is buffered in front of a subtask, a blocked sink blocks
 * everything. Invariant: what a restore puts back is exactly what was done since the checkpoint.
 *
 * Sources (Flink 2.x documentation): stateful stream processing (barriers, alignment,
 * at-least-once mode skips it); generating watermarks (the watermark is the minimum over inputs);
 * fault tolerance guarantees of sinks (a transactional sink shows results at the checkpoint).
 */
import { WATERMARK_EMIT_SECONDS, bufferedBytesMax } from './cluster.ts';
import type { DayCause } from './day.ts';
import {
  accidentOf,
  arrivedBefore,
  countsReplayTwice,
  downtimeSeconds,
  overload,
  stateBytesOf,
} from './job.ts';
import type { Attack, Job, JobSecond, JobWorld } from './job.ts';

interface Checkpoint {
  /** What each lane had processed when the barriers were injected. */
  readonly processed: readonly number[];
  /** The job's position then: the minimum over the lanes. */
  readonly position: number;
}

interface PendingCheckpoint extends Checkpoint {
  readonly startSecond: number;
  remainingSeconds: number;
}

/** How far the barriers of one checkpoint are apart when nothing is buffered. *Assumed*. */
const BARRIER_SKEW_SECONDS = 0.1;

export class ContinuousJob implements Job {
  readonly #world: JobWorld;
  #completed: Checkpoint;
  #pending: PendingCheckpoint | undefined;
  #nextCheckpointSecond = 0;
  #downUntilSecond = 0;
  #snapshotSeconds = 0;
  #position = 0;
  #visiblePosition = 0;
  #disturbance: DayCause = 'none';
  /** What to blame for the backlog once no accident is going on. */
  #lingering: DayCause = 'none';

  constructor(world: JobWorld) {
    this.#world = world;
    this.#completed = { processed: world.lanes.map(() => 0), position: 0 };
  }

  step(second: number, attack: Attack): JobSecond {
    const { lanes } = this.#world;
    const isDown = second < this.#downUntilSecond;
    const harm = attack.isCrash && !isDown ? this.#crash(second) : NO_HARM;
    const canWork = second >= this.#downUntilSecond && !attack.isSinkOut;
    const done = canWork ? lanes.reduce((sum, lane) => sum + lane.work(second), 0) : 0;
    const now = second + 1;
    const positions = lanes.map((lane) => lane.position(now));
    // The watermark of a window subtask is the minimum over all inputs: one slow lane holds all.
    this.#position = Math.min(...positions);
    const laneSpreadSeconds = Math.max(...positions) - this.#position;
    if (canWork) this.#advanceCheckpoint(second, laneSpreadSeconds);
    if (canWork) this.#publish();
    this.#noteDisturbance(second, attack.isSinkOut);
    return {
      ...harm,
      done,
      canWork,
      laneSpreadSeconds,
      visiblePosition: this.#visiblePosition,
      snapshotSeconds: this.#snapshotSeconds,
      disturbance: this.#disturbance,
    };
  }

  /** Barriers can't pass a sink that refuses writes: a checkpoint only advances while working. */
  #advanceCheckpoint(second: number, laneSpreadSeconds: number): void {
    const { design, lanes } = this.#world;
    if (design.guarantee === 'none') return;
    if (this.#pending === undefined && second >= this.#nextCheckpointSecond) {
      this.#pending = {
        processed: lanes.map((lane) => lane.processed),
        position: this.#position,
        startSecond: second,
        remainingSeconds: this.#checkpointSeconds(second, laneSpreadSeconds),
      };
    }
    if (this.#pending === undefined) return;
    this.#pending.remainingSeconds -= 1;
    if (this.#pending.remainingSeconds > 0) return;
    this.#snapshotSeconds = second + 1 - this.#pending.startSecond + this.#pending.remainingSeconds;
    this.#completed = this.#pending;
    const interval = design.checkpointIntervalSeconds;
    const grid = Math.floor(this.#pending.startSecond / interval) * interval + interval;
    this.#nextCheckpointSecond = Math.max(second + 1, grid);
    this.#pending = undefined;
  }

  #checkpointSeconds(second: number, laneSpreadSeconds: number): number {
    const { cluster, design, division } = this.#world;
    const bytesPerSecond = division.workingCount * cluster.snapshotBytesPerSecondPerSubtask;
    const upload = stateBytesOf(this.#world, laneSpreadSeconds) / bytesPerSecond;
    const alignment = design.guarantee === 'exactly-once' ? this.#barrierSkewSeconds(second) : 0;
    return cluster.checkpointBaseSeconds + upload + alignment;
  }

  /** Under back pressure a barrier waits for the buffers in front of the busiest subtask. */
  #barrierSkewSeconds(second: number): number {
    const { division, lanes, load } = this.#world;
    const isPressed = lanes.some((lane) => lane.backlog(second + 1) > lane.capacityPerSecond);
    if (!isPressed) return BARRIER_SKEW_SECONDS;
    const bufferedRecords = bufferedBytesMax(division.workingCount) / load.recordBytes;
    return bufferedRecords / division.recordsPerSecondPerSubtask;
  }

  #publish(): void {
    const isTransactional = this.#world.design.sink === 'transactional';
    const position = isTransactional ? this.#completed.position : this.#position;
    // What a reader has seen stays: a restored job rewrites windows, it does not remove them.
    this.#visiblePosition = Math.max(this.#visiblePosition, position - WATERMARK_EMIT_SECONDS);
  }

  #crash(second: number): Harm {
    const { design, lanes } = this.#world;
    this.#pending = undefined;
    this.#downUntilSecond = second + downtimeSeconds(this.#world, stateBytesOf(this.#world, 0));
    const firedBefore = this.#position - design.watermarkDelaySeconds;
    if (design.guarantee === 'none') return { ...NO_HARM, lost: this.#openWindowRecords() };
    const skew = this.#barrierSkewSeconds(second);
    const ratePerSecond = lanes.reduce((sum, lane) => sum + lane.arrivals(second), 0);
    let overcounted = design.guarantee === 'at-least-once' ? skew * ratePerSecond : 0;
    if (countsReplayTwice(design)) {
      const firedAtCheckpoint = this.#completed.position - design.watermarkDelaySeconds;
      overcounted += arrivedBefore(lanes, firedBefore) - arrivedBefore(lanes, firedAtCheckpoint);
    }
    const replayed = lanes.reduce(
      (sum, lane, index) => sum + lane.rewind(this.#completed.processed[index] as number),
      0,
    );
    this.#nextCheckpointSecond = this.#downUntilSecond;
    return { replayed, overcounted, lost: 0 };
  }

  /** Without checkpoints the running results of all open windows die with the machine. */
  #openWindowRecords(): number {
    const { design, lanes, load } = this.#world;
    const closedBefore = this.#position - design.watermarkDelaySeconds - load.windowSeconds / 2;
    const processed = lanes.reduce((sum, lane) => sum + lane.processed, 0);
    return Math.max(0, processed - arrivedBefore(lanes, closedBefore));
  }

  /**
   * A disturbance lasts until the backlog it left is gone. One that comes on top of an overload
   * leaves the overload to blame again when it is over.
   */
  #noteDisturbance(second: number, isSinkOut: boolean): void {
    const { lanes } = this.#world;
    const accident = accidentOf(second < this.#downUntilSecond, isSinkOut);
    const isCaughtUp = lanes.every((lane) => lane.backlog(second + 1) <= lane.arrivals(second));
    if (accident !== 'none') {
      if (this.#lingering === 'none') this.#lingering = accident;
    } else if (isCaughtUp) this.#lingering = 'none';
    const overloaded = overload(this.#world, second);
    if (overloaded !== undefined && !isCaughtUp) this.#lingering = overloaded;
    this.#disturbance = accident === 'none' ? this.#lingering : accident;
  }
}

type Harm = Pick<JobSecond, 'replayed' | 'overcounted' | 'lost'>;

const NO_HARM: Harm = { replayed: 0, overcounted: 0, lost: 0 };
