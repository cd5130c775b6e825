import { ConfigError } from '../core/errors.ts';
import { compile } from '../dataset/expression.ts';
import type { Evaluate, Expression, WindowLength } from '../dataset/expression.ts';
import { parseInterval } from '../dataset/interval.ts';
import type { NamedExpression } from '../dataset/plan.ts';
import { keyText } from '../dataset/value.ts';
import type { Row, Value, WindowValue } from '../dataset/value.ts';
import { windowStartOf } from '../windows/time-window.ts';

/** The rows of a batch that have the same key. */
export interface Group<T> {
  readonly key: readonly Value[];
  readonly contents: T;
}

/** The window expression of a column, under any aliases. */
export function windowIn(
  expression: Expression,
): Extract<Expression, { type: 'window' | 'session_window' }> | undefined {
  if (expression.type === 'alias') return windowIn(expression.child);
  return expression.type === 'window' || expression.type === 'session_window'
    ? expression
    : undefined;
}

/**
 * The gap of a session in ms, from text such as `5 seconds` that a row gives; null for other text,
 * as Spark's cast to an interval.
 */
export function compileGap(gap: Expression): Evaluate {
  const evaluate = compile(gap);
  const parsed = new Map<string, number | null>();
  return (row) => {
    const value = evaluate(row);
    if (typeof value !== 'string') return value;
    let ms = parsed.get(value);
    if (ms === undefined) {
      ms = intervalOrNull(value);
      parsed.set(value, ms);
    }
    return ms;
  };
}

/** The session that a row opens. Times are exact to the microsecond. */
export function sessionOf(start: number, gapMs: number): WindowValue {
  return { start, end: Math.round((start + gapMs) * 1000) / 1000 };
}

function intervalOrNull(text: string): number | null {
  try {
    return parseInterval(text);
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}

/** The windows that a time lies in, first started first. Models Spark 4.2.0 ResolveTimeWindows. */
export function windowsAt(timeMs: number, length: WindowLength): WindowValue[] {
  const { sizeMs, slideMs, startMs } = length;
  const lastMs = windowStartOf(timeMs, startMs, slideMs);
  const windows: WindowValue[] = [];
  for (let start = lastMs; start > timeMs - sizeMs; start -= slideMs) {
    windows.push({ start, end: start + sizeMs });
  }
  return windows.reverse();
}

/**
 * Groups the rows of a batch by key, in the order in which keys are first seen. At most one column
 * of the key may be a window: a row is in the group of each of its windows, and in none when its
 * time is null.
 */
export class Grouping<T> {
  readonly #create: () => T;
  readonly #columns: readonly Evaluate[];
  readonly #windowPlace: number;
  readonly #length: WindowLength | undefined;
  readonly #time: Evaluate | undefined;
  #groups: Group<T>[] = [];
  #index = new Map<unknown, unknown>();

  constructor(keys: readonly NamedExpression[], create: () => T) {
    this.#create = create;
    const windows = keys.map(({ expression }) => windowIn(expression));
    const places = windows.flatMap((window, place) => (window === undefined ? [] : [place]));
    this.#windowPlace = places[0] ?? -1;
    const window = windows[this.#windowPlace];
    this.#length = window?.type === 'window' ? window : undefined;
    this.#time = window === undefined ? undefined : compile(window.time);
    this.#columns = keys.map(({ expression }, place) =>
      place === this.#windowPlace ? () => null : compile(expression),
    );
  }

  /** Calls `add` with the contents of each group that the row belongs to. */
  add(row: Row, add: (contents: T, row: Row) => void): void {
    const length = this.#length;
    if (this.#time === undefined || length === undefined) {
      add(this.#find(row, 0, 0).contents, row);
      return;
    }
    const timeMs = this.#time(row);
    if (timeMs === null) return;
    const { sizeMs, slideMs, startMs } = length;
    const lastMs = windowStartOf(timeMs as number, startMs, slideMs);
    for (let start = lastMs; start > (timeMs as number) - sizeMs; start -= slideMs) {
      add(this.#find(row, start, start + sizeMs).contents, row);
    }
  }

  /** The groups of the batch; the next batch begins without any. */
  take(): readonly Group<T>[] {
    const groups = this.#groups;
    this.#groups = [];
    this.#index = new Map();
    return groups;
  }

  /** Through one map a column: no text is made of a key for each row. */
  #find(row: Row, start: number, end: number): Group<T> {
    const columns = this.#columns;
    let level = this.#index;
    const last = columns.length - 1;
    for (let at = 0; at < last; at += 1) {
      const part = this.#part(at, row, start);
      let next = level.get(part) as Map<unknown, unknown> | undefined;
      if (next === undefined) {
        next = new Map();
        level.set(part, next);
      }
      level = next;
    }
    const part = last < 0 ? null : this.#part(last, row, start);
    const found = level.get(part) as Group<T> | undefined;
    if (found !== undefined) return found;
    const key = columns.map((column, at) =>
      at === this.#windowPlace ? { start, end } : column(row),
    );
    const group = { key, contents: this.#create() };
    level.set(part, group);
    this.#groups.push(group);
    return group;
  }

  #part(at: number, row: Row, start: number): unknown {
    if (at === this.#windowPlace) return start;
    const value = (this.#columns[at] as Evaluate)(row);
    return typeof value === 'object' && value !== null ? keyText([value]) : value;
  }
}
