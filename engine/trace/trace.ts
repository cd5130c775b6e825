import type { Json } from '../core/clone.ts';
import type { TraceKind } from './kinds.ts';
import type { TableDefinition } from './table-contents.ts';

export type { Json };

/** One parallel instance of one operator. */
export interface SubtaskInfo {
  /** The operator's name, e.g. `window`. */
  readonly operator: string;
  /** Index among the operator's parallel instances, from 0. */
  readonly index: number;
  /** The chain it runs in, e.g. `window → sink`. Operators of one chain share a thread. */
  readonly task: string;
  readonly taskManager: number;
  readonly kind: 'source' | 'operator' | 'sink';
  /** 0 for the job as it was started; one more with every change of its parallelism. */
  readonly epoch: number;
}

/** A parallel input of a source: a Kafka partition, a Kinesis shard. */
export interface SplitInfo {
  /** Name of the log in the scenario. */
  readonly log: string;
  readonly partition: number;
  /** The source subtask that reads it; -1: nobody, or now one and now another. */
  readonly subtask: number;
}

/** A connection from one subtask to another; `index` is what rows call the input channel. */
export interface ChannelInfo {
  readonly from: number;
  readonly to: number;
  /** Place among the inputs of `to`, from 0. */
  readonly index: number;
}

export interface StateInfo {
  readonly name: string;
  readonly operator: string;
  /** `map`, `list` and the operator's own two have entries: map keys, or places in a list. */
  readonly kind:
    | 'value'
    | 'map'
    | 'list'
    | 'reducing'
    | 'aggregating'
    | 'window'
    | 'operator-list'
    | 'broadcast';
}

export interface SinkInfo {
  readonly name: string;
  readonly kind:
    | 'append'
    | 'upsert'
    | 'increment'
    | 'transactional'
    | 'database'
    | 'topic'
    | 'files'
    | 'lake'
    | 'dashboard';
  /** Of what keeps rows by a primary key. */
  readonly table?: TableDefinition;
}

/** What does not change during a run. Indexes in trace rows point into these lists. */
export interface TraceHeader {
  readonly version: 1;
  /** `kafka` and `kinesis`: plain applications of the log's own client. */
  readonly engine: 'flink' | 'spark' | 'batch' | 'kafka' | 'kinesis';
  readonly job: string;
  readonly subtasks: readonly SubtaskInfo[];
  readonly channels: readonly ChannelInfo[];
  readonly splits: readonly SplitInfo[];
  readonly states: readonly StateInfo[];
  readonly sinks: readonly SinkInfo[];
  readonly outputTags: readonly string[];
  readonly maxParallelism: number;
  readonly taskManagerCount: number;
}

/** The columns, all of the same length. See `kinds.ts` for what they mean per kind. */
export interface TraceColumns {
  readonly kind: Uint8Array;
  readonly subtask: Int16Array;
  readonly atMs: Float64Array;
  readonly cause: Int32Array;
  readonly key: Int32Array;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly c: Int32Array;
  readonly d: Int32Array;
  readonly value: Int32Array;
}

/** A finished run, as facts. Immutable; the only thing a run hands over. */
export interface Trace {
  readonly header: TraceHeader;
  readonly rowCount: number;
  readonly columns: TraceColumns;
  /** Interned keys (of records and of map state), as JSON. */
  readonly keys: readonly Json[];
  readonly values: readonly Json[];
}

/** One row, spelled out. For tables, tests and narration; not for hot loops. */
export interface TraceEvent {
  readonly row: number;
  readonly kind: TraceKind;
  readonly subtask: number;
  readonly atMs: number;
  readonly cause: number;
  readonly key: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly value: number;
}
