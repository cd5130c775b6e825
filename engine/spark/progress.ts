import type { StatefulTraits, StateOperatorMetrics } from './batch.ts';
import type { StateStore } from './state-store.ts';

/** What a query says of a batch. Models Spark 4.2.0 StreamingQueryProgress; times are ms. */
export interface StreamingQueryProgress {
  readonly name: string;
  readonly batchId: number;
  /** When the batch was triggered. */
  readonly timestampMs: number;
  readonly batchDurationMs: number;
  readonly numInputRows: number;
  readonly inputRowsPerSecond: number;
  readonly processedRowsPerSecond: number;
  readonly eventTime: {
    /** The watermark that the batch ran with. */
    readonly watermarkMs: number;
    readonly maxMs: number | undefined;
  };
  readonly stateOperators: readonly StateOperatorProgress[];
  readonly sources: readonly SourceProgress[];
  readonly sink: { readonly description: string; readonly numOutputRows: number };
}

/** Models Spark 4.2.0 StateOperatorProgress. */
export interface StateOperatorProgress {
  readonly operatorName: string;
  readonly numRowsTotal: number;
  readonly numRowsUpdated: number;
  readonly numRowsRemoved: number;
  /** Rows that were late where this operator looked: groups, behind a partial aggregation. */
  readonly numRowsDroppedByWatermark: number;
  readonly numShufflePartitions: number;
  /** Estimated. */
  readonly memoryUsedBytes: number;
  readonly customMetrics: { readonly [name: string]: number };
}

/** Models Spark 4.2.0 SourceProgress. */
export interface SourceProgress {
  readonly description: string;
  readonly startOffset: readonly number[];
  readonly endOffset: readonly number[];
  readonly latestOffset: readonly number[];
  readonly numInputRows: number;
}

/** What a stateful operator did in a batch. */
export function stateProgress(
  { name }: StatefulTraits,
  metrics: StateOperatorMetrics,
  stores: readonly StateStore[],
): StateOperatorProgress {
  const { numDroppedDuplicateRows, customMetrics, ...others } = metrics;
  return {
    operatorName: name,
    ...others,
    numShufflePartitions: stores.length,
    memoryUsedBytes: stores.reduce((sum, store) => sum + store.byteCount, 0),
    customMetrics: {
      ...(name.startsWith('dedupe') ? { numDroppedDuplicateRows } : {}),
      ...Object.fromEntries(customMetrics),
    },
  };
}
