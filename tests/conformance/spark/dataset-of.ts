import {
  abs,
  avg,
  coalesce,
  col,
  collect_list,
  concat,
  count,
  count_distinct,
  expr,
  first,
  floor,
  last,
  length,
  lit,
  lower,
  max,
  min,
  not,
  session_window,
  sum,
  upper,
  when,
  window,
  window_time,
} from '#engine/spark';
import type { AnyColumn, Dataset, GroupState, Row, SparkSession } from '#engine/spark';
import { PlainProcessor, SeededProcessor } from './processors.ts';
import type { Expr, GroupProgram, Plan, SparkScenario, TransformProgram } from './scenario.ts';

type AnyDataset = Dataset<Row>;

/** The query of a scenario in the words of the Dataset API. */
export function datasetOf({ streams, query }: SparkScenario, spark: SparkSession): AnyDataset {
  return build(query, spark, streams);
}

function build(plan: Plan, spark: SparkSession, streams: readonly string[]): AnyDataset {
  const of = (child: Plan): AnyDataset => build(child, spark, streams);
  switch (plan.op) {
    case 'stream': {
      const at = streams.indexOf(plan.name);
      const suffix = at === 0 ? '' : String(at + 1);
      const schema = {
        [`time${suffix}`]: 'timestamp',
        [`key${suffix}`]: 'string',
        [`value${suffix}`]: 'long',
      } as const;
      return spark.readStream.schema(schema).load(plan.name) as unknown as AnyDataset;
    }
    case 'table': {
      return tableOf(plan.rows, spark);
    }
    case 'join': {
      const condition = plan.condition === null ? undefined : column(plan.condition);
      return of(plan.left).join(of(plan.right), condition, plan.joinType);
    }
    case 'union':
      return of(plan.left).union(of(plan.right));
    default:
      return onOne(plan, of(plan.child), spark);
  }
}

function onOne(
  plan: Exclude<Plan, { op: 'stream' | 'table' | 'join' | 'union' }>,
  child: AnyDataset,
  spark: SparkSession,
): AnyDataset {
  switch (plan.op) {
    case 'select':
      return child.select(...plan.columns.map(column)) as AnyDataset;
    case 'filter':
      return child.filter(column(plan.condition));
    case 'watermark':
      return child.withWatermark(plan.column, plan.delay);
    case 'aggregate':
      return child
        .groupBy(...plan.keys.map(column))
        .agg(...plan.aggregates.map(column)) as AnyDataset;
    case 'deduplicate':
      return plan.isWithinWatermark
        ? child.dropDuplicatesWithinWatermark(...plan.columns)
        : child.dropDuplicates(...plan.columns);
    case 'sort':
      return plan.isDescending
        ? child.orderByDescending(...plan.columns)
        : child.orderBy(...plan.columns);
    case 'limit':
      return child.limit(plan.count);
    case 'groups':
      return groups(plan, child);
    case 'transform':
      return transform(plan, child, spark);
  }
}

function tableOf(
  rows: readonly (readonly [string | null, number | null])[],
  spark: SparkSession,
): AnyDataset {
  const named = rows.map(([name, rank]) => ({ name, rank }));
  const table = spark.createDataFrame(named, { name: 'string', rank: 'long' });
  return table as unknown as AnyDataset;
}

function transform(program: TransformProgram, child: AnyDataset, spark: SparkSession): AnyDataset {
  const grouped = child.groupByKey((row) => row['key'] as string);
  const { timeMode, outputMode, initial } = program;
  if (initial.length === 0) {
    const processor = new PlainProcessor(program);
    return grouped.transformWithState(COUNT_COLUMNS, processor, timeMode, outputMode);
  }
  const table = tableOf(initial, spark).groupByKey((row) => row['name'] as string);
  const processor = new SeededProcessor(program);
  return grouped.transformWithState(COUNT_COLUMNS, processor, timeMode, outputMode, table);
}

const COUNT_COLUMNS = ['key', 'count', 'kind'] as const;

function groups(program: GroupProgram, child: AnyDataset): AnyDataset {
  const { outputMode, timeout, isMap } = program;
  const grouped = child.groupByKey((row) => row['key'] as string);
  const act = (key: string, rows: readonly Row[], state: GroupState<number>): Row[] =>
    callProgram(program, key, rows, state);
  if (!isMap) {
    return grouped.flatMapGroupsWithState<number, Row>(COUNT_COLUMNS, outputMode, timeout, act);
  }
  return grouped.mapGroupsWithState<number, Row>(COUNT_COLUMNS, timeout, (key, rows, state) => {
    return act(key, rows, state)[0] ?? { key, count: 0, kind: 'nothing' };
  });
}

