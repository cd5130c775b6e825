import { ConfigError } from '../core/errors.ts';
import { compareValues } from './value.ts';
import type { Row, Value, WindowValue } from './value.ts';

/** What an aggregate function does with the values of a group. */
export type AggregateName =
  'count' | 'sum' | 'avg' | 'min' | 'max' | 'collect_list' | 'first' | 'last';

/** A column of the result, as it was written: data that a plan can look into. */
export type Expression =
  | { readonly type: 'column'; readonly name: string }
  | { readonly type: 'literal'; readonly value: Value }
  | { readonly type: 'interval'; readonly ms: number }
  | { readonly type: 'call'; readonly name: CallName; readonly args: readonly Expression[] }
  | { readonly type: 'field'; readonly child: Expression; readonly name: string }
  | { readonly type: 'alias'; readonly child: Expression; readonly name: string }
  | ({ readonly type: 'window'; readonly time: Expression } & WindowLength)
  | { readonly type: 'window_time'; readonly window: Expression }
  | { readonly type: 'session_window'; readonly time: Expression; readonly gap: Expression }
  | {
      readonly type: 'aggregate';
      readonly name: AggregateName;
      readonly child: Expression;
      readonly isDistinct: boolean;
    }
  | {
      readonly type: 'udf';
      readonly name: string;
      readonly act: (...values: Value[]) => Value;
      readonly args: readonly Expression[];
    };

/** Size, distance of starts and offset of time windows, in ms. */
export interface WindowLength {
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly startMs: number;
}

/** Gives the value of an expression in a row. */
export type Evaluate = (row: Row) => Value;

type Call = (values: readonly Value[]) => Value;

/** A call with a null argument is null, unless the function says what null means to it. */
const strict =
  (act: (left: never, right: never) => Value): Call =>
  ([left, right]) =>
    left === null || right === null ? null : act(left as never, right as never);

const arithmetic = (act: (left: number, right: number) => number): Call =>
  strict((left: number, right: number) => act(left, right));

const comparison = (isTrue: (order: number) => boolean): Call =>
  strict((left: Value, right: Value) => isTrue(compareValues(left, right)));

const CALLS = {
  '=': comparison((order) => order === 0),
  '<>': comparison((order) => order !== 0),
  '<': comparison((order) => order < 0),
  '<=': comparison((order) => order <= 0),
  '>': comparison((order) => order > 0),
  '>=': comparison((order) => order >= 0),
  '<=>': ([left, right]) => compareValues(left as Value, right as Value) === 0,
  '+': arithmetic((left, right) => left + right),
  '-': arithmetic((left, right) => left - right),
  '*': arithmetic((left, right) => left * right),
  // Spark's ANSI mode, the default since 4.0, refuses a division by zero.
  '/': arithmetic((left, right) => left / nonZero(right)),
  '%': arithmetic((left, right) => left % nonZero(right)),
  AND: ([left, right]) => {
    if (left === false || right === false) return false;
    return left === null || right === null ? null : true;
  },
  OR: ([left, right]) => {
    if (left === true || right === true) return true;
    return left === null || right === null ? null : false;
  },
  NOT: ([value]) => (value === null ? null : value !== true),
  ISNULL: ([value]) => value === null,
  ISNOTNULL: ([value]) => value !== null,
  COALESCE: (values) => values.find((value) => value !== null) ?? null,
  CONCAT: (values) => (values.includes(null) ? null : values.map(String).join('')),
  /** Pairs of condition and value, then the value otherwise. */
  CASE: (values) => {
    for (let at = 0; at + 1 < values.length; at += 2) {
      if (values[at] === true) return values[at + 1] as Value;
    }
    return values.length % 2 === 1 ? (values.at(-1) as Value) : null;
  },
  FLOOR: ([value]) => (value === null ? null : Math.floor(value as number)),
  ABS: ([value]) => (value === null ? null : Math.abs(value as number)),
  UPPER: ([value]) => (value === null ? null : String(value).toUpperCase()),
  LOWER: ([value]) => (value === null ? null : String(value).toLowerCase()),
  LENGTH: ([value]) => (value === null ? null : String(value).length),
} satisfies { readonly [name: string]: Call };

