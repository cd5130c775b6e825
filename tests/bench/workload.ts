/** What a workload of the bench is: the same results computed in several ways. */

/**
 * `engine` is the public API as a learner would use it; `loop` is what a good engineer would write
 * by hand; `limit` is the same with typed arrays; `own` is the engine without what this workload
 * adds (checkpoints, a trace, parallelism).
 */
export type SideName = 'engine' | 'loop' | 'limit' | 'own';

export interface Side {
  readonly name: SideName;
  /** Runs once and returns a way to the output's hash, which is not part of the measurement. */
  readonly run: () => () => string;
}

export interface PreparedWorkload {
  readonly records: number;
  readonly sides: readonly Side[];
  /** What else is worth a line, after the rounds. */
  readonly extras?: () => { readonly [name: string]: number };
}

/** What is to be reached. */
export interface Goals {
  /** The engine's speed as a share of the loop's, at least. */
  readonly ofLoop?: number;
  /** The engine's speed as a share of its own, at least. */
  readonly ofOwn?: number;
  /** The far goal: the engine's time in times the limit's, at most. */
  readonly timesLimit?: number;
  /** The far goal: the engine's time in times its own, at most. */
  readonly timesOwn?: number;
}

export interface Workload {
  /** As in the list of workloads: `W2`. */
  readonly id: string;
  readonly title: string;
  readonly goals: Goals;
  /** Makes the input. Fewer records than the default make a quick run, of no use for figures. */
  readonly prepare: (recordCount: number | undefined) => Promise<PreparedWorkload>;
}
