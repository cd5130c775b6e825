/**
 * Models the subtasks of a job as lanes of equal subtasks: those that carry the hot key, and the
 * rest. Simplified: a record's partition and its subtask are the same (the log is keyed like the
 * job), keys other than the hot one spread evenly, and salts never meet in one subtask.
 * Invariant: a lane's arrivals never depend on how far it has worked.
 */
import { assert } from '../core/assert.ts';
import type { CapacityCluster } from './cluster.ts';
import type { Design } from './design.ts';
import { DAY_SECONDS, baseArrivals, lateDropShare } from './load.ts';
import type { DayLoad } from './load.ts';
import type { TwistColumns } from './twists.ts';

/** How the subtasks of a design divide the work. */
export interface WorkDivision {
  /** Subtasks that have a partition to read. */
  readonly workingCount: number;
  /** Of those, how many share the hot key. */
  readonly hotCount: number;
  /** Records one subtask handles per second, after the cost of merging salted results. */
  readonly recordsPerSecondPerSubtask: number;
}

/** A subtask without a partition is idle; a global key leaves work for one subtask only. */
export function divideWork(design: Design, cluster: CapacityCluster): WorkDivision {
  const readingCount = Math.min(design.partitions, design.parallelism);
  const perSubtask = cluster.recordsPerSecondPerSubtask;
  switch (design.keying) {
    case 'global':
      return { workingCount: 1, hotCount: 1, recordsPerSecondPerSubtask: perSubtask };
    case 'natural':
      return { workingCount: readingCount, hotCount: 1, recordsPerSecondPerSubtask: perSubtask };
    case 'salted':
      return {
        workingCount: readingCount,
        hotCount: Math.min(design.saltCount, readingCount),
        recordsPerSecondPerSubtask: perSubtask * (1 - cluster.mergeShare),
      };
  }
}

/** Equal subtasks working through one queue. Counts are records and may be fractions of one. */
export class Lane {
  readonly capacityPerSecond: number;
  /** `arrivedBefore[t]`: records that arrived in [0, t). */
  readonly arrivedBefore = new Float64Array(DAY_SECONDS + 1);
  /** The part of them that finds its window closed. */
  readonly lateBefore = new Float64Array(DAY_SECONDS + 1);
  /** Records worked through, each counted once however often it was replayed. */
  processed = 0;
  #cursor = 0;

  constructor(capacityPerSecond: number) {
    this.capacityPerSecond = capacityPerSecond;
  }

  arrivals(second: number): number {
    return at(this.arrivedBefore, second + 1) - at(this.arrivedBefore, second);
  }

  /** Arrived and not yet processed, at the start of `second`. */
  backlog(second: number): number {
    return Math.max(0, at(this.arrivedBefore, second) - this.processed);
  }

  /** Works for one second on what has arrived by its end. Returns the records done. */
  work(second: number): number {
    const done = Math.min(this.backlog(second + 1), this.capacityPerSecond);
    this.processed += done;
    return done;
  }

  /** Takes the lane back to `processed` records. Returns how many must be done again. */
  rewind(processed: number): number {
    assert(processed <= this.processed, 'a lane rewinds backwards');
    const replayed = this.processed - processed;
    this.processed = processed;
    this.#cursor = 0;
    return replayed;
  }

  /** Everything that arrived before this second of the day is processed. At most `now`. */
  position(now: number): number {
    if (this.backlog(now) <= at(this.arrivedBefore, now) * 1e-12) return now;
    while (this.#cursor < now && at(this.arrivedBefore, this.#cursor + 1) <= this.processed) {
      this.#cursor += 1;
    }
    const start = at(this.arrivedBefore, this.#cursor);
    const rate = at(this.arrivedBefore, this.#cursor + 1) - start;
    return Math.min(now, this.#cursor + (rate > 0 ? (this.processed - start) / rate : 0));
  }
}

/** A column of cumulative counts, read between its seconds. */
export function countBefore(column: Float64Array, position: number): number {
  const inside = Math.min(Math.max(position, 0), DAY_SECONDS);
  const second = Math.min(Math.floor(inside), DAY_SECONDS - 1);
  const start = at(column, second);
  return start + (at(column, second + 1) - start) * (inside - second);
}

/** The lanes of a day: the hot one first, and the rest if any subtask is free of the hot key. */
export function planLanes(
  design: Design,
  load: DayLoad,
  cluster: CapacityCluster,
  twists: TwistColumns,
): readonly Lane[] {
  const { workingCount, hotCount, recordsPerSecondPerSubtask } = divideWork(design, cluster);
  const hotLane = new Lane(hotCount * recordsPerSecondPerSubtask);
  const restLane = new Lane((workingCount - hotCount) * recordsPerSecondPerSubtask);
  const hotFraction = hotCount / workingCount;
  const arrivals = baseArrivals(load);
  const lateShare = lateShareByFactor(design, load);
  for (let second = 0; second < DAY_SECONDS; second += 1) {
    const usual = at(arrivals, second);
    const hot = usual * load.hotKeyShare * at(twists.hotRateFactor, second);
    const others = usual * (1 - load.hotKeyShare);
    const usualLate = lateShare(1);
    const hotLate = hot * lateShare(at(twists.latenessFactor, second));
    addArrivals(
      hotLane,
      second,
      hot + others * hotFraction,
      hotLate + others * hotFraction * usualLate,
    );
    addArrivals(
      restLane,
      second,
      others * (1 - hotFraction),
      others * (1 - hotFraction) * usualLate,
    );
  }
  return workingCount > hotCount ? [hotLane, restLane] : [hotLane];
}

function addArrivals(lane: Lane, second: number, count: number, lateCount: number): void {
  lane.arrivedBefore[second + 1] = at(lane.arrivedBefore, second) + count;
  lane.lateBefore[second + 1] = at(lane.lateBefore, second) + lateCount;
}

/**
 * Spark judges a batch by the watermark that the batch before it left, so a record has on average
 * half a trigger interval more. Lateness is measured in the log's order: a backlog alone makes
 * nothing late, because the watermark waits with it.
 */
function lateShareByFactor(design: Design, load: DayLoad): (factor: number) => number {
  const grace = design.engine === 'micro-batch' ? design.triggerIntervalSeconds / 2 : 0;
  const known = new Map<number, number>();
  return (factor) => {
    const share =
      known.get(factor) ?? lateDropShare(load, design.watermarkDelaySeconds + grace, factor);
    known.set(factor, share);
    return share;
  };
}

function at(column: Float64Array | Uint8Array, index: number): number {
  return column[index] as number;
}
