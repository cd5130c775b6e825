import type { BatchCosts, BatchFault, OutputMode } from '#engine/spark';

/** A row of a random stream. */
export interface PlannedRow {
  readonly arrivalMs: number;
  readonly timeMs: number;
  readonly key: string;
  readonly value: number;
}

/** What a random query does with its rows, by key. */
export type Query =
  | {
      readonly type: 'window';
      readonly sizeMs: number;
      readonly slideMs: number;
      readonly startMs: number;
      readonly mode: OutputMode;
    }
  | { readonly type: 'session'; readonly gapMs: number; readonly mode: 'append' | 'complete' }
  | { readonly type: 'distinct'; readonly withTime: boolean }
  | { readonly type: 'distinct-within-watermark' }
  /** Pairs of rows of two streams whose times are at most `withinMs` apart. */
  | {
      readonly type: 'join';
      readonly joinType: 'inner' | 'left_outer' | 'full_outer' | 'left_semi';
      readonly withinMs: number;
    }
  /** flatMapGroupsWithState: a running count; told and forgotten when `timeoutMs` pass. */
  | { readonly type: 'groups'; readonly timeoutMs: number }
  /** transformWithState: a running sum, and a timer `delayMs` behind each row. */
  | { readonly type: 'processor'; readonly delayMs: number };

/** Where the rows go. */
export type Sink =
  'memory' | 'file' | 'kafka' | 'table-insert' | 'table-insert-once' | 'table-upsert';

/** A random query, its input, its surroundings and what goes wrong: all drawn from a seed. */
export interface BatchPlan {
  readonly seed: number;
  /** One stream, or two for a join or a union; partitions of rows by arrival. */
  readonly streams: readonly (readonly (readonly PlannedRow[])[])[];
  /** Of each stream's watermark. */
  readonly delaysMs: readonly number[];
  readonly query: Query;
  readonly sink: Sink;
  readonly shufflePartitions: number;
  readonly policy: 'min' | 'max';
  readonly runsWithoutData: boolean;
  readonly trigger: { readonly type: 'interval'; readonly ms: number } | { readonly type: 'all' };
  readonly maxOffsets: number | undefined;
  readonly costs: BatchCosts;
  readonly executorCount: number;
  readonly faults: readonly BatchFault[];
  /** The query is stopped then and another goes on from its checkpoint; undefined: it is not. */
  readonly restartAtMs: number | undefined;
}
