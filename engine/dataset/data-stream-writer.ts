import { ConfigError } from '../core/errors.ts';
import { parseInterval } from './interval.ts';
import type { LogicalPlan, OutputMode } from './plan.ts';
import type { Row } from './value.ts';

/** When a query looks for new data. */
export type TriggerSpec =
  | { readonly type: 'processing-time'; readonly intervalMs: number }
  | { readonly type: 'available-now' }
  | { readonly type: 'once' }
  | { readonly type: 'continuous' | 'real-time'; readonly intervalMs: number };

/** Models Spark 4.x's Trigger. */
export const Trigger = {
  /** A batch every interval; the next at once when one takes longer. 0: as soon as possible. */
  ProcessingTime(interval: string | number): TriggerSpec {
    return { type: 'processing-time', intervalMs: lengthOf(interval) };
  },
  /** What is there now, in as many batches as the limits ask for; then the query ends. */
  AvailableNow(): TriggerSpec {
    return { type: 'available-now' };
  },
  /** What is there now, in one batch; then the query ends. Deprecated since Spark 3.4. */
  Once(): TriggerSpec {
    return { type: 'once' };
  },
  /** Long-running tasks with a checkpoint every interval: described, and refused when started. */
  Continuous(interval: string | number): TriggerSpec {
    return { type: 'continuous', intervalMs: lengthOf(interval) };
  },
  /** Long-running batches of this length: described, and refused when started. */
  RealTime(interval: string | number): TriggerSpec {
    return { type: 'real-time', intervalMs: lengthOf(interval) };
  },
};

function lengthOf(interval: string | number): number {
  const intervalMs = typeof interval === 'number' ? interval : parseInterval(interval);
  if (Number.isInteger(intervalMs) && intervalMs >= 0) return intervalMs;
  throw new ConfigError(
    'the interval of a trigger should not be negative',
    interval,
    "use for example '10 seconds'",
  );
}

/** What a batch's rows may be written to from foreachBatch. Each call is one write. */
export interface ExternalTable {
  /** Rows as they are, again whenever it is called again. */
  insert(rows: readonly Row[]): void;
  /** The last row of each value of the key columns stays. */
  upsert(key: readonly string[], rows: readonly Row[]): void;
  /** The row with the greatest version of each value of the key columns stays. */
  upsertNewer(key: readonly string[], version: string, rows: readonly Row[]): void;
  /** Adds numbers to those that are there, by key. */
  increment(key: readonly string[], column: string, rows: readonly Row[]): void;
  /** Whether a batch was written in a transaction with its id; false when it was not. */
  hasBatch(batchId: number): boolean;
  /** Rows and the batch's id in one transaction; nothing when the id is there. */
  insertOnce(batchId: number, rows: readonly Row[]): void;
  /**
   * Everything that `write` does to this table, and the batch's id, in one transaction: all of it,
   * or nothing when it throws. Returns false, and does nothing, when the id is there.
   */
  commitBatch(batchId: number, write: () => void): boolean;
  rows(): readonly Row[];
}

/** Gets the rows of a batch, its id and the tables outside. */
export type ForeachBatch<R> = (
  rows: readonly R[],
  batchId: number,
  table: (name: string) => ExternalTable,
) => void;

/**
 * Where rows go. `memory` and `file` know which batch they have (as MemorySink and FileStreamSink);
 * `kafka` does not: a batch that runs again is there twice. `delta` is a lake table whose log knows
 * the batches of each query.
 */
export type SinkSpec =
  | { readonly type: 'memory' | 'file' | 'kafka'; readonly name: string }
  | { readonly type: 'delta'; readonly name: string; readonly partitionBy: readonly string[] }
  | { readonly type: 'foreachBatch'; readonly name: string; readonly act: ForeachBatch<Row> };

/** A query that is ready to be started. */
export interface QuerySpec {
  readonly name: string;
  readonly plan: LogicalPlan;
  readonly outputMode: OutputMode;
  readonly trigger: TriggerSpec;
  readonly sink: SinkSpec;
  readonly checkpointLocation: string | undefined;
}

/** Who runs queries. */
export interface QueryOwner {
  start(query: QuerySpec): void;
}

