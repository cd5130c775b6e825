/**
 * Models the input of a day: a rate that follows the hours, one hot key, and how late records are.
 * Simplified: the rate is linear between the middles of the hours; the lateness distribution is
 * linear between its quantiles and has no tail behind the last one.
 * Invariant: without twists the arrivals of a day add up to `recordsPerDay`.
 */
import { ConfigError } from '../core/errors.ts';

/** Ticks of a day: one a second. */
export const DAY_SECONDS = 86_400;

/** A point of the lateness distribution: `share` of all records are at most `seconds` late. */
export interface LatenessPoint {
  readonly share: number;
  readonly seconds: number;
}

/** What the job has to carry. */
export interface DayLoad {
  readonly recordsPerDay: number;
  /** Weight of each of the 24 hours; only their proportions matter. */
  readonly hourlyWeights: readonly number[];
  /** Share of all records that belong to the busiest key, 0–1. */
  readonly hotKeyShare: number;
  /** The busiest key's name, for messages. */
  readonly hotKeyName: string;
  readonly recordBytes: number;
  /** Keys in the business sense, before salting. */
  readonly keyCount: number;
  /** Rows of latest state per entity (here: flights in the air or on the board), and their size. */
  readonly entityCount: number;
  readonly entityBytes: number;
  readonly windowSeconds: number;
  /** Bytes of one key's running result in one window. */
  readonly windowRowBytes: number;
  /** From share 0 to share 1, both rising. Between machines and the log, not flight delay. */
  readonly lateness: readonly LatenessPoint[];
}

/** Throws a `ConfigError` that names the field, the value and the next step. */
export function checkLoad(load: DayLoad): void {
  const sizes = [
    ['recordsPerDay', load.recordsPerDay, 0],
    ['recordBytes', load.recordBytes, 1],
    ['keyCount', load.keyCount, 1],
    ['entityCount', load.entityCount, 0],
    ['entityBytes', load.entityBytes, 0],
    ['windowSeconds', load.windowSeconds, 1],
    ['windowRowBytes', load.windowRowBytes, 0],
  ] as const;
  for (const [name, value, min] of sizes) {
    if (Number.isFinite(value) && value >= min) continue;
    throw new ConfigError(
      `load "${name}" must be a number ≥ ${min}`,
      value,
      'correct the scenario',
    );
  }
  if (!(load.hotKeyShare >= 0 && load.hotKeyShare <= 1)) {
    throw new ConfigError('load "hotKeyShare" must be in 0–1', load.hotKeyShare, 'give a share');
  }
  const weightSum = load.hourlyWeights.reduce((sum, weight) => sum + weight, 0);
  const areWeightsFine =
    load.hourlyWeights.length === 24 &&
    load.hourlyWeights.every((weight) => Number.isFinite(weight) && weight >= 0) &&
    weightSum > 0;
  if (!areWeightsFine) {
    throw new ConfigError(
      'load "hourlyWeights" must be 24 numbers ≥ 0, not all 0',
      load.hourlyWeights,
      'give one weight for each hour',
    );
  }
  checkLateness(load.lateness);
}

function checkLateness(lateness: readonly LatenessPoint[]): void {
  const first = lateness[0];
  const last = lateness.at(-1);
  const isRising = lateness.every((point, index) => {
    const before = lateness[index - 1];
    const isFinitePoint = Number.isFinite(point.seconds) && point.seconds >= 0;
    return (
      isFinitePoint &&
      (before === undefined || (point.share > before.share && point.seconds >= before.seconds))
    );
  });
  if (first?.share === 0 && last?.share === 1 && isRising) return;
  throw new ConfigError(
    'load "lateness" must rise from share 0 to share 1',
    lateness,
    'order the quantiles',
  );
}

/** Records that arrive in each second of a day without twists. */
export function baseArrivals(load: DayLoad): Float64Array {
  const arrivals = new Float64Array(DAY_SECONDS);
  let sum = 0;
  for (let second = 0; second < DAY_SECONDS; second += 1) {
    const middle = (second + 0.5) / 3600 - 0.5;
    const hour = Math.floor(middle);
    const fraction = middle - hour;
    const before = load.hourlyWeights[(hour + 24) % 24] as number;
    const after = load.hourlyWeights[(hour + 25) % 24] as number;
    const weight = before + (after - before) * fraction;
    arrivals[second] = weight;
    sum += weight;
  }
  const scale = load.recordsPerDay / sum;
  for (let second = 0; second < DAY_SECONDS; second += 1) {
    arrivals[second] = (arrivals[second] as number) * scale;
  }
  return arrivals;
}

/** Share of records more than `seconds` late when all lateness is `factor` times as long. */
export function shareLaterThan(
  lateness: readonly LatenessPoint[],
  seconds: number,
  factor: number,
): number {
  const scaled = seconds / factor;
  for (let index = 1; index < lateness.length; index += 1) {
    const low = lateness[index - 1] as LatenessPoint;
    const high = lateness[index] as LatenessPoint;
    if (scaled >= high.seconds) continue;
    if (scaled < low.seconds) return 1 - low.share;
    const fraction = (scaled - low.seconds) / (high.seconds - low.seconds);
    return 1 - (low.share + (high.share - low.share) * fraction);
  }
  return 0;
}

/**
 * Share of records that find their window closed. A record has the rest of its window (uniform over
 * the window) plus `toleranceSeconds` to arrive.
 */
export function lateDropShare(load: DayLoad, toleranceSeconds: number, factor: number): number {
  const stepCount = 64;
  let sum = 0;
  for (let step = 0; step < stepCount; step += 1) {
    const restOfWindow = ((step + 0.5) / stepCount) * load.windowSeconds;
    sum += shareLaterThan(load.lateness, toleranceSeconds + restOfWindow, factor);
  }
  return sum / stepCount;
}
