/**
 * Models a Spark Structured Streaming query as flows: a train of batches, each of everything that
 * arrived before it began, as long as its slowest task, committed at its end. Simplified: no
 * admission limit, append mode, one stage, a fixed overhead per batch. A crash takes the running
 * batch with it; between two batches it strikes the next one at the worst point, after the sink's
 * write and before the commit log. The batch runs again with the same offsets.
 * Invariant: a batch, however often it runs, covers the same offsets.
 *
 * Sources (Spark 4.x documentation): Structured Streaming guide (offsets before, commit after;
 * triggers: a late batch starts the next one at once; the watermark of a batch is used by the next
 * one, so append mode shows a window one batch later); foreachBatch is at-least-once, its batch id
 * lets a sink skip what it has.
 */
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

interface Batch {
  readonly startSecond: number;
  /** What each lane will have processed when the batch is done. */
  readonly target: readonly number[];
  /** What each lane had processed when it began. */
  readonly origin: readonly number[];
  overheadSeconds: number;
  /** The limit that the arrivals exceeded when it began. */
  readonly overload: DayCause | undefined;
}

export class MicroBatchJob implements Job {
  readonly #world: JobWorld;
  #batch: Batch | undefined;
  #nextTriggerSecond = 0;
  #downUntilSecond = 0;
  /** A machine died between two batches: the next one pays. */
  #isCrashDue = false;
  #snapshotSeconds = 0;
  /** Everything before this second is in a committed batch; and in the batch before that one. */
  #committedPosition = 0;
  #watermarkPosition = 0;
  /** What to blame for batches that are longer than their interval. */
  #lingering: DayCause = 'none';

  constructor(world: JobWorld) {
    this.#world = world;
  }

  step(second: number, attack: Attack): JobSecond {
    const wasDown = second < this.#downUntilSecond;
    let harm = NO_HARM;
    if (attack.isCrash && !wasDown) {
      if (this.#batch === undefined) this.#isCrashDue = true;
      else harm = this.#crash(second, this.#batch);
    }
    const isDown = second < this.#downUntilSecond;
    const accident = accidentOf(isDown, attack.isSinkOut);
    if (!isDown) this.#startIfDue(second);
    const canWork = accident === 'none';
    const done = canWork && this.#batch !== undefined ? this.#work(this.#batch) : 0;
    if (canWork && this.#batch !== undefined && this.#isDone(this.#batch)) {
      if (this.#isCrashDue) harm = this.#crash(second, this.#batch);
      else this.#commit(second, this.#batch);
    }
    if (accident !== 'none' && this.#lingering === 'none') this.#lingering = accident;
    return {
      ...harm,
      done,
      canWork,
      laneSpreadSeconds: 0,
      visiblePosition: this.#watermarkPosition,
      snapshotSeconds: this.#snapshotSeconds,
      disturbance: accident === 'none' ? this.#lingering : accident,
    };
  }

  #startIfDue(second: number): void {
    if (this.#batch !== undefined || second < this.#nextTriggerSecond) return;
    const { cluster, lanes } = this.#world;
    this.#batch = {
      startSecond: second,
      target: lanes.map((lane) => lane.arrivedBefore[second] as number),
      origin: lanes.map((lane) => lane.processed),
      overheadSeconds: cluster.batchOverheadSeconds,
      overload: overload(this.#world, second),
    };
  }

  /** One second of a batch: its overhead first, then each lane's share. */
  #work(batch: Batch): number {
    const overhead = Math.min(1, batch.overheadSeconds);
    batch.overheadSeconds -= overhead;
    return this.#world.lanes.reduce((sum, lane, index) => {
      const remaining = Math.max(0, (batch.target[index] as number) - lane.processed);
      const done = Math.min(remaining, lane.capacityPerSecond * (1 - overhead));
      lane.processed += done;
      return sum + done;
    }, 0);
  }

  #isDone(batch: Batch): boolean {
    if (batch.overheadSeconds > 0) return false;
    return this.#world.lanes.every(
      (lane, index) => lane.processed >= (batch.target[index] as number) * (1 - 1e-12),
    );
  }

  #commit(second: number, batch: Batch): void {
    const interval = this.#world.design.triggerIntervalSeconds;
    const durationSeconds = second + 1 - batch.startSecond;
    this.#snapshotSeconds = durationSeconds;
    this.#watermarkPosition = this.#committedPosition;
    this.#committedPosition = batch.startSecond;
    this.#lingering = this.#lingersAfter(batch, durationSeconds);
    const grid = Math.floor(batch.startSecond / interval) * interval + interval;
    this.#nextTriggerSecond = Math.max(second + 1, grid);
    this.#batch = undefined;
  }

  /** A batch that fits its interval ends what lingered; a longer one hands its cause on. */
  #lingersAfter(batch: Batch, durationSeconds: number): DayCause {
    if (durationSeconds <= this.#world.design.triggerIntervalSeconds) return 'none';
    if (batch.overload !== undefined) return batch.overload;
    if (this.#lingering !== 'none') return this.#lingering;
    const { design } = this.#world;
    return design.partitions < design.parallelism ? 'partitions' : 'parallelism';
  }

  #crash(second: number, batch: Batch): Harm {
    const { cluster, design, lanes } = this.#world;
    this.#isCrashDue = false;
    this.#downUntilSecond = second + 1 + downtimeSeconds(this.#world, stateBytesOf(this.#world, 0));
    const size = batch.target.reduce(
      (sum, target, index) => sum + target - originOf(batch, index),
      0,
    );
    batch.overheadSeconds = cluster.batchOverheadSeconds;
    const replayed = lanes.reduce(
      (sum, lane, index) => sum + lane.rewind(originOf(batch, index)),
      0,
    );
    if (!countsReplayTwice(design) || size === 0) return { ...NO_HARM, replayed };
    // The rows of this batch are the windows between the two watermarks before it. Those of the
    // tasks that were done are already in the table, and come again.
    const delay = design.watermarkDelaySeconds;
    const rowRecords =
      arrivedBefore(lanes, this.#committedPosition - delay) -
      arrivedBefore(lanes, this.#watermarkPosition - delay);
    return { replayed, overcounted: (rowRecords * replayed) / size, lost: 0 };
  }
}

function originOf(batch: Batch, laneIndex: number): number {
  return batch.origin[laneIndex] as number;
}

type Harm = Pick<JobSecond, 'replayed' | 'overcounted' | 'lost'>;

const NO_HARM: Harm = { replayed: 0, overcounted: 0, lost: 0 };
