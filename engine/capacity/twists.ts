/**
 * Models what attacks a design during its day: a surge of one key, the death of a machine, an
 * outage of the serving table. Simplified: the dead machine is the worst one for the engine: a task
 * manager (all of Flink's pipelined region restarts), or Spark's driver between the sink's write
 * and the commit log. Invariant: a twist changes the world, never the design.
 */
import { ConfigError } from '../core/errors.ts';
import { DAY_SECONDS } from './load.ts';

/** `startSecond` and `atSecond` count from midnight. Intervals are half-open. */
export type Twist =
  | {
      /** The hot key's rate is multiplied, and its records arrive later than usual. */
      readonly type: 'surge';
      readonly title: string;
      readonly startSecond: number;
      readonly durationSeconds: number;
      readonly rateFactor: number;
      readonly latenessFactor: number;
    }
  | { readonly type: 'crash'; readonly title: string; readonly atSecond: number }
  | {
      /** The serving table refuses writes; the job waits and retries. */
      readonly type: 'sink-outage';
      readonly title: string;
      readonly startSecond: number;
      readonly durationSeconds: number;
    };

/** The twists of a day as columns, one value a second. */
export interface TwistColumns {
  readonly hotRateFactor: Float64Array;
  readonly latenessFactor: Float64Array;
  /** 1 while the serving table refuses writes. */
  readonly isSinkOut: Uint8Array;
  /** 1 in the second a machine dies. */
  readonly isCrash: Uint8Array;
}

/** The half-open interval of a twist, in s after midnight. A crash lasts one second. */
export function twistInterval(twist: Twist): readonly [number, number] {
  if (twist.type === 'crash') return [twist.atSecond, twist.atSecond + 1];
  return [twist.startSecond, twist.startSecond + twist.durationSeconds];
}

/** Lays the twists over the day. Throws a `ConfigError` for one that doesn't fit in it. */
export function layTwists(twists: readonly Twist[]): TwistColumns {
  const columns: TwistColumns = {
    hotRateFactor: new Float64Array(DAY_SECONDS).fill(1),
    latenessFactor: new Float64Array(DAY_SECONDS).fill(1),
    isSinkOut: new Uint8Array(DAY_SECONDS),
    isCrash: new Uint8Array(DAY_SECONDS),
  };
  for (const twist of twists) {
    checkTwist(twist);
    const [start, end] = twistInterval(twist);
    if (twist.type === 'crash') columns.isCrash[start] = 1;
    if (twist.type === 'sink-outage') columns.isSinkOut.fill(1, start, end);
    if (twist.type === 'surge') {
      columns.hotRateFactor.fill(twist.rateFactor, start, end);
      columns.latenessFactor.fill(twist.latenessFactor, start, end);
    }
  }
  return columns;
}

function checkTwist(twist: Twist): void {
  const [start, end] = twistInterval(twist);
  const isInside = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end;
  if (!isInside || end > DAY_SECONDS) {
    throw new ConfigError(
      `twist "${twist.title}" must lie in whole seconds of [0, ${DAY_SECONDS})`,
      [start, end],
      'move or shorten it',
    );
  }
  if (twist.type !== 'surge') return;
  for (const factor of [twist.rateFactor, twist.latenessFactor]) {
    if (Number.isFinite(factor) && factor >= 1) continue;
    throw new ConfigError(
      `factors of twist "${twist.title}" must be ≥ 1`,
      factor,
      'use 1 for none',
    );
  }
}
