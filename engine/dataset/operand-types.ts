import { ConfigError } from '../core/errors.ts';
import type { CallName } from './expression.ts';
import type { ValueType } from './value-type.ts';

/** Types whose values can be compared with one another. */
type Kind = 'number' | 'string' | 'boolean' | 'timestamp' | 'window' | 'interval' | undefined;

const LOGIC: readonly CallName[] = ['AND', 'OR'];
const ARITHMETIC: readonly CallName[] = ['+', '-', '*', '/', '%'];
const COMPARISONS: readonly CallName[] = ['=', '<=>', '<>', '<', '<=', '>', '>='];

/**
 * Refuses operators on values that do not go together, with the conditions of Spark 4.2.0 in ANSI
 * mode. What is unknown may be anything. Simplified: Spark would cast text to what it meets; here
 * that is refused.
 * @throws ConfigError naming both types.
 */
export function checkOperands(name: CallName, types: readonly ValueType[]): void {
  const [left, right] = types.map(kindOf);
  const refuse = (condition: string): never => {
    throw new ConfigError(
      `[${condition}] what ${name} takes must be of types that go together`,
      types.join(' and '),
      'compute numbers with numbers, times with intervals; timestamp_millis() makes a time',
    );
  };
  if (name === 'NOT' && left !== undefined && left !== 'boolean') {
    refuse('DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE');
  }
  const isBinary = [...LOGIC, ...ARITHMETIC, ...COMPARISONS].includes(name);
  if (!isBinary || left === undefined || right === undefined) return;
  if (ARITHMETIC.includes(name) && isTimeArithmetic(name, left, right)) return;
  if (name === '-' && left === 'timestamp') refuse('DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE');
  const isText = left === 'string' || right === 'string';
  if (left !== right && !isText) refuse('DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES');
  if (COMPARISONS.includes(name)) {
    if (left !== right) refuse('CAST_INVALID_INPUT');
    return;
  }
  const needed: Kind = LOGIC.includes(name) ? 'boolean' : 'number';
  if (left === needed && right === needed) return;
  // Text becomes what it meets, and that is right or wrong.
  const met = left === 'string' ? right : left;
  refuse(
    isText && met === needed ? 'CAST_INVALID_INPUT' : 'DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE',
  );
}

function kindOf(type: ValueType): Kind {
  return type === 'integer' || type === 'long' || type === 'double' ? 'number' : type;
}

function isTimeArithmetic(name: CallName, left: Kind, right: Kind): boolean {
  const kinds = [left, right];
  if (name === '-' && left === 'timestamp' && right === 'timestamp') return true;
  if (name === '+' || name === '-') {
    return kinds.includes('interval') && kinds.every((kind) => kind !== 'number');
  }
  return name !== '%' && kinds.includes('interval') && kinds.includes('number');
}
