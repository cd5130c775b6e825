import type { ExternalStore, SinkRow } from '../connectors/external-store.ts';
import type { Fault, FaultTime } from '../faults/fault.ts';
import type { LogInput } from '../logs/log.ts';
import type { Trace } from '../trace/trace.ts';
import type { CostModel } from './cost-model.ts';
import type { StreamExecutionEnvironment } from '../datastream/environment.ts';
import type { ClusterSize } from '../datastream/job-graph.ts';
import type { Savepoint } from './savepoint.ts';

/** Something done to a running job on purpose. */
export type Operation =
  | { readonly type: 'savepoint'; readonly when: FaultTime }
  /** Takes a savepoint and ends the job. Nothing fires for it. */
  | { readonly type: 'stop-with-savepoint'; readonly when: FaultTime }
  /** Takes a savepoint, and goes on from it with another parallelism. */
  | { readonly type: 'rescale'; readonly parallelism: number; readonly when: FaultTime };

/** Everything a run depends on. The same scenario gives the same run, byte for byte. */
export interface Scenario {
  readonly name: string;
  readonly seed: number;
  /** The logs that sources may read, by name. */
  readonly logs: { readonly [name: string]: LogInput };
  /** Puts the job together; called once. */
  readonly job: (env: StreamExecutionEnvironment) => void;
  readonly cluster: ClusterSize;
  /** When the job is started. Default: when the first record arrives. */
  readonly startMs?: number;
  readonly faults: readonly Fault[];
  /** What work costs in virtual time. Default: nothing. */
  readonly costs?: CostModel;
  /** What people do to the running job: savepoints, stops. Default: nothing. */
  readonly operations?: readonly Operation[];
  /** Go on from what a stopped job left behind. */
  readonly restoreFrom?: Savepoint;
  /** Leave state behind that belongs to no operator. Default false, as in Flink. */
  readonly allowNonRestoredState?: boolean;
  /** `none` runs faster and hands over no trace. */
  readonly trace: 'full' | 'none';
  /** The run fails when it has taken this many steps. Default 50 million. */
  readonly stepCountMax?: number;
}

/** Calls from a run to whoever started it; they can't change the run. */
export interface RunHooks {
  /** Gets a way to write to the console of the operator that is running. */
  readonly onStart?: (controls: RunControls) => void;
}

export interface RunControls {
  /** Notes a line of the operator's own console, with the callback that wrote it. */
  console(level: 'log' | 'warn', text: string): void;
  /** Steps taken so far. */
  stepCount(): number;
}

export interface RunFailure {
  /** `function`: the operator's code threw. `job`: the job gave up. `limit`: too many steps. */
  readonly type: 'function' | 'job' | 'limit';
  readonly message: string;
  /** What was thrown, when something was. */
  readonly error: unknown;
  /** The operator whose code threw. */
  readonly operator: string | undefined;
}

/** A finished run. */
export interface Run {
  /** `stopped`: an unbounded input has nothing more for now. */
  readonly outcome: 'finished' | 'stopped' | 'failed';
  readonly failure: RunFailure | undefined;
  readonly trace: Trace | undefined;
  readonly stepCount: number;
  /** What the job has left behind, when it was stopped with a savepoint. */
  readonly savepoint: Savepoint | undefined;
  /** Every write to each sink, in order. */
  readonly sinks: { readonly [name: string]: readonly SinkRow[] };
  /** The systems outside themselves, as they are at the end, by the sinks' names. */
  readonly stores: { readonly [name: string]: ExternalStore };
  /** Entries of state and timers left in the operators at the end. */
  readonly entriesLeft: number;
  /** Virtual processing time at the end, in ms. */
  readonly endMs: number;
}
