import type { ExternalStore, SinkRow } from '../connectors/external-store.ts';
import type { StreamExecutionEnvironment } from '../datastream/environment.ts';
import type { ClusterSize } from '../datastream/job-graph.ts';
import type { StageFault } from '../faults/fault.ts';
import type { LogInput } from '../logs/log.ts';
import type { Trace } from '../trace/trace.ts';

/** What work costs in virtual time, in ms. Everything absent costs nothing. */
export interface StageCosts {
  /** Of one record in an operator, by the operator's name. */
  readonly serviceMs?: { readonly [operator: string]: number };
  /** From the moment a task gets its slot until it handles its first record. */
  readonly deployMs?: number;
}

/**
 * What happens to the consumers of a task that must run again because its output is lost.
 * `restart-consumers`: all of them run again, also those that have finished, so that nobody has
 * seen an output that another attempt has replaced (Flink 2.3,
 * RestartPipelinedRegionFailoverStrategy).
 * `keep-consumers`: who has finished stays (Spark 4.2 DAGScheduler, stage retry by lineage), unless
 * the lost output came from an operator that is named as indeterminate.
 */
export type LineageRecovery = 'restart-consumers' | 'keep-consumers';

/** Everything a run depends on. The same scenario gives the same run, byte for byte. */
export interface BatchScenario {
  readonly name: string;
  readonly seed: number;
  /** The logs that sources may read, by name. They must be bounded, or cut off. */
  readonly logs: { readonly [name: string]: LogInput };
  /** Puts the job together; called once. */
  readonly job: (env: StreamExecutionEnvironment) => void;
  /** Tasks take turns when there are fewer slots than tasks. */
  readonly cluster: ClusterSize;
  /** Default: none. */
  readonly faults?: readonly StageFault[];
  readonly costs?: StageCosts;
  /** Reads what has arrived up to this moment, in ms of processing time. Default: everything. */
  readonly cutOffMs?: number;
  /** When the job is started. Default: at the cut-off, or when the last record has arrived. */
  readonly startMs?: number;
  /** Default: `restart-consumers`. */
  readonly recovery?: LineageRecovery;
  /** Operators that may give something else when they run again. For `keep-consumers`. */
  readonly indeterminate?: readonly string[];
  /** `none` runs faster and hands over no trace. */
  readonly trace: 'full' | 'none';
  /** The run fails when it has taken this many steps. Default 50 million. */
  readonly stepCountMax?: number;
}

/** Why a task got one more attempt. */
export type AttemptReason = 'first' | 'retry' | 'speculation';

/** One attempt of one task, as it went. */
export interface AttemptSummary {
  /** The task's chain, e.g. `window → sink`. */
  readonly task: string;
  readonly index: number;
  /** From 0, counted for each task. */
  readonly attempt: number;
  readonly reason: AttemptReason;
  readonly taskManager: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly status: 'finished' | 'failed' | 'killed';
  /** Records that it has handled. */
  readonly recordCount: number;
}

export interface BatchFailure {
  /** `function`: the operator's code threw. `job`: no restart was left. `limit`: too many steps. */
  readonly type: 'function' | 'job' | 'limit';
  readonly message: string;
  /** What was thrown, when something was. */
  readonly error: unknown;
  /** The operator whose code threw. */
  readonly operator: string | undefined;
}

/** A finished run. */
export interface BatchRun {
  readonly outcome: 'finished' | 'failed';
  readonly failure: BatchFailure | undefined;
  readonly trace: Trace | undefined;
  readonly stepCount: number;
  /** Every write to each sink, in order. */
  readonly sinks: { readonly [name: string]: readonly SinkRow[] };
  /** The systems outside themselves, as they are at the end, by the sinks' names. */
  readonly stores: { readonly [name: string]: ExternalStore };
  /** All attempts, in the order in which they ended. */
  readonly attempts: readonly AttemptSummary[];
  /** Records read from the logs, by all attempts together. */
  readonly recordsRead: number;
  /** Entries of state and timers left in the operators at the end. */
  readonly entriesLeft: number;
  /** Virtual processing time, in ms. */
  readonly startMs: number;
  readonly endMs: number;
}
