/**
 * A streaming query with its input, as data: what Spark itself and the engine both run. One
 * scenario is one line of JSON; so is what came out.
 */
export interface SparkScenario {
  /** What it is about: agreement is counted by feature. */
  readonly feature: string;
  /** The seed that `generate.ts` made it from, with the feature. */
  readonly seed: number;
  readonly conf: ScenarioConf;
  /**
   * `default`: each step runs batches until there is nothing more to do. `interval`: a trigger a
   * second, one for each step, so at most one batch. The others start the query once a step.
   */
  readonly trigger: 'default' | 'interval' | 'available-now' | 'once';
  readonly outputMode: 'append' | 'update' | 'complete';
  /** Streams, by name: each has columns `time`, `key` and `value`, the second `time2` and so on. */
  readonly streams: readonly string[];
  /** Partitions of each stream; the rows of a step go round them. */
  readonly inputPartitions: number;
  readonly query: Plan;
  readonly steps: readonly Step[];
  /** Where the driver dies; the query starts again at once. */
  readonly crashes: readonly Crash[];
}

export interface ScenarioConf {
  readonly shufflePartitions: number;
  readonly watermarkPolicy: 'min' | 'max';
  readonly hasNoDataBatches: boolean;
  readonly stateStore: 'hdfs' | 'rocksdb';
}

/**
 * Rows that come in; or the query is stopped and started again from its checkpoint, perhaps
 * changed: what is given here takes the place of what the scenario has.
 */
export type Step =
  | { readonly type: 'add'; readonly rows: { readonly [stream: string]: readonly InputRow[] } }
  | {
      readonly type: 'restart';
      readonly query?: Plan;
      readonly outputMode?: SparkScenario['outputMode'];
      readonly conf?: ScenarioConf;
    };

/** Event time in ms, key, value. */
export type InputRow = readonly [number | null, string | null, number | null];

/**
 * `offsets-logged`: before the batch runs. `tasks-finished`: the sink gets nothing of it.
 * `sink-committed`: the sink has it, the commit log does not. `attempt` counts runs of the batch.
 */
export interface Crash {
  readonly batchId: number;
  readonly attempt: number;
  readonly at: 'offsets-logged' | 'tasks-finished' | 'sink-committed';
}

/** A query over the streams. */
export type Plan =
  | { readonly op: 'stream'; readonly name: string }
  /** A table with the columns `name` (text) and `rank` (number). */
  | { readonly op: 'table'; readonly rows: readonly (readonly [string | null, number | null])[] }
  | { readonly op: 'select'; readonly child: Plan; readonly columns: readonly Expr[] }
  | { readonly op: 'filter'; readonly child: Plan; readonly condition: Expr }
  | {
      readonly op: 'watermark';
      readonly child: Plan;
      readonly column: string;
      readonly delay: string;
    }
  | {
      readonly op: 'aggregate';
      readonly child: Plan;
      readonly keys: readonly Expr[];
      readonly aggregates: readonly Expr[];
    }
  | {
      readonly op: 'deduplicate';
      readonly child: Plan;
      readonly columns: readonly string[];
      readonly isWithinWatermark: boolean;
    }
  | {
      readonly op: 'join';
      readonly left: Plan;
      readonly right: Plan;
      readonly joinType: string;
      readonly condition: Expr | null;
    }
  | { readonly op: 'union'; readonly left: Plan; readonly right: Plan }
  | {
      readonly op: 'sort';
      readonly child: Plan;
      readonly columns: readonly string[];
      readonly isDescending: boolean;
    }
  | { readonly op: 'limit'; readonly child: Plan; readonly count: number }
  | ({ readonly op: 'groups'; readonly child: Plan } & GroupProgram)
  | ({ readonly op: 'transform'; readonly child: Plan } & TransformProgram);

/**
 * A function with state over the rows of each key: it counts them, hands the count out and forgets
 * it at `limit`, and sets a timeout `timeoutMs` after the latest row (or now).
 */
export interface GroupProgram {
  readonly isMap: boolean;
  readonly outputMode: 'append' | 'update';
  readonly timeout: 'NoTimeout' | 'ProcessingTimeTimeout' | 'EventTimeTimeout';
  readonly limit: number;
  readonly timeoutMs: number;
  readonly isTalkative: boolean;
  readonly onTimeout: 'remove' | 'rearm' | 'ignore';
}

/**
 * A processor with one state variable: it counts what it has put there, hands the count out and
 * clears it at `limit`, and registers a timer `timerMs` after the latest row (or now).
 */
export interface TransformProgram {
  readonly timeMode: 'None' | 'ProcessingTime' | 'EventTime';
  readonly outputMode: 'append' | 'update';
  readonly variable: 'value' | 'list' | 'map';
  /** 0: for ever. */
  readonly ttlMs: number;
  /** 0: no timers. */
  readonly timerMs: number;
  /** Timers set earlier are deleted. */
  readonly isSingleTimer: boolean;
  readonly limit: number;
  readonly isTalkative: boolean;
  readonly onTimer: 'remove' | 'rearm' | 'ignore';
  /** Keys and counts that the state begins with; none: a processor without initial state. */
  readonly initial: readonly (readonly [string, number])[];
}

/** A column. */
export type Expr =
  | { readonly op: 'col'; readonly name: string }
  | { readonly op: 'lit'; readonly value: string | number | boolean | null }
  | { readonly op: 'interval'; readonly text: string }
  | { readonly op: 'call'; readonly name: string; readonly args: readonly Expr[] }
  | { readonly op: 'field'; readonly of: Expr; readonly name: string }
  | { readonly op: 'as'; readonly of: Expr; readonly name: string }
  | {
      readonly op: 'window';
      readonly time: Expr;
      readonly size: string;
      readonly slide: string;
      readonly start: string;
    }
  | { readonly op: 'session'; readonly time: Expr; readonly gap: string | Expr }
  | { readonly op: 'window_time'; readonly of: Expr }
  | { readonly op: 'aggregate'; readonly name: string; readonly of: Expr | null };

/** What came out of a scenario. */
export interface Outcome {
  /** The columns of the result; empty when the query was refused. */
  readonly columns: readonly string[];
  /** Batches as the sink got them, again when one was handed over again. */
  readonly sink: readonly SinkWrite[];
  /** Batches that were committed. */
  readonly batches: readonly BatchOutcome[];
  /** Why the query was not started. */
  readonly refused?: ErrorOutcome;
  /** Why it ended. */
  readonly failed?: ErrorOutcome;
}

export interface SinkWrite {
  readonly batchId: number;
  readonly rows: readonly (readonly unknown[])[];
}

/** Numbers of one batch, from its progress and the logs in the checkpoint. Times are ms. */
export interface BatchOutcome {
  readonly batchId: number;
  readonly inputRows: number;
  readonly timestampMs: number;
  /** What the batch ran with. */
  readonly watermarkMs: number;
  /** What its commit says of the next. */
  readonly nextWatermarkMs: number;
  readonly state: readonly StateOutcome[];
}

/** Rows of a stateful operator's state. */
export interface StateOutcome {
  readonly name: string;
  readonly total: number;
  readonly updated: number;
  readonly removed: number;
  readonly droppedLate: number;
  /** Only de-duplication counts them. */
  readonly droppedDuplicates: number;
}

/** Spark's error: its condition (`DIVIDE_BY_ZERO`), and the first line of its message. */
export interface ErrorOutcome {
  readonly condition: string;
  readonly message: string;
}
