import { ConfigError } from '../core/errors.ts';
import { Column, toExpression } from './column.ts';
import type { AnyColumn, Operand, Unresolved } from './column.ts';
import { nameOf } from './expression.ts';
import type { AggregateName, CallName, Expression } from './expression.ts';
import { parseInterval } from './interval.ts';
import type { Value, WindowValue } from './value.ts';

/**
 * Models the functions of Spark 4.x's org.apache.spark.sql.functions that streaming queries use.
 */
export function col<N extends string>(name: N): Column<Unresolved, N> {
  return new Column({ type: 'column', name });
}

/** A value that stands in every row. */
export function lit<T extends Value>(value: T): Column<T> {
  return new Column({ type: 'literal', value });
}

/**
 * An interval, as in `col('time').plus(expr('INTERVAL 1 HOUR'))`.
 * @throws ConfigError for any other SQL text: it is not parsed here.
 */
export function expr(text: string): Column<number> {
  if (!/^\s*interval\s/i.test(text)) {
    throw new ConfigError(
      'expr() knows intervals only',
      text,
      "write 'INTERVAL 10 MINUTES', or use col() and its methods",
    );
  }
  return new Column({ type: 'interval', ms: parseInterval(text) });
}

const call = <T>(name: CallName, ...args: readonly Operand[]): Column<T> =>
  new Column<T>({ type: 'call', name, args: args.map(toExpression) });

export const not = (column: AnyColumn): Column<boolean | null> => call('NOT', column);
export const coalesce = (...columns: readonly Operand[]): Column<Value> =>
  call('COALESCE', ...columns);
export const concat = (...columns: readonly Operand[]): Column<string | null> =>
  call('CONCAT', ...columns);
export const floor = (column: AnyColumn): Column<number | null> => call('FLOOR', column);
/** The time so many ms after 1970 began: a number is no timestamp. */
export const timestamp_millis = (column: AnyColumn): Column<number | null> =>
  call('TIMESTAMP_MILLIS', column);
export const abs = (column: AnyColumn): Column<number | null> => call('ABS', column);
export const upper = (column: AnyColumn): Column<string | null> => call('UPPER', column);
export const lower = (column: AnyColumn): Column<string | null> => call('LOWER', column);
export const length = (column: AnyColumn): Column<number | null> => call('LENGTH', column);

/** A CASE that can be given more branches and a last one. */
export class CaseColumn<T> extends Column<T | null> {
  when<V extends Value>(condition: AnyColumn, value: AnyColumn | V): CaseColumn<T | V> {
    const { args } = this.expression as { readonly args: readonly Expression[] };
    const more = [condition.expression, toExpression(value)];
    return new CaseColumn({ type: 'call', name: 'CASE', args: [...args, ...more] });
  }

  otherwise<V extends Value>(value: AnyColumn | V): Column<T | V> {
    const { args } = this.expression as { readonly args: readonly Expression[] };
    return new Column({ type: 'call', name: 'CASE', args: [...args, toExpression(value)] });
  }
}

/** The value where the condition is true; without `otherwise`, null elsewhere. */
export function when<T extends Value>(condition: AnyColumn, value: AnyColumn | T): CaseColumn<T> {
  const args = [condition.expression, toExpression(value)];
  return new CaseColumn({ type: 'call', name: 'CASE', args });
}

/** A function of one's own, called with the values of its columns in every row. */
export function udf<A extends readonly Value[], T extends Value>(
  act: (...values: A) => T,
  name = act.name || 'UDF',
): (...columns: readonly Operand[]) => Column<T> {
  return (...columns) =>
    new Column({
      type: 'udf',
      name,
      act: act as unknown as (...values: Value[]) => Value,
      args: columns.map(toExpression),
    });
}

function aggregate<T, N extends string>(
  name: AggregateName,
  column: Operand | undefined,
  isDistinct = false,
): Column<T, N> {
  const child = column === undefined ? toExpression(1) : toExpression(column);
  return new Column<T, N>({ type: 'aggregate', name, child, isDistinct });
}

const named = (column: AnyColumn | string): AnyColumn =>
  typeof column === 'string' && column !== '*' ? col(column) : (column as AnyColumn);

