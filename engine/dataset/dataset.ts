import { ConfigError } from '../core/errors.ts';
import { attributesOf } from './attributes.ts';
import { Column, toExpression } from './column.ts';
import type { AnyColumn, Unresolved } from './column.ts';
import { DataStreamWriter } from './data-stream-writer.ts';
import type { QueryOwner } from './data-stream-writer.ts';
import { nameOf } from './expression.ts';
import { count } from './functions.ts';
import { parseInterval } from './interval.ts';
import { KeyValueGroupedDataset } from './key-value-grouped-dataset.ts';
import type { JoinType, LogicalPlan, NamedExpression } from './plan.ts';
import type { Row, Value } from './value.ts';

/** A column, or the name of one. */
export type ColumnOrName = AnyColumn | string;

type NameOf<C> = C extends string ? C : C extends Column<unknown, infer N> ? N : never;

type ValueOf<R, C> = C extends keyof R
  ? R[C]
  : C extends Column<infer T, infer N>
    ? T extends Unresolved
      ? N extends keyof R
        ? R[N]
        : Value
      : T
    : Value;

/** The row that these columns of an `R` make. */
export type Selected<R, C extends readonly ColumnOrName[]> = {
  readonly [K in C[number] as NameOf<K>]: ValueOf<R, K>;
};

const JOIN_TYPES: { readonly [name: string]: JoinType } = {
  inner: 'inner',
  left: 'left_outer',
  leftouter: 'left_outer',
  right: 'right_outer',
  rightouter: 'right_outer',
  outer: 'full_outer',
  full: 'full_outer',
  fullouter: 'full_outer',
  leftsemi: 'left_semi',
  semi: 'left_semi',
  leftanti: 'left_anti',
  anti: 'left_anti',
};

/**
 * Models Spark 4.x's Dataset: a query over streams and tables, as a plan that is only run when it
 * is started. `R` is the type of its rows. Every method makes a new Dataset.
 */
export class Dataset<R> {
  declare readonly rowType: R;
  readonly plan: LogicalPlan;
  readonly #owner: QueryOwner;

  constructor(plan: LogicalPlan, owner: QueryOwner) {
    // Finds columns that are not there where the mistake was made.
    attributesOf(plan);
    this.plan = plan;
    this.#owner = owner;
  }

  /** Names of its columns, in order. */
  get columns(): readonly string[] {
    return attributesOf(this.plan).map(({ name }) => name);
  }

  /** A column of this Dataset, with its type. */
  col<N extends keyof R & string>(name: N): Column<R[N], N> {
    return new Column({ type: 'column', name });
  }

  select<const C extends readonly ColumnOrName[]>(...columns: C): Dataset<Selected<R, C>> {
    return this.#with({ type: 'project', child: this.plan, columns: columns.map(named) });
  }

  withColumn<N extends string, T>(
    name: N,
    column: Column<T, string>,
  ): Dataset<Omit<R, N> & { readonly [K in N]: ValueOf<R, Column<T>> }> {
    const added = { name, expression: column.expression };
    const kept = this.columns.map((other) => (other === name ? added : named(other)));
    const columns = this.columns.includes(name) ? kept : [...kept, added];
    return this.#with({ type: 'project', child: this.plan, columns });
  }

  drop<N extends keyof R & string>(...names: readonly N[]): Dataset<Omit<R, N>> {
    const kept = this.columns.filter((name) => !names.includes(name as N));
    return this.#with({ type: 'project', child: this.plan, columns: kept.map(named) });
  }

  /** Keeps the rows where the condition is true: neither false nor null. */
  filter(condition: AnyColumn | ((row: R) => boolean)): Dataset<R> {
    if (typeof condition === 'function') {
      return this.flatMap((row) => (condition(row) ? [row as unknown as Row] : []), this.columns);
    }
    return this.#with({ type: 'filter', child: this.plan, condition: condition.expression });
  }

  where(condition: AnyColumn | ((row: R) => boolean)): Dataset<R> {
    return this.filter(condition);
  }

  /** Calls a function with each row. Like Spark's encoder, the columns of the result are named. */
  map<S extends Row>(act: (row: R) => S, columns: readonly (keyof S & string)[]): Dataset<S> {
    return this.flatMap((row) => [act(row)], columns);
  }

  flatMap<S>(act: (row: R) => readonly Row[], columns: readonly string[]): Dataset<S> {
    const each = act as unknown as (row: Row) => readonly Row[];
    return this.#with({ type: 'map', child: this.plan, columns, act: each });
  }

  /**
   * Event time is in this column, and rows may come this much behind the latest seen.
   * @throws ConfigError for a negative delay.
   */
  withWatermark(eventTime: keyof R & string, delayThreshold: string): Dataset<R> {
    const delayMs = parseInterval(delayThreshold);
    if (delayMs < 0) {
      throw new ConfigError(
        `delay threshold (${delayThreshold}) should not be negative`,
        delayThreshold,
        "use for example '10 minutes'",
      );
    }
    return this.#with({ type: 'watermark', child: this.plan, column: eventTime, delayMs });
  }

