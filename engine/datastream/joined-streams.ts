import type { Key } from '../core/key-table.ts';
import type { Collector, KeySelector, ProcessWindowContext } from '../operators/functions.ts';
import { ProcessWindowFunction } from '../operators/functions.ts';
import type { CoGroupFunction, JoinFunction } from '../operators/join-functions.ts';
import type { Evictor } from '../operators/window-evictors.ts';
import type { Trigger } from '../operators/window-trigger.ts';
import type { WindowAssigner } from '../windows/window-assigner.ts';
import type { DataStream, SingleOutputStreamOperator } from './data-stream.ts';
import type { WindowedStream } from './windowed-stream.ts';

/**
 * Models Flink 2.3 JoinedStreams and CoGroupedStreams: both streams are tagged, united and cut into
 * windows together; when a window fires, its records are sorted out by side again. A join hands on
 * every pair, a coGroup both lists, of which one may be empty.
 */
export class CoGroupedStreams<T, U> {
  readonly #first: DataStream<T>;
  readonly #second: DataStream<U>;

  constructor(first: DataStream<T>, second: DataStream<U>) {
    this.#first = first;
    this.#second = second;
  }

  /** The key of the first stream's records. */
  where<K extends Key>(keySelector: KeySelector<T, K>): CoGroupedWhere<T, U, K> {
    return { equalTo: (other) => this.#equalTo(keySelector, other) };
  }

  #equalTo<K extends Key>(
    keySelector1: KeySelector<T, K>,
    keySelector2: KeySelector<U, K>,
  ): CoGroupedEqualTo<T, U, K> {
    return {
      window: (assigner) => {
        const keyed = unite(this.#first, this.#second).keyBy((tagged) =>
          'one' in tagged ? keySelector1(tagged.one) : keySelector2(tagged.two),
        );
        return new CoGroupedWindows<T, U, K>(keyed.window(assigner));
      },
    };
  }
}

/** A coGroup or join that needs the key of the second stream's records. */
export interface CoGroupedWhere<T, U, K extends Key> {
  equalTo(keySelector: KeySelector<U, K>): CoGroupedEqualTo<T, U, K>;
}

/** A coGroup that needs its windows. */
export interface CoGroupedEqualTo<T, U, K extends Key> {
  window(assigner: WindowAssigner<TaggedUnion<T, U>>): CoGroupedWindows<T, U, K>;
}

/** A record of one side, as windows keep it. Models Flink's TaggedUnion. */
export type TaggedUnion<T, U> = { readonly one: T } | { readonly two: U };

/** Two streams cut into common windows (Flink: CoGroupedStreams.WithWindow). */
export class CoGroupedWindows<T, U, K extends Key> {
  readonly #windows: WindowedStream<TaggedUnion<T, U>, K>;

  constructor(windows: WindowedStream<TaggedUnion<T, U>, K>) {
    this.#windows = windows;
  }

  /** Replaces the default trigger, which sees the records of both sides. */
  trigger(trigger: Trigger<TaggedUnion<T, U>>): this {
    this.#windows.trigger(trigger);
    return this;
  }

  /** Removes records of either side when the window fires. */
  evictor(evictor: Evictor<TaggedUnion<T, U>>): this {
    this.#windows.evictor(evictor);
    return this;
  }

  /** @throws ConfigError when negative. */
  allowedLateness(latenessMs: number): this {
    this.#windows.allowedLateness(latenessMs);
    return this;
  }

  apply<O>(coGroup: CoGroupFunction<T, U, O>): SingleOutputStreamOperator<O> {
    return this.#windows.process<O>(new SortBySide<T, U, O, K>(coGroup));
  }
}

/** Joins records of one key and window: every record of one side with every one of the other. */
export class JoinedStreams<T, U> {
  readonly #coGrouped: CoGroupedStreams<T, U>;

  constructor(first: DataStream<T>, second: DataStream<U>) {
    this.#coGrouped = new CoGroupedStreams<T, U>(first, second);
  }

  /** The key of the first stream's records. */
  where<K extends Key>(keySelector: KeySelector<T, K>): JoinedWhere<T, U, K> {
    const where = this.#coGrouped.where(keySelector);
    return {
      equalTo: (other) => {
        const equal = where.equalTo(other);
        return { window: (assigner) => new JoinedWindows<T, U, K>(equal.window(assigner)) };
      },
    };
  }
}

/** A join that needs the key of the second stream's records. */
export interface JoinedWhere<T, U, K extends Key> {
  equalTo(keySelector: KeySelector<U, K>): JoinedEqualTo<T, U, K>;
}

/** A join that needs its windows. */
export interface JoinedEqualTo<T, U, K extends Key> {
  window(assigner: WindowAssigner<TaggedUnion<T, U>>): JoinedWindows<T, U, K>;
}

/** Two streams to be joined in common windows (Flink: JoinedStreams.WithWindow). */
export class JoinedWindows<T, U, K extends Key> {
  readonly #windows: CoGroupedWindows<T, U, K>;

  constructor(windows: CoGroupedWindows<T, U, K>) {
    this.#windows = windows;
  }

  /** Replaces the default trigger, which sees the records of both sides. */
  trigger(trigger: Trigger<TaggedUnion<T, U>>): this {
    this.#windows.trigger(trigger);
    return this;
  }

  /** Removes records of either side when the window fires. */
  evictor(evictor: Evictor<TaggedUnion<T, U>>): this {
    this.#windows.evictor(evictor);
    return this;
  }

  /** @throws ConfigError when negative. */
  allowedLateness(latenessMs: number): this {
    this.#windows.allowedLateness(latenessMs);
    return this;
  }

  /** A function of three parameters gets a collector and may emit any number of records. */
  apply<O>(join: JoinFunction<T, U, O>): SingleOutputStreamOperator<O> {
    const isFlat = join.length >= 3;
    return this.#windows.apply<O>((left, right, out) => {
      for (const one of left) {
        for (const two of right) {
          const result = join(one, two, out);
          if (!isFlat) out.collect(result as O);
        }
      }
    });
  }
}

function unite<T, U>(first: DataStream<T>, second: DataStream<U>): DataStream<TaggedUnion<T, U>> {
  const one = first.map((value): TaggedUnion<T, U> => ({ one: value }));
  const two = second.map((value): TaggedUnion<T, U> => ({ two: value }));
  const parallelisms = [first.parallelismOfInput(), second.parallelismOfInput()];
  [one, two].forEach((tagged, place) => {
    const parallelism = parallelisms[place];
    if (parallelism !== undefined) tagged.setParallelism(parallelism);
  });
  return one.union(two);
}

/** Sorts a window's records out by side. Models Flink's CoGroupWindowFunction. */
class SortBySide<T, U, O, K> extends ProcessWindowFunction<TaggedUnion<T, U>, O, K> {
  readonly coGroup: CoGroupFunction<T, U, O>;

  constructor(coGroup: CoGroupFunction<T, U, O>) {
    super();
    this.coGroup = coGroup;
  }

  override process(
    _key: K,
    _context: ProcessWindowContext,
    elements: readonly TaggedUnion<T, U>[],
    out: Collector<O>,
  ): void {
    const left: T[] = [];
    const right: U[] = [];
    for (const element of elements) {
      if ('one' in element) left.push(element.one);
      else right.push(element.two);
    }
    this.coGroup(left, right, out);
  }
}
