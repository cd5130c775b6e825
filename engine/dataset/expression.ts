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

/** Of two values that are not null. */
type StrictCall = (left: never, right: never) => Value;

const comparison =
  (isTrue: (order: number) => boolean): StrictCall =>
  (left: Value, right: Value) =>
    isTrue(compareValues(left, right));

/** Null when either argument is; the other one is then not computed. */
const STRICT_CALLS = {
  '=': comparison((order) => order === 0),
  '<>': comparison((order) => order !== 0),
  '<': comparison((order) => order < 0),
  '<=': comparison((order) => order <= 0),
  '>': comparison((order) => order > 0),
  '>=': comparison((order) => order >= 0),
  '+': (left: number, right: number) => left + right,
  '-': (left: number, right: number) => left - right,
  '*': (left: number, right: number) => left * right,
  // Spark's ANSI mode, the default since 4.0, refuses a division by zero.
  '/': (left: number, right: number) => left / nonZero(right, '[DIVIDE_BY_ZERO] Division by zero'),
  '%': (left: number, right: number) =>
    left % nonZero(right, '[REMAINDER_BY_ZERO] Remainder by zero'),
} satisfies { readonly [name: string]: StrictCall };

const CALLS = {
  '<=>': ([left, right]) => compareValues(left as Value, right as Value) === 0,
  NOT: ([value]) => (value === null ? null : value !== true),
  ISNULL: ([value]) => value === null,
  ISNOTNULL: ([value]) => value !== null,
  CONCAT: (values) => (values.includes(null) ? null : values.map(String).join('')),
  /** Timestamps are ms already: only the type is another. */
  TIMESTAMP_MILLIS: ([value]) => value as Value,
  FLOOR: ([value]) => (value === null ? null : Math.floor(value as number)),
  ABS: ([value]) => (value === null ? null : Math.abs(value as number)),
  UPPER: ([value]) => (value === null ? null : String(value).toUpperCase()),
  LOWER: ([value]) => (value === null ? null : String(value).toLowerCase()),
  // Characters, not units of UTF-16.
  LENGTH: ([value]) => (value === null ? null : [...String(value)].length),
} satisfies { readonly [name: string]: Call };

/** Functions that compute an argument only when they need it, as Spark's eval() does. */
const LAZY_CALLS = {
  AND: ([left, right]) => {
    const evaluateLeft = left as Evaluate;
    const evaluateRight = right as Evaluate;
    return (row) => {
      const first = evaluateLeft(row);
      if (first === false) return false;
      const second = evaluateRight(row);
      if (second === false) return false;
      return first === null || second === null ? null : true;
    };
  },
  OR: ([left, right]) => {
    const evaluateLeft = left as Evaluate;
    const evaluateRight = right as Evaluate;
    return (row) => {
      const first = evaluateLeft(row);
      if (first === true) return true;
      const second = evaluateRight(row);
      if (second === true) return true;
      return first === null || second === null ? null : false;
    };
  },
  COALESCE: (args) => (row) => {
    for (const argument of args) {
      const value = argument(row);
      if (value !== null) return value;
    }
    return null;
  },
  /** Pairs of condition and value, then the value otherwise. */
  CASE: (args) => (row) => {
    let at = 0;
    for (; at + 1 < args.length; at += 2) {
      if ((args[at] as Evaluate)(row) === true) return (args[at + 1] as Evaluate)(row);
    }
    return at < args.length ? (args[at] as Evaluate)(row) : null;
  },
} satisfies { readonly [name: string]: (args: readonly Evaluate[]) => Evaluate };

/** The functions and operators of SQL that are modelled. */
export type CallName = keyof typeof CALLS | keyof typeof STRICT_CALLS | keyof typeof LAZY_CALLS;

function nonZero(divisor: number, rule: string): number {
  if (divisor !== 0) return divisor;
  throw new ConfigError(
    rule,
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
      return callOf(expression.name, expression.args);
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

function callOf(name: CallName, expressions: readonly Expression[]): Evaluate {
  const args = expressions.map(compile);
  if (name in LAZY_CALLS) return LAZY_CALLS[name as keyof typeof LAZY_CALLS](args);
  if (name in STRICT_CALLS) {
    // The optimizer (NullPropagation) computes nothing beside a null that stands there.
    if (expressions.some(isAlwaysNull)) return () => null;
    return strictCallOf(name as keyof typeof STRICT_CALLS, args);
  }
  const act: Call = CALLS[name as keyof typeof CALLS];
  return (row) => act(args.map((argument) => argument(row)));
}

function strictCallOf(name: keyof typeof STRICT_CALLS, args: readonly Evaluate[]): Evaluate {
  const act = STRICT_CALLS[name] as (left: Value, right: Value) => Value;
  const [left, right] = args as readonly [Evaluate, Evaluate];
  if (name === '/' || name === '%') {
    // DivModLike looks at the divisor first.
    return (row) => {
      const divisor = right(row);
      if (divisor === null) return null;
      const divided = left(row);
      return divided === null ? null : act(divided, divisor);
    };
  }
  return (row) => {
    const first = left(row);
    if (first === null) return null;
    const second = right(row);
    return second === null ? null : act(first, second);
  };
}

function isAlwaysNull(expression: Expression): boolean {
  if (expression.type === 'literal') return expression.value === null;
  if (expression.type === 'alias') return isAlwaysNull(expression.child);
  return (
    expression.type === 'call' &&
    expression.name in STRICT_CALLS &&
    expression.args.some(isAlwaysNull)
  );
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
