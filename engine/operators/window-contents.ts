import type { AggregateFunction, ReduceFunction } from './functions.ts';

/** How a window keeps its records: one accumulator, one reduced value, or all of them. */
export interface WindowContents {
  create(): unknown;
  /** Returns what to keep; `contents` may be changed in place. */
  add(contents: unknown, value: unknown): unknown;
  /** What a window function gets when the window fires. */
  elements(contents: unknown): readonly unknown[];
}

/** Keeps one accumulator. */
export function aggregatingContents(
  aggregate: AggregateFunction<unknown, unknown, unknown>,
): WindowContents {
  return {
    create: () => aggregate.createAccumulator(),
    add: (contents, value) => aggregate.add(value, contents),
    elements: (contents) => [aggregate.getResult(contents)],
  };
}

const NOTHING = Symbol('nothing reduced yet');

/** Keeps one record, reduced from all. */
export function reducingContents(reduce: ReduceFunction<unknown>): WindowContents {
  return {
    create: () => NOTHING,
    add: (contents, value) => (contents === NOTHING ? value : reduce(contents, value)),
    elements: (contents) => [contents],
  };
}

/** Keeps every record: what `process` alone costs. */
export function listingContents(): WindowContents {
  return {
    create: () => [],
    add: (contents, value) => {
      (contents as unknown[]).push(value);
      return contents;
    },
    elements: (contents) => contents as readonly unknown[],
  };
}
