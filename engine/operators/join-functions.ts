import type { EventTimeMs } from '../core/time.ts';
import type { Collector, OutputTag } from './functions.ts';
import { RichFunction } from './functions.ts';

/** What a function sees of a pair of records that an interval join has found. */
export interface ProcessJoinContext {
  getLeftTimestamp(): EventTimeMs;
  getRightTimestamp(): EventTimeMs;
  /** The later of the two: the timestamp of the result. */
  getTimestamp(): EventTimeMs;
  /** Emits to a side output. */
  output<X>(tag: OutputTag<X>, record: X): void;
}

/** Gets each pair of an interval join. The words of Flink 2.3. */
export abstract class ProcessJoinFunction<L, R, O> extends RichFunction {
  abstract processElement(left: L, right: R, context: ProcessJoinContext, out: Collector<O>): void;
}

/**
 * Gets each pair of records of one key and window, and returns the result (Flink: JoinFunction).
 * With a third parameter it emits any number of records instead (Flink: FlatJoinFunction).
 */
export type JoinFunction<L, R, O> = (left: L, right: R, out: Collector<O>) => O | undefined;
/** Gets all records of one key and window, by side; one side may be empty. */
export type CoGroupFunction<L, R, O> = (
  left: readonly L[],
  right: readonly R[],
  out: Collector<O>,
) => void;
