import { ConfigError } from '../core/errors.ts';
import type { QueryOwner, QuerySpec } from '../dataset/data-stream-writer.ts';
import { Dataset } from '../dataset/dataset.ts';
import { parseInterval } from '../dataset/interval.ts';
import type { Row } from '../dataset/value.ts';
import type { ColumnType } from '../dataset/value-type.ts';

/** Names of column types, and what they hold. Timestamps are ms since 1970. */
export interface ColumnTypes extends Record<ColumnType, unknown> {
  readonly string: string;
  readonly long: number;
  readonly integer: number;
  readonly double: number;
  readonly boolean: boolean;
  readonly timestamp: number;
}

/** The columns of a stream or table, by name. */
export type Schema = { readonly [column: string]: keyof ColumnTypes };

/** The rows of a schema. Any column may be null. */
export type RowOf<S extends Schema> = { readonly [K in keyof S]: ColumnTypes[S[K]] | null };

/** Models Spark 4.x's SparkSession, with what streaming queries need. */
export class SparkSession implements QueryOwner {
  #query: QuerySpec | undefined;
  readonly #logs: ReadonlySet<string>;

  constructor(logs: Iterable<string>) {
    this.#logs = new Set(logs);
  }

  /** Reads a log of the scenario as a stream. */
  get readStream(): DataStreamReader<Schema> {
    return new DataStreamReader({}, this.#logs, this);
  }

  /** A table that does not change. */
  createDataFrame<S extends Schema>(rows: readonly RowOf<S>[], schema: S): Dataset<RowOf<S>> {
    const columns = Object.keys(schema);
    const types = Object.values(schema);
    return new Dataset({ type: 'static', columns, types, rows: rows as readonly Row[] }, this);
  }

  start(query: QuerySpec): void {
    if (this.#query !== undefined) {
      throw new ConfigError(
        'a scenario runs one query',
        `${this.#query.name} and ${query.name}`,
        'give the other query a scenario of its own: it has its own checkpoint and watermark',
      );
    }
    this.#query = query;
  }

  /** The query that was started. @throws ConfigError when none was. */
  started(): QuerySpec {
    if (this.#query !== undefined) return this.#query;
    throw new ConfigError(
      'a scenario must start its query',
      'no call of start()',
      'end with .writeStream.start()',
    );
  }
}

interface ReadOptions {
  readonly maxOffsetsPerTrigger?: number;
  readonly minOffsetsPerTrigger?: number;
  readonly maxTriggerDelayMs?: number;
  readonly startingOffsets?: 'earliest' | 'latest';
  readonly failOnDataLoss?: boolean;
}

/** Models Spark 4.x's DataStreamReader, with the options of its Kafka source. */
export class DataStreamReader<S extends Schema> {
  readonly #schema: S | undefined;
  readonly #options: ReadOptions;
  readonly #logs: ReadonlySet<string>;
  readonly #owner: QueryOwner;

  constructor(options: ReadOptions, logs: ReadonlySet<string>, owner: QueryOwner, schema?: S) {
    this.#options = options;
    this.#logs = logs;
    this.#owner = owner;
    this.#schema = schema;
  }

  /** The columns of the rows in the log. */
  schema<T extends Schema>(schema: T): DataStreamReader<T> {
    return new DataStreamReader(this.#options, this.#logs, this.#owner, schema);
  }

  /**
   * `maxOffsetsPerTrigger`, `minOffsetsPerTrigger`, `maxTriggerDelay` (15 minutes),
   * `startingOffsets` (`earliest` here; a Kafka source's default is `latest`) or `failOnDataLoss`
   * (true).
   */
  option(name: string, value: string | number | boolean): DataStreamReader<S> {
    return new DataStreamReader(
      { ...this.#options, ...readOption(name, value) },
      this.#logs,
      this.#owner,
      this.#schema,
    );
  }

  /** @throws ConfigError when there is no such log, or no schema was given. */
  load(log: string): Dataset<RowOf<S>> {
    if (!this.#logs.has(log)) {
      throw new ConfigError(
        'a stream must read a log of the scenario',
        log,
        `use one of ${[...this.#logs].join(', ')}`,
      );
    }
    if (this.#schema === undefined) {
      throw new ConfigError(
        'Schema must be specified when creating a streaming source DataFrame',
        log,
        "call .schema({ time: 'timestamp', key: 'string' }) before",
      );
    }
    const plan = {
      type: 'stream',
      log,
      columns: Object.keys(this.#schema),
      types: Object.values(this.#schema),
      maxOffsetsPerTrigger: this.#options.maxOffsetsPerTrigger,
      minOffsetsPerTrigger: this.#options.minOffsetsPerTrigger,
      maxTriggerDelayMs: this.#options.maxTriggerDelayMs ?? parseInterval('15 minutes'),
      startingOffsets: this.#options.startingOffsets ?? 'earliest',
      failOnDataLoss: this.#options.failOnDataLoss ?? true,
    } as const;
    return new Dataset(plan, this.#owner);
  }
}

function readOption(name: string, value: string | number | boolean): ReadOptions {
  switch (name) {
    case 'maxOffsetsPerTrigger':
    case 'minOffsetsPerTrigger': {
      const count = Number(value);
      if (Number.isInteger(count) && count > 0) return { [name]: count };
      throw new ConfigError(`${name} must be a whole number > 0`, value, 'give a number of rows');
    }
    case 'maxTriggerDelay':
      return { maxTriggerDelayMs: parseInterval(String(value)) };
    case 'startingOffsets':
      if (value === 'earliest' || value === 'latest') return { startingOffsets: value };
      throw new ConfigError('startingOffsets must be earliest or latest', value, 'choose one');
    case 'failOnDataLoss':
      if (['true', 'false'].includes(String(value))) {
        return { failOnDataLoss: String(value) === 'true' };
      }
      throw new ConfigError('failOnDataLoss must be true or false', value, 'choose one');
    default:
      throw new ConfigError(
        'an option of a reader must be one that is modelled',
        name,
        'use maxOffsetsPerTrigger, minOffsetsPerTrigger, maxTriggerDelay, startingOffsets or ' +
          'failOnDataLoss',
      );
  }
}