type Format = 'memory' | 'file' | 'kafka' | 'delta';

const FORMATS: { readonly [format: string]: Format } = {
  memory: 'memory',
  parquet: 'file',
  json: 'file',
  csv: 'file',
  file: 'file',
  kafka: 'kafka',
  delta: 'delta',
};

/** Models Spark 4.x's DataStreamWriter. */
export class DataStreamWriter<R> {
  readonly #plan: LogicalPlan;
  readonly #owner: QueryOwner;
  #outputMode: OutputMode = 'append';
  #trigger: TriggerSpec = { type: 'processing-time', intervalMs: 0 };
  #name: string | undefined;
  #format: Format = 'memory';
  #partitionBy: readonly string[] = [];
  #act: ForeachBatch<R> | undefined;
  #checkpointLocation: string | undefined;

  constructor(plan: LogicalPlan, owner: QueryOwner) {
    this.#plan = plan;
    this.#owner = owner;
  }

  /** `append` (default), `update` or `complete`. */
  outputMode(mode: string): this {
    const known = mode.toLowerCase();
    if (known !== 'append' && known !== 'update' && known !== 'complete') {
      throw new ConfigError(
        '[STREAMING_OUTPUT_MODE.INVALID] an output mode is append, update or complete',
        mode,
        'choose one',
      );
    }
    this.#outputMode = known;
    return this;
  }

  trigger(trigger: TriggerSpec): this {
    this.#trigger = trigger;
    return this;
  }

  queryName(name: string): this {
    this.#name = name;
    return this;
  }

  /** Columns whose values name the directories of a lake table. */
  partitionBy(...columns: string[]): this {
    this.#partitionBy = columns;
    return this;
  }

  /** `memory` (default), `kafka`, `delta`, or a kind of file: `parquet`, `json`, `csv`. */
  format(format: string): this {
    const known = FORMATS[format.toLowerCase()];
    if (known === undefined) {
      throw new ConfigError(
        'a sink must be of a format that is modelled',
        format,
        `use ${Object.keys(FORMATS).join(', ')}, or foreachBatch()`,
      );
    }
    this.#format = known;
    return this;
  }

  option(name: string, value: string): this {
    if (name !== 'checkpointLocation') {
      throw new ConfigError(
        'an option of a writer must be one that is modelled',
        name,
        'use checkpointLocation',
      );
    }
    this.#checkpointLocation = value;
    return this;
  }

  /** Hands every batch to a function: with its id, so that it can be written once. */
  foreachBatch(act: ForeachBatch<R>): this {
    this.#act = act;
    return this;
  }

  start(): void {
    this.#start(this.#name ?? 'query');
  }

  /** Starts a query that writes into a table that knows which batch it has. */
  toTable(name: string): void {
    if (this.#format !== 'delta') this.#format = 'file';
    this.#start(name);
  }

  #start(name: string): void {
    const sink = this.#sink(name);
    if (sink.type === 'delta' && this.#outputMode === 'update') {
      throw new ConfigError(
        'Data source delta does not support Update output mode',
        this.#outputMode,
        'use append or complete mode, or merge the rows in foreachBatch()',
      );
    }
    if (sink.type === 'file' && this.#outputMode !== 'append') {
      throw new ConfigError(
        'data source parquet does not support this output mode',
        this.#outputMode,
        'files can only be appended to: use append mode, or foreachBatch()',
      );
    }
    this.#owner.start({
      name,
      plan: this.#plan,
      outputMode: this.#outputMode,
      trigger: this.#trigger,
      sink,
      checkpointLocation: this.#checkpointLocation,
    });
  }

  #sink(name: string): SinkSpec {
    if (this.#act !== undefined) {
      return { type: 'foreachBatch', name, act: this.#act as unknown as ForeachBatch<Row> };
    }
    if (this.#format === 'delta') return { type: 'delta', name, partitionBy: this.#partitionBy };
    if (this.#partitionBy.length === 0) return { type: this.#format, name };
    throw new ConfigError(
      'directories by partition are modelled for lake tables only',
      `partitionBy(${this.#partitionBy.join(', ')}) with ${this.#format}`,
      "use format('delta'), or leave partitionBy out",
    );
  }
}
