import { cloneValue } from '../core/clone.ts';
import type { StateBackendType } from '../state/state-context.ts';
import type { AggregateFunction, ReduceFunction } from './functions.ts';
import type { TimestampedValue } from './window-evictors.ts';

/** How a window keeps its records: one accumulator, one reduced value, or all of them. */
export interface WindowContents {
  create(): unknown;
  /** Returns what to keep; `contents` may be changed in place. */
  add(contents: unknown, value: unknown, timestampMs: number): unknown;
  /** What two windows hold together. */
  merge(left: unknown, right: unknown): unknown;
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
    merge: (left, right) => aggregate.merge(left, right),
    elements: (contents) => [aggregate.getResult(contents)],
  };
}

const NOTHING = Symbol('nothing reduced yet');

/** Keeps one record, reduced from all. */
export function reducingContents(reduce: ReduceFunction<unknown>): WindowContents {
  return {
    create: () => NOTHING,
    add: (contents, value) => (contents === NOTHING ? value : reduce(contents, value)),
    merge: (left, right) => reduce(left, right),
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
    merge: (left, right) => [...(left as unknown[]), ...(right as unknown[])],
    elements: (contents) => contents as readonly unknown[],
  };
}

/**
 * Keeps every record with its timestamp, for an evictor. What `contents` would have kept is
 * computed anew at each firing: evictors leave nothing to aggregate beforehand.
 */
export function evictableContents(contents: WindowContents): WindowContents {
  return {
    create: () => [],
    add: (kept, value, timestampMs) => {
      (kept as TimestampedValue<unknown>[]).push({ value, timestampMs });
      return kept;
    },
    merge: (left, right) => [...(left as unknown[]), ...(right as unknown[])],
    elements: (kept) => {
      let result = contents.create();
      for (const { value, timestampMs } of kept as TimestampedValue<unknown>[]) {
        result = contents.add(result, value, timestampMs);
      }
      // As in Flink, reducing nothing gives null.
      return result === NOTHING ? [null] : contents.elements(result);
    },
  };
}

/**
 * The same as a backend keeps them: in `rocksdb` a window holds copies and hands out copies, so
 * that a function that changes a record in place does not change the window.
 */
export function contentsIn(type: StateBackendType, contents: WindowContents): WindowContents {
  if (type === 'hashmap') return contents;
  return {
    ...contents,
    add: (kept, value, timestampMs) => contents.add(kept, cloneValue(value), timestampMs),
    elements: (kept) => contents.elements(cloneValue(kept)),
  };
}