/** The functions and operators of SQL that are modelled. */
export type CallName = keyof typeof CALLS;

function nonZero(divisor: number): number {
  if (divisor !== 0) return divisor;
  throw new ConfigError(
    '[DIVIDE_BY_ZERO] division by zero',
    divisor,
    'use when(…) so that no row divides by zero, or filter such rows out',
  );
}

/** Timestamps of Spark count microseconds. */
const MICROSECOND_MS = 0.001;

/** Turns an expression into a function of a row. Windows and aggregates belong to operators. */
export function compile(expression: Expression): Evaluate {
  switch (expression.type) {
    case 'column':
      return columnOf(expression.name);
    case 'literal':
      return () => expression.value;
    case 'interval':
      return () => expression.ms;
    case 'alias':
      return compile(expression.child);
    case 'field':
      return fieldOf(compile(expression.child), expression.name);
    case 'window_time': {
      const window = compile(expression.window);
      return (row) => {
        const value = window(row) as WindowValue | null;
        return value === null ? null : value.end - MICROSECOND_MS;
      };
    }
    case 'call':
      return callOf(CALLS[expression.name], expression.args.map(compile));
    case 'udf': {
      const args = expression.args.map(compile);
      const { act } = expression;
      return (row) => act(...args.map((argument) => argument(row))) ?? null;
    }
    case 'window':
    case 'session_window':
    case 'aggregate':
      throw new ConfigError(
        `${expression.type === 'aggregate' ? expression.name : expression.type}() ` +
          `cannot be used here`,
        nameOf(expression),
        'windows go into groupBy() or select(), aggregates into agg()',
      );
  }
}

function columnOf(name: string): Evaluate {
  const [first, ...fields] = name.split('.');
  const column = first as string;
  if (fields.length === 0) return (row) => row[column] ?? null;
  return fields.reduce<Evaluate>(fieldOf, (row) => row[column] ?? null);
}

function fieldOf(struct: Evaluate, field: string): Evaluate {
  return (row) => {
    const value = struct(row) as { readonly [field: string]: Value } | null;
    return value === null ? null : (value[field] ?? null);
  };
}

function callOf(act: Call, args: readonly Evaluate[]): Evaluate {
  const [left, right] = args;
  if (args.length === 2) {
    return (row) => act([(left as Evaluate)(row), (right as Evaluate)(row)]);
  }
  return (row) => act(args.map((argument) => argument(row)));
}

/** What Spark would call the column. */
export function nameOf(expression: Expression): string {
  switch (expression.type) {
    case 'column':
      return expression.name.split('.').at(-1) as string;
    case 'alias':
    case 'field':
      return expression.name;
    case 'literal':
      return String(expression.value);
    case 'interval':
      return `INTERVAL ${expression.ms} MILLISECONDS`;
    case 'aggregate': {
      const { name, child, isDistinct } = expression;
      const isAll = name === 'count' && child.type === 'literal';
      return `${name}(${isDistinct ? 'DISTINCT ' : ''}${isAll ? '1' : nameOf(child)})`;
    }
    case 'call': {
      const names = expression.args.map(nameOf);
      return names.length === 2
        ? `(${names.join(` ${expression.name} `)})`
        : `${expression.name.toLowerCase()}(${names.join(', ')})`;
    }
    case 'udf':
      return `${expression.name}(${expression.args.map(nameOf).join(', ')})`;
    default:
      return expression.type;
  }
}

/** The names of all columns that an expression reads. */
export function columnsIn(expression: Expression): readonly string[] {
  switch (expression.type) {
    case 'column':
      return [expression.name.split('.')[0] as string];
    case 'literal':
    case 'interval':
      return [];
    case 'call':
    case 'udf':
      return expression.args.flatMap(columnsIn);
    case 'window':
      return columnsIn(expression.time);
    case 'session_window':
      return [...columnsIn(expression.time), ...columnsIn(expression.gap)];
    case 'window_time':
      return columnsIn(expression.window);
    default:
      return columnsIn(expression.child);
  }
}
