import type { Row, Value } from '../dataset/value.ts';
import type { OutputMode } from '../dataset/plan.ts';
import type { StateStore } from './state-store.ts';

/** Rows by partition. */
export type Partitions = readonly (readonly Row[])[];

/** Numbers of a stateful operator, as StreamingQueryProgress shows them. */
export interface StateOperatorMetrics {
  numRowsTotal: number;
  numRowsUpdated: number;
  numRowsRemoved: number;
  numRowsDroppedByWatermark: number;
  numDroppedDuplicateRows: number;
  /** What only this kind of operator counts, by Spark's names. */
  readonly customMetrics: Map<string, number>;
}

/** What a stateful operator does to its state, for whoever keeps the trace. */
export interface StateListener {
  updated(operator: number, partition: number, key: readonly Value[], value: unknown): void;
  removed(operator: number, partition: number, key: readonly Value[]): void;
  droppedLate(operator: number, partition: number, row: Row, timeMs: number): void;
}

/** One batch while it runs. Times are ms. */
export interface Batch {
  readonly batchId: number;
  readonly outputMode: OutputMode;
  readonly timestampMs: number;
  readonly shufflePartitions: number;
  /** Rows of each stream in the plan, by its place among the streams. */
  readonly inputs: readonly Partitions[];
  /** Rows at or before it are late: the watermark that the batch before had. */
  lateWatermarkMs(operator: number): number;
  /** State at or before it is over: the watermark of this batch. */
  evictionWatermarkMs(operator: number): number;
  store(operator: number, partition: number): StateStore;
  metrics(operator: number): StateOperatorMetrics;
  /** Undefined: nobody watches. */
  readonly listener: StateListener | undefined;
  /** A withWatermark has seen this event time. */
  seeEventTime(node: number, latestMs: number): void;
}

/** An operator that runs once a batch. Models Spark's SparkPlan, by rows instead of RDDs. */
export interface PhysicalNode {
  readonly children: readonly PhysicalNode[];
  execute(batch: Batch): Partitions;
  /** A withWatermark: where the query's watermark enters. */
  readonly isWatermark?: boolean;
  /** A stateful operator, with what its state asks of the batches. */
  readonly stateful?: StatefulTraits;
}

/** What a stateful operator says of itself. */
export interface StatefulTraits {
  readonly operator: number;
  /** Spark's name in the progress, e.g. `stateStoreSave`. */
  readonly name: string;
  /** Whether a watermark moved from `beforeMs` to `nowMs` is worth a batch without data. */
  shouldRunAnotherBatch(nowMs: number, beforeMs: number): boolean;
  /** What operators behind it may rely on, from what it may itself; undefined: nothing. */
  outputWatermarkMs(inputMs: number): number | undefined;
  /** Rows that an entry of the state counts as; undefined: one. */
  rowsOf?(value: unknown): number;
  /** From when on, in ms, time alone is worth a batch: a timeout is due. Undefined: never. */
  dueMs?(stores: readonly StateStore[]): number | undefined;
}