function callProgram(
  program: GroupProgram,
  key: string,
  rows: readonly Row[],
  state: GroupState<number>,
): Row[] {
  const { onTimeout, limit, isTalkative } = program;
  let total = state.getOption() ?? 0;
  if (state.hasTimedOut) {
    if (onTimeout === 'remove') state.remove();
    if (onTimeout === 'rearm') {
      state.update(total);
      setTimeout(program, state, 0);
    }
    return [{ key, count: total, kind: 'timeout' }];
  }
  total += rows.length;
  if (total >= limit) {
    state.remove();
    return [{ key, count: total, kind: 'full' }];
  }
  state.update(total);
  const times = rows.map((row) => (row['time'] ?? 0) as number);
  setTimeout(program, state, Math.max(0, ...times));
  return isTalkative ? [{ key, count: total, kind: 'count' }] : [];
}

function setTimeout(
  { timeout, timeoutMs }: GroupProgram,
  state: GroupState<number>,
  latestMs: number,
): void {
  if (timeout === 'ProcessingTimeTimeout') state.setTimeoutDuration(timeoutMs);
  if (timeout === 'EventTimeTimeout') {
    state.setTimeoutTimestamp(Math.max(latestMs, state.getCurrentWatermarkMs()) + timeoutMs);
  }
}

const CALLS: { readonly [name: string]: (...args: AnyColumn[]) => AnyColumn } = {
  '=': (left, right) => left!.equalTo(right!),
  '<=>': (left, right) => left!.eqNullSafe(right!),
  '<>': (left, right) => left!.notEqual(right!),
  '<': (left, right) => left!.lt(right!),
  '<=': (left, right) => left!.leq(right!),
  '>': (left, right) => left!.gt(right!),
  '>=': (left, right) => left!.geq(right!),
  '+': (left, right) => left!.plus(right!),
  '-': (left, right) => left!.minus(right!),
  '*': (left, right) => left!.multiply(right!),
  '/': (left, right) => left!.divide(right!),
  '%': (left, right) => left!.mod(right!),
  AND: (left, right) => left!.and(right!),
  OR: (left, right) => left!.or(right!),
  NOT: (of) => not(of!),
  ISNULL: (of) => of!.isNull(),
  ISNOTNULL: (of) => of!.isNotNull(),
  COALESCE: (...args) => coalesce(...args),
  CONCAT: (...args) => concat(...args),
  FLOOR: (of) => floor(of!),
  ABS: (of) => abs(of!),
  UPPER: (of) => upper(of!),
  LOWER: (of) => lower(of!),
  LENGTH: (of) => length(of!),
  CASE: (condition, value, ...more) => {
    let cases = when(condition!, value!);
    let at = 0;
    for (; at + 1 < more.length; at += 2) cases = cases.when(more[at]!, more[at + 1]!);
    return at < more.length ? cases.otherwise(more[at]!) : cases;
  },
};

const AGGREGATES: { readonly [name: string]: (of: AnyColumn) => AnyColumn } = {
  count,
  count_distinct,
  sum,
  avg,
  min,
  max,
  first,
  last,
  collect_list,
};

function column(expression: Expr): AnyColumn {
  switch (expression.op) {
    case 'col':
      return col(expression.name);
    case 'lit':
      return lit(expression.value);
    case 'interval':
      return expr(`INTERVAL ${expression.text}`);
    case 'call':
      return CALLS[expression.name]!(...expression.args.map(column));
    case 'field':
      return column(expression.of).getField(expression.name);
    case 'as':
      return column(expression.of).as(expression.name);
    case 'window': {
      const { time, size, slide, start } = expression;
      return window(column(time), size, slide, start);
    }
    case 'session': {
      const { time, gap } = expression;
      return session_window(column(time), typeof gap === 'string' ? gap : column(gap));
    }
    case 'window_time':
      return window_time(column(expression.of));
    case 'aggregate':
      return AGGREGATES[expression.name]!(expression.of === null ? lit(1) : column(expression.of));
  }
}
