import { ConfigError } from '../core/errors.ts';
import type { CallName, Expression } from './expression.ts';
import { checkOperands } from './operand-types.ts';

/** The names of column types that a schema may use. */
export type ColumnType = 'string' | 'long' | 'integer' | 'double' | 'boolean' | 'timestamp';

/** What a column holds as far as it is known: a user's function may give anything. */
export type ValueType = ColumnType | 'window' | 'interval' | undefined;

const WIDTHS: readonly ValueType[] = ['integer', 'long', 'double'];

/** The type that values of both have when they meet, as in a comparison. */
export function widestOf(left: ValueType, right: ValueType): ValueType {
  if (left === undefined || right === undefined) return left ?? right;
  const wider = WIDTHS.indexOf(left) < WIDTHS.indexOf(right) ? right : left;
  return wider;
}

/** Whether values of two types may stand in one column. */
export function canMeet(left: ValueType, right: ValueType): boolean {
  if (left === undefined || right === undefined || left === right) return true;
  return WIDTHS.includes(left) && WIDTHS.includes(right);
}

const INTEGER_MAX = 2 ** 31 - 1;

/**
 * The type of an expression. Models the types that Spark 4.2.0 gives to the functions that are
 * modelled; what an unknown column takes part in is unknown, unless the function decides.
 */
export function typeOf(
  expression: Expression,
  typeOfColumn: (name: string) => ValueType,
): ValueType {
  const of = (child: Expression): ValueType => typeOf(child, typeOfColumn);
  switch (expression.type) {
    case 'column': {
      const [name, ...fields] = expression.name.split('.');
      const type = typeOfColumn(name as string);
      return fields.length === 0 ? type : fieldType(type, expression.name);
    }
    case 'literal':
      return literalType(expression.value);
    case 'interval':
      return 'interval';
    case 'alias':
      return of(expression.child);
    case 'field':
      return fieldType(of(expression.child), expression.name);
    case 'window':
      checkTime(of(expression.time));
      return 'window';
    case 'session_window':
      checkTime(of(expression.time));
      return 'window';
    case 'window_time':
      return 'timestamp';
    case 'aggregate':
      return aggregateType(expression.name, of(expression.child));
    case 'udf':
      return undefined;
    case 'call':
      return callType(expression.name, expression.args.map(of));
  }
}

/** @throws ConfigError for a field of what has none. */
function fieldType(type: ValueType, name: string): ValueType {
  if (type === 'window') return 'timestamp';
  if (type === undefined) return undefined;
  throw new ConfigError(
    "[INVALID_EXTRACT_BASE_FIELD_TYPE] Can't extract a value from what is no struct",
    `${name} of a ${type}`,
    "take a field of a window: col('window').getField('start')",
  );
}

/** @throws ConfigError for windows over what is no time. */
function checkTime(type: ValueType): void {
  if (type === undefined || type === 'timestamp' || type === 'window') return;
  throw new ConfigError(
    '[DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE] a window needs a timestamp',
    type,
    "give the column the type 'timestamp' in the schema",
  );
}

function literalType(value: unknown): ValueType {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value !== 'number') return undefined;
  if (!Number.isInteger(value)) return 'double';
  return Math.abs(value) <= INTEGER_MAX ? 'integer' : 'long';
}

function aggregateType(name: string, child: ValueType): ValueType {
  switch (name) {
    case 'count':
      return 'long';
    case 'avg':
      return 'double';
    case 'sum':
      return child === 'integer' ? 'long' : child;
    case 'collect_list':
      return undefined;
    default:
      return child;
  }
}

/** @throws ConfigError when the arguments do not go together. */
function callType(name: CallName, args: readonly ValueType[]): ValueType {
  checkOperands(name, args);
  switch (name) {
    case '+':
    case '-':
      if (args.every((type) => type === 'timestamp')) return 'interval';
      if (args.includes('timestamp')) return 'timestamp';
      return args.reduce(widestOf);
    case '*':
    case '%':
    case 'COALESCE':
      return args.reduce(widestOf);
    case '/':
      return 'double';
    case 'ABS':
      return args[0];
    case 'FLOOR':
      return args[0] === undefined ? undefined : 'long';
    case 'TIMESTAMP_MILLIS':
      return 'timestamp';
    case 'LENGTH':
      return 'integer';
    case 'CASE':
      return args.filter((_, at) => at % 2 === 1 || at === args.length - 1).reduce(widestOf);
    case 'CONCAT':
    case 'UPPER':
    case 'LOWER':
      return 'string';
    default:
      return 'boolean';
  }
}