/** Rows of a group; with a column, those where it is not null. */
export function count(column: AnyColumn | string = '*'): Column<number> {
  return aggregate('count', column === '*' ? undefined : named(column));
}

/** Refused on streams, for Spark's reason: the set of values would have to be kept. */
export function count_distinct(column: AnyColumn | string): Column<number> {
  return aggregate('count', named(column), true);
}

export const sum = (column: AnyColumn | string): Column<number | null> =>
  aggregate('sum', named(column));
export const avg = (column: AnyColumn | string): Column<number | null> =>
  aggregate('avg', named(column));
export const min = (column: AnyColumn | string): Column<Value> => aggregate('min', named(column));
export const max = (column: AnyColumn | string): Column<Value> => aggregate('max', named(column));
export const first = (column: AnyColumn | string): Column<Value> =>
  aggregate('first', named(column));
export const last = (column: AnyColumn | string): Column<Value> => aggregate('last', named(column));
export const collect_list = (column: AnyColumn | string): Column<readonly Value[]> =>
  aggregate('collect_list', named(column));

/**
 * Time windows [start, end): tumbling, or sliding when a slide is given. Models Spark 4.2.0
 * TimeWindow and ResolveTimeWindows.
 * @throws ConfigError when slide > size, a length is not positive, or |start time| ≥ slide.
 */
export function window(
  time: AnyColumn,
  windowDuration: string,
  slideDuration: string = windowDuration,
  startTime = '0 seconds',
): Column<WindowValue, 'window'> {
  const sizeMs = parseInterval(windowDuration);
  const slideMs = parseInterval(slideDuration);
  const startMs = parseInterval(startTime);
  for (const [what, ms] of [
    ['windowDuration', sizeMs],
    ['slideDuration', slideMs],
  ] as const) {
    if (ms > 0) continue;
    throw new ConfigError(
      `[DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE] the ${what} of window() must be > 0`,
      `${ms} ms`,
      "use for example '10 minutes'",
    );
  }
  if (slideMs > sizeMs) {
    throw new ConfigError(
      '[DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION] slideDuration must be ≤ windowDuration',
      `${slideMs} ms > ${sizeMs} ms`,
      'make the slide at most the size: Spark has no windows with gaps between them',
    );
  }
  if (Math.abs(startMs) >= slideMs) {
    throw new ConfigError(
      '[DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION] abs(startTime) must be < slideDuration',
      `${startMs} ms`,
      'give a start time within one slide',
    );
  }
  return new Column({ type: 'window', time: time.expression, sizeMs, slideMs, startMs });
}

/** The last moment of a window (end − 1 µs): the event time of what follows. */
export function window_time(column: AnyColumn): Column<number | null, 'window_time'> {
  return new Column({ type: 'window_time', window: column.expression });
}

/**
 * Sessions: a row opens [time, time + gap), and those of a key that overlap or touch are one.
 * The gap may be a column of text, such as `when(…, '5 seconds')`. Text that is no length makes no
 * session, and neither does one that is not positive: as in Spark, such rows vanish without a word.
 */
export function session_window(
  time: AnyColumn,
  gap: string | AnyColumn,
): Column<WindowValue, 'session_window'> {
  const expression = toExpression(gap);
  if (resultsOf(expression).some(({ type }) => type === 'interval')) {
    throw new ConfigError(
      'Gap duration expression used in session window must be CalendarIntervalType, but got ' +
        'DayTimeIntervalType',
      nameOf(expression),
      "give the lengths as text: when(condition, '5 seconds')",
    );
  }
  return new Column({ type: 'session_window', time: time.expression, gap: expression });
}

/** The expressions that an expression may get its value from. */
function resultsOf(expression: Expression): readonly Expression[] {
  if (expression.type === 'alias') return resultsOf(expression.child);
  if (expression.type !== 'call') return [expression];
  if (expression.name === 'COALESCE') return expression.args.flatMap(resultsOf);
  if (expression.name !== 'CASE') return [expression];
  const { args } = expression;
  return args.filter((_, at) => at % 2 === 1 || at === args.length - 1).flatMap(resultsOf);
}