  groupBy<const C extends readonly ColumnOrName[]>(
    ...columns: C
  ): RelationalGroupedDataset<R, Selected<R, C>> {
    return new RelationalGroupedDataset(this.plan, columns.map(named), this.#owner);
  }

  /** Groups for a function of one's own with state. */
  groupByKey<K extends Value>(key: (row: R) => K): KeyValueGroupedDataset<R, K> {
    return new KeyValueGroupedDataset(
      this.plan,
      key as unknown as (row: Row) => Value,
      (plan) => new Dataset<unknown>(plan, this.#owner),
    );
  }

  /** The first row of each value of these columns, for all time; without names, of whole rows. */
  dropDuplicates(...names: readonly (keyof R & string)[]): Dataset<R> {
    const keys = names.length === 0 ? this.columns : names;
    return this.#with({ type: 'deduplicate', child: this.plan, keys, isWithinWatermark: false });
  }

  /** As dropDuplicates, but a value is forgotten its delay after the first row that had it. */
  dropDuplicatesWithinWatermark(...names: readonly (keyof R & string)[]): Dataset<R> {
    const keys = names.length === 0 ? this.columns : names;
    return this.#with({ type: 'deduplicate', child: this.plan, keys, isWithinWatermark: true });
  }

  /** @throws ConfigError for a type of join that there is not, or two columns of one name. */
  join<S>(right: Dataset<S>, condition?: AnyColumn, joinType = 'inner'): Dataset<R & S> {
    const type = JOIN_TYPES[joinType.toLowerCase().replaceAll('_', '')];
    if (type === undefined) {
      throw new ConfigError(
        '[UNSUPPORTED_JOIN_TYPE] a join must be of a type that there is',
        joinType,
        'use inner, left_outer, right_outer, full_outer, left_semi or left_anti',
      );
    }
    return this.#with({
      type: 'join',
      left: this.plan,
      right: right.plan,
      joinType: type,
      condition: condition?.expression,
    });
  }

  union(other: Dataset<R>): Dataset<R> {
    return this.#with({ type: 'union', left: this.plan, right: other.plan });
  }

  /** On streams: complete mode after an aggregation only. */
  orderBy(...columns: readonly ColumnOrName[]): Dataset<R> {
    const orders = columns.map((column) => ({
      expression: named(column).expression,
      isDescending: false,
    }));
    return this.#with({ type: 'sort', child: this.plan, orders });
  }

  orderByDescending(...columns: readonly ColumnOrName[]): Dataset<R> {
    const orders = columns.map((column) => ({
      expression: named(column).expression,
      isDescending: true,
    }));
    return this.#with({ type: 'sort', child: this.plan, orders });
  }

  /** @throws ConfigError for a count that is no whole number ≥ 0. */
  limit(count: number): Dataset<R> {
    if (!Number.isInteger(count) || count < 0) {
      throw new ConfigError(
        '[INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE] a limit is a whole number ≥ 0',
        count,
        'give a number of rows',
      );
    }
    return this.#with({ type: 'limit', child: this.plan, count });
  }

  /** Where and how the results go. */
  get writeStream(): DataStreamWriter<R> {
    return new DataStreamWriter<R>(this.plan, this.#owner);
  }

  #with<S>(plan: LogicalPlan): Dataset<S> {
    return new Dataset<S>(plan, this.#owner);
  }
}

/** Models Spark 4.x's RelationalGroupedDataset: rows by the values of columns. */
export class RelationalGroupedDataset<R, K> {
  readonly #child: LogicalPlan;
  readonly #keys: readonly NamedExpression[];
  readonly #owner: QueryOwner;

  constructor(child: LogicalPlan, keys: readonly NamedExpression[], owner: QueryOwner) {
    this.#child = child;
    this.#keys = keys;
    this.#owner = owner;
  }

  /** One row per group, with its keys and these aggregates. */
  agg<const C extends readonly AnyColumn[]>(...columns: C): Dataset<K & Selected<R, C>> {
    if (columns.length === 0) {
      throw new ConfigError(
        'agg() needs at least one aggregate',
        'none',
        "use for example .agg(count().as('count'))",
      );
    }
    const plan = {
      type: 'aggregate',
      child: this.#child,
      keys: this.#keys,
      aggregates: columns.map(named),
    } as const;
    return new Dataset<K & Selected<R, C>>(plan, this.#owner);
  }

  /** Rows per group, in a column `count`. */
  count(): Dataset<K & { readonly count: number }> {
    return this.agg(count().as('count')) as unknown as Dataset<K & { readonly count: number }>;
  }
}

function named(column: ColumnOrName): NamedExpression {
  if (typeof column === 'string') {
    return {
      name: column.split('.').at(-1) as string,
      expression: { type: 'column', name: column },
    };
  }
  const expression = toExpression(column);
  return { name: nameOf(expression), expression };
}
