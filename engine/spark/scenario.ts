import type { ExternalStore } from '../connectors/external-store.ts';
import type { Row } from '../dataset/value.ts';
import type { LogInput } from '../logs/log.ts';
import type { Trace } from '../trace/trace.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { SparkConf } from './conf.ts';
import type { StreamingQueryProgress } from './progress.ts';
import type { SparkSession } from './session.ts';

/**
 * The arrows of a batch, each a place to crash: before its offsets are logged, before it runs,
 * when all tasks have run and the state is committed, when the sink has it, when it is committed.
 */
export const CRASH_POINTS = [
  'planned',
  'offsets-logged',
  'tasks-finished',
  'sink-committed',
  'committed',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

/** What goes wrong, and where. `attempt` counts runs of the same batch, from 0. */
export type BatchFault =
  /** The driver dies; the query is started again from its checkpoint. */
  | {
      readonly type: 'driver-failure';
      readonly batchId: number;
      readonly at: CrashPoint;
      readonly attempt?: number;
    }
  /** A task of the last stage fails `times` times, after writing all it had, and is tried again. */
  | {
      readonly type: 'task-failure';
      readonly batchId: number;
      readonly partition: number;
      readonly times: number;
    }
  /** An executor dies: all its tasks are tried again, their state is loaded from the checkpoint. */
  | { readonly type: 'executor-failure'; readonly batchId: number; readonly executor: number }
  /** A slow task gets a second attempt elsewhere, and both finish. */
  | { readonly type: 'speculative-task'; readonly batchId: number; readonly partition: number };

/** What work costs in virtual time, in ms. Default: nothing. */
export interface BatchCosts {
  /** Of every batch, whatever it holds: planning, logs, scheduling. */
  readonly batchMs?: number;
  /** Of every row read. */
  readonly rowMs?: number;
  /** Until a query runs again after its driver has died. */
  readonly restartMs?: number;
}

/** Everything a run depends on. The same scenario gives the same run, byte for byte. */
export interface MicroBatchScenario {
  readonly name: string;
  /** The logs that streams may read, by name; values are rows. */
  readonly logs: { readonly [name: string]: LogInput<Row> };
  /** Defines one query and starts it; called once. */
  readonly query: (spark: SparkSession) => void;
  readonly conf?: Partial<SparkConf>;
  readonly costs?: BatchCosts;
  readonly executorCount?: number;
  readonly faults?: readonly BatchFault[];
  /** Go on from what an earlier query has left. */
  readonly restoreFrom?: Checkpoint;
  /** When the query is started. Default: when the first record arrives. */
  readonly startMs?: number;
  /** The query is stopped at this time, between two batches. Default: when nothing more comes. */
  readonly stopAtMs?: number;
  readonly trace: 'full' | 'none';
  /** The run fails after this many batches. Default 100,000. */
  readonly batchCountMax?: number;
}

/** What a sink got, batch by batch and attempt by attempt. */
export interface SinkBatch {
  readonly batchId: number;
  readonly rows: readonly Row[];
  /** The sink had a batch with this id and took no notice. */
  readonly isSkipped: boolean;
}

/** A finished run. */
export interface MicroBatchRun {
  /** `finished`: the trigger asked for no more. `stopped`: nothing more comes, for now. */
  readonly outcome: 'finished' | 'stopped' | 'failed';
  readonly failure: { readonly message: string; readonly error: unknown } | undefined;
  readonly progress: readonly StreamingQueryProgress[];
  readonly sinkBatches: readonly SinkBatch[];
  /** What a reader of the sink finds. */
  readonly rows: readonly Row[];
  /** Tables that foreachBatch has written to. */
  readonly tables: { readonly [name: string]: readonly Row[] };
  /** The systems outside themselves, as they are at the end, by name. */
  readonly stores: { readonly [name: string]: ExternalStore };
  readonly checkpoint: Checkpoint;
  readonly trace: Trace | undefined;
  readonly endMs: number;
}
