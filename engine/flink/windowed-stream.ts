import { ConfigError } from '../core/errors.ts';
import type { Key } from '../core/key-table.ts';
import type {
  AggregateFunction,
  OutputTag,
  ProcessWindowFunction,
  ReduceFunction,
} from '../operators/functions.ts';
import type { Operator, OperatorContext } from '../operators/operator.ts';
import {
  aggregatingContents,
  listingContents,
  reducingContents,
} from '../operators/window-contents.ts';
import type { WindowContents } from '../operators/window-contents.ts';
import { WindowOperator } from '../operators/window-operator.ts';
import type { WindowAssigner } from '../windows/assigners.ts';
import type { SingleOutputStreamOperator } from './data-stream.ts';
import { copyFunction } from './function-copy.ts';

/** Adds a window operator to the job's graph. */
export type AddWindow = <O>(
  name: string,
  create: (context: OperatorContext) => Operator,
) => SingleOutputStreamOperator<O>;

/** A keyed stream cut into windows: what is computed per key and window. */
export class WindowedStream<T, K extends Key> {
  readonly #assigner: WindowAssigner;
  readonly #add: AddWindow;
  #allowedLatenessMs = 0;
  #lateTagId: string | undefined;
  declare readonly recordType?: T;
  declare readonly keyType?: K;

  constructor(assigner: WindowAssigner, add: AddWindow) {
    this.#assigner = assigner;
    this.#add = add;
  }

  /**
   * How long after its end a window is kept and fires again for late records. Default 0.
   * @throws ConfigError when negative.
   */
  allowedLateness(latenessMs: number): this {
    if (!Number.isFinite(latenessMs) || latenessMs < 0) {
      throw new ConfigError(
        'the allowed lateness cannot be negative',
        latenessMs,
        'use 0 or a duration such as minutes(5)',
      );
    }
    this.#allowedLatenessMs = latenessMs;
    return this;
  }

  /** Records too late for all their windows go here instead of being dropped. */
  sideOutputLateData(tag: OutputTag<T>): this {
    this.#lateTagId = tag.id;
    return this;
  }

  aggregate<A, R>(aggregate: AggregateFunction<T, A, R>): SingleOutputStreamOperator<R>;
  aggregate<A, R, O>(
    aggregate: AggregateFunction<T, A, R>,
    windowFunction: ProcessWindowFunction<R, O, K>,
  ): SingleOutputStreamOperator<O>;
  aggregate<A, R, O>(
    aggregate: AggregateFunction<T, A, R>,
    windowFunction?: ProcessWindowFunction<R, O, K>,
  ): SingleOutputStreamOperator<O> {
    const original = aggregate as AggregateFunction<unknown, unknown, unknown>;
    return this.#addOperator<O>(() => aggregatingContents(copyFunction(original)), windowFunction);
  }

  reduce<O = T>(
    reduce: ReduceFunction<T>,
    windowFunction?: ProcessWindowFunction<T, O, K>,
  ): SingleOutputStreamOperator<O> {
    const body = reduce as ReduceFunction<unknown>;
    return this.#addOperator<O>(() => reducingContents(body), windowFunction);
  }

  process<O>(windowFunction: ProcessWindowFunction<T, O, K>): SingleOutputStreamOperator<O> {
    return this.#addOperator<O>(listingContents, windowFunction);
  }

  #addOperator<O>(
    createContents: () => WindowContents,
    windowFunction: object | undefined,
  ): SingleOutputStreamOperator<O> {
    const original = windowFunction as ProcessWindowFunction<unknown, unknown, unknown> | undefined;
    const assigner = this.#assigner;
    const allowedLatenessMs = this.#allowedLatenessMs;
    const lateTagId = this.#lateTagId;
    return this.#add<O>('Window', (context) => {
      const copy = original === undefined ? undefined : copyFunction(original);
      return new WindowOperator(context, {
        assigner,
        allowedLatenessMs,
        lateTagId,
        contents: createContents(),
        windowFunction: copy,
      });
    });
  }
}

/** A stream cut into windows as a whole: one subtask computes them all. */
export class AllWindowedStream<T> extends WindowedStream<T, number> {}
