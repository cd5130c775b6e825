import { compile } from '../dataset/expression.ts';
import type { AggregateName, Evaluate, Expression } from '../dataset/expression.ts';
import { compareValues } from '../dataset/value.ts';
import type { Row, Value } from '../dataset/value.ts';

/** What an aggregate keeps of a group. Never changed once it is in the state. */
export type Buffer = unknown;

/** One aggregate function, as Spark's DeclarativeAggregate: buffers that can be merged. */
interface AggregateFunction {
  readonly zero: Buffer;
  add(buffer: never, value: Value): Buffer;
  /** What came earlier is on the left. */
  merge(left: never, right: never): Buffer;
  result(buffer: never): Value;
}

type Average = readonly [sum: number, count: number];

const smallest = (sign: 1 | -1): AggregateFunction => {
  const pick = (left: Value, right: Value): Value => {
    if (left === null || right === null) return left ?? right;
    return compareValues(left, right) * sign <= 0 ? left : right;
  };
  return { zero: null, add: pick, merge: pick, result: (buffer: Value) => buffer };
};

const FUNCTIONS: { readonly [name in AggregateName]: AggregateFunction } = {
  count: {
    zero: 0,
    add: (count: number, value) => (value === null ? count : count + 1),
    merge: (left: number, right: number) => left + right,
    result: (count: number) => count,
  },
  sum: {
    zero: null,
    add: (sum: number | null, value) => (value === null ? sum : (sum ?? 0) + (value as number)),
    merge: (left: number | null, right: number | null) =>
      left === null || right === null ? (left ?? right) : left + right,
    result: (sum: Value) => sum,
  },
  avg: {
    zero: [0, 0],
    add: ([sum, count]: Average, value) =>
      value === null ? [sum, count] : [sum + (value as number), count + 1],
    merge: (left: Average, right: Average) => [left[0] + right[0], left[1] + right[1]],
    result: ([sum, count]: Average) => (count === 0 ? null : sum / count),
  },
  min: smallest(1),
  max: smallest(-1),
  first: {
    zero: undefined,
    add: (first: Value | undefined, value) => (first === undefined ? value : first),
    merge: (left: Value | undefined, right: Value | undefined) =>
      left === undefined ? right : left,
    result: (first: Value | undefined) => first ?? null,
  },
  last: {
    zero: undefined,
    add: (_last: Value | undefined, value) => value,
    merge: (left: Value | undefined, right: Value | undefined) =>
      right === undefined ? left : right,
    result: (last: Value | undefined) => last ?? null,
  },
  collect_list: {
    zero: [],
    add: (list: readonly Value[], value) => (value === null ? list : [...list, value]),
    merge: (left: readonly Value[], right: readonly Value[]) => [...left, ...right],
    result: (list: readonly Value[]) => list,
  },
};

interface Slot {
  readonly act: AggregateFunction;
  readonly argument: Evaluate;
}

/**
 * The aggregates of one agg(): buffers side by side, and the columns computed from their results,
 * which may be expressions such as `sum(x) / count(1)`.
 */
export class Aggregates {
  readonly #slots: Slot[] = [];
  readonly #results: readonly Evaluate[];

  constructor(columns: readonly Expression[]) {
    this.#results = columns.map((column) => compile(this.#extract(column)));
  }

  zero(): Buffer[] {
    return this.#slots.map(({ act }) => act.zero);
  }

  /** Adds a row to buffers that are not in the state yet: they are changed in place. */
  add(buffers: Buffer[], row: Row): void {
    const slots = this.#slots;
    for (let at = 0; at < slots.length; at += 1) {
      const { act, argument } = slots[at] as Slot;
      buffers[at] = act.add(buffers[at] as never, argument(row));
    }
  }

  merge(left: readonly Buffer[], right: readonly Buffer[]): Buffer[] {
    return this.#slots.map(({ act }, at) => act.merge(left[at] as never, right[at] as never));
  }

  /** The values of the columns. */
  results(buffers: readonly Buffer[]): Value[] {
    const row: Record<string, Value> = {};
    this.#slots.forEach(({ act }, at) => (row[slotName(at)] = act.result(buffers[at] as never)));
    return this.#results.map((result) => result(row));
  }

  /** Takes the aggregates out of an expression: each becomes a column of results. */
  #extract(expression: Expression): Expression {
    switch (expression.type) {
      case 'aggregate': {
        const { name, child } = expression;
        this.#slots.push({ act: FUNCTIONS[name], argument: compile(child) });
        return { type: 'column', name: slotName(this.#slots.length - 1) };
      }
      case 'call':
      case 'udf':
        return { ...expression, args: expression.args.map((argument) => this.#extract(argument)) };
      case 'alias':
      case 'field':
        return { ...expression, child: this.#extract(expression.child) };
      default:
        return expression;
    }
  }
}

function slotName(at: number): string {
  return `aggregate ${at}`;
}
