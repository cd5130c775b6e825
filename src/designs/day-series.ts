/** Thins a day's columns to what a chart can show: the lowest and highest value of each bucket. */
import { DAY_SECONDS } from '#engine';

export interface Extent {
  /** The first second of the bucket. */
  readonly second: number;
  readonly low: number;
  readonly high: number;
}

/**
 * `bucketCount` extents of a column of one value a second. Saw teeth narrower than a bucket stay
 * visible as the height of a band; nothing is averaged away.
 */
export function extentsOf(column: Float64Array, bucketCount: number): readonly Extent[] {
  const extents: Extent[] = [];
  for (let bucket = 0; bucket < bucketCount; bucket += 1) {
    const start = Math.floor((bucket * DAY_SECONDS) / bucketCount);
    const end = Math.max(start + 1, Math.floor(((bucket + 1) * DAY_SECONDS) / bucketCount));
    let low = Infinity;
    let high = -Infinity;
    for (let second = start; second < end; second += 1) {
      const value = column[second] as number;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    extents.push({ second: start, low, high });
  }
  return extents;
}

/** The highest value of a column; 0 for an empty one. */
export function highest(column: Float64Array): number {
  let most = 0;
  for (const value of column) if (value > most) most = value;
  return most;
}

/** The highest value of one hour of a column. */
export function highestInHour(column: Float64Array, hour: number): number {
  return highest(column.subarray(hour * 3600, (hour + 1) * 3600));
}
