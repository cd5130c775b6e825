import { ConfigError } from '../core/errors.ts';
import type { CallName, Expression } from './expression.ts';
import type { Value } from './value.ts';

declare const UNRESOLVED: unique symbol;

/** The type of a column that is known by name only: the Dataset that it is used on knows it. */
export interface Unresolved {
  readonly [UNRESOLVED]: true;
}

/** A column of any type and name. */
export type AnyColumn = Column<unknown, string>;

/** A column, or a value that stands in every row. */
export type Operand = AnyColumn | Value;

/**
 * Models Spark 4.x's Column: an expression over the columns of a Dataset, with the type of its
 * values and its name. Methods make new columns; nothing is computed until a query runs.
 */
export class Column<T, N extends string = string> {
  declare readonly valueType: T;
  declare readonly nameType: N;
  readonly expression: Expression;

  constructor(expression: Expression) {
    this.expression = expression;
  }

  /** The same column under another name. */
  as<M extends string>(name: M): Column<T, M> {
    return new Column<T, M>({ type: 'alias', child: this.expression, name });
  }

  alias<M extends string>(name: M): Column<T, M> {
    return this.as(name);
  }

  /** A field of a struct, such as `start` of a window. */
  getField<F extends string>(
    name: F,
  ): Column<T extends { readonly [field in F]: infer V } ? V : Value, F> {
    return new Column({ type: 'field', child: this.expression, name });
  }

  equalTo(other: Operand): Column<boolean | null> {
    return this.#call<boolean | null>('=', other);
  }

  /** As equalTo, but null equals null. */
  eqNullSafe(other: Operand): Column<boolean> {
    return this.#call<boolean>('<=>', other);
  }

  notEqual(other: Operand): Column<boolean | null> {
    return this.#call<boolean | null>('<>', other);
  }

  lt(other: Operand): Column<boolean | null> {
    return this.#call<boolean | null>('<', other);
  }

  leq(other: Operand): Column<boolean | null> {
    return this.#call<boolean | null>('<=', other);
  }

  gt(other: Operand): Column<boolean | null> {
    return this.#call<boolean | null>('>', other);
  }

  geq(other: Operand): Column<boolean | null> {
    return this.#call<boolean | null>('>=', other);
  }

  /** lower ≤ column ≤ upper. */
  between(lower: Operand, upper: Operand): Column<boolean | null> {
    return this.geq(lower).and(this.leq(upper));
  }

  isin(...values: readonly Value[]): Column<boolean | null> {
    return values
      .map((value) => this.equalTo(value))
      .reduce((left, right) => left.or(right), new Column(literal(false)));
  }

  isNull(): Column<boolean> {
    return this.#call<boolean>('ISNULL');
  }

  isNotNull(): Column<boolean> {
    return this.#call<boolean>('ISNOTNULL');
  }

  and(other: Operand): Column<boolean | null> {
    return this.#call<boolean | null>('AND', other);
  }

  or(other: Operand): Column<boolean | null> {
    return this.#call<boolean | null>('OR', other);
  }

  plus(other: Operand): Column<number | null> {
    return this.#call<number | null>('+', other);
  }

  minus(other: Operand): Column<number | null> {
    return this.#call<number | null>('-', other);
  }

  multiply(other: Operand): Column<number | null> {
    return this.#call<number | null>('*', other);
  }

  divide(other: Operand): Column<number | null> {
    return this.#call<number | null>('/', other);
  }

  mod(other: Operand): Column<number | null> {
    return this.#call<number | null>('%', other);
  }

  #call<V>(name: CallName, ...others: readonly Operand[]): Column<V> {
    return new Column({ type: 'call', name, args: [this.expression, ...others.map(toExpression)] });
  }
}

/** The expression of a column, or of a value. @throws ConfigError for anything else. */
export function toExpression(operand: Operand): Expression {
  if (operand instanceof Column) return operand.expression;
  if (operand === undefined || typeof operand === 'function') {
    throw new ConfigError(
      'a column is compared and computed with columns and values',
      operand,
      "use col('name') for a column and a number, text or boolean for a value",
    );
  }
  return literal(operand as Value);
}

function literal(value: Value): Expression {
  return { type: 'literal', value };
}
