/** What a day is judged by, and the words of a judgement. */
import { ConfigError } from '../core/errors.ts';
import type { DayCause } from './day.ts';

/** A promise of the design question. `id` is stable; `title` is for the reader. */
export type DayObjective = { readonly id: string; readonly title: string } & (
  | {
      /** The board is at most `limitSeconds` old for `shareMin` of the day's seconds. */
      readonly type: 'freshness';
      readonly limitSeconds: number;
      readonly shareMin: number;
    }
  | {
      /** After a crash the board is fresh again within `limitSeconds`. */
      readonly type: 'recovery';
      readonly freshnessSeconds: number;
      readonly limitSeconds: number;
    }
  /** At most this share of the records finds its window closed. */
  | { readonly type: 'completeness'; readonly lateShareMax: number }
  /** At most this many records are counted twice or lost. */
  | { readonly type: 'exactness'; readonly wrongRecordsMax: number }
  /** Arrivals stay under this share of the capacity when nothing is wrong. */
  | { readonly type: 'headroom'; readonly utilizationMax: number }
  | { readonly type: 'cost'; readonly dollarsPerDayMax: number }
);

/** The judgement of one objective, with the evidence for it. */
export interface ObjectiveVerdict {
  readonly objective: DayObjective;
  readonly isMet: boolean;
  /** What was measured, with its unit: `99.4 % of the day`. */
  readonly measured: string;
  /** What happened, where and why, in one or two sentences with numbers. */
  readonly evidence: string;
  /** The second after midnight to look at; undefined when there is none. */
  readonly atSecond?: number;
  /** What was behind it, when something was. */
  readonly cause?: DayCause;
}

/** Throws a `ConfigError` for an objective that nothing could be judged by. */
export function checkObjective(objective: DayObjective): void {
  const { id, title, type, ...limits } = objective;
  for (const [name, limit] of Object.entries(limits)) {
    if (Number.isFinite(limit) && limit >= 0) continue;
    throw new ConfigError(
      `objective "${id || title || type}" needs a ${name} ≥ 0`,
      limit,
      'correct the scenario',
    );
  }
}
