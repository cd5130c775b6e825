import type { Random } from '#engine';

/**
 * What a job computes, in words that all three runtimes have. Every kind of work has one answer for
 * a bounded input of which nothing is late.
 */
export type Work =
  /** Count, sum, least and largest value by key and window. */
  | { readonly type: 'windows'; readonly sizeS: number; readonly slideS: number }
  /** Count and sum by key and session. */
  | { readonly type: 'sessions'; readonly gapS: number }
  /** Count and sum by key: the last row of each key counts. */
  | { readonly type: 'totals' }
  /** Each pair of key and value once. */
  | { readonly type: 'distinct' }
  /** Pairs of one key: the right record from `beforeS` before the left to `afterS` after it. */
  | { readonly type: 'join'; readonly beforeS: number; readonly afterS: number };

/** One job, that can be written against the DataStream API and against the Dataset API. */
export interface JobSpec {
  readonly work: Work;
  /** Records of odd value are left out before anything else. */
  readonly keepsEvenOnly: boolean;
  /** Two logs become one stream. */
  readonly isUnited: boolean;
  /** Of each log. */
  readonly partitionCount: number;
  readonly parallelism: number;
  readonly shufflePartitions: number;
  /** How far records lie behind the newest one, at most; watermarks wait twice as long. */
  readonly disorderS: number;
  readonly recordCount: number;
  readonly keyCount: number;
}

/** A job that `random` picks. */
export function drawJob(random: Random): JobSpec {
  const work = drawWork(random);
  return {
    work,
    keepsEvenOnly: random.chance(0.3),
    isUnited: work.type !== 'join' && random.chance(0.3),
    partitionCount: random.between(1, 3),
    parallelism: random.between(1, 3),
    shufflePartitions: random.between(1, 3),
    disorderS: random.between(0, 12),
    recordCount: random.between(0, 40),
    keyCount: random.between(1, 5),
  };
}

function drawWork(random: Random): Work {
  const type = random.pick(['windows', 'sessions', 'totals', 'distinct', 'join'] as const);
  switch (type) {
    case 'windows': {
      const slideS = random.between(1, 10);
      return { type, slideS, sizeS: slideS * random.between(1, 3) };
    }
    case 'sessions':
      return { type, gapS: random.between(1, 10) };
    case 'join':
      return { type, beforeS: random.between(0, 8), afterS: random.between(0, 8) };
    default:
      return { type };
  }
}

/** A record of the logs, as both APIs see it. */
export interface Item {
  readonly time: number;
  readonly key: string;
  readonly value: number;
}

/** The key of a last record that lets time pass in every runtime; nobody counts it. */
export const LAST_KEY = 'last';
