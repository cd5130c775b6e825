import { ConfigError } from '../core/errors.ts';
import type { Key } from '../core/key-table.ts';
import { ProcessWindowFunction } from '../operators/functions.ts';
import type {
  AggregateFunction,
  Collector,
  OutputTag,
  ProcessAllWindowFunction,
  ProcessWindowContext,
  ReduceFunction,
  RuntimeContext,
} from '../operators/functions.ts';
import type { Operator, OperatorContext } from '../operators/operator.ts';
import {
  aggregatingContents,
  listingContents,
  reducingContents,
} from '../operators/window-contents.ts';
import type { Evictor } from '../operators/window-evictors.ts';
import type { Trigger } from '../operators/window-trigger.ts';
import type { WindowAssigner } from '../windows/window-assigner.ts';
import type { SingleOutputStreamOperator } from './data-stream.ts';
import { copyFunction } from './function-copy.ts';
import { WindowOperatorBuilder } from './window-operator-builder.ts';
import type { CreateContents } from './window-operator-builder.ts';

/** Adds a window operator to the job's graph. */
export type AddWindow = <O>(
  name: string,
  create: (context: OperatorContext) => Operator,
) => SingleOutputStreamOperator<O>;

type AnyWindowFunction = ProcessWindowFunction<unknown, unknown, unknown>;

/** What keyed and other windows share: settings, and how they become an operator. */
abstract class WindowSettings<T> {
  readonly #builder: WindowOperatorBuilder;
  readonly #add: AddWindow;
  declare readonly recordType?: T;

  constructor(assigner: WindowAssigner<T>, add: AddWindow) {
    this.#builder = new WindowOperatorBuilder(assigner as WindowAssigner);
    this.#add = add;
  }

  /**
   * Replaces the default trigger: what it would have fired is not fired any more.
   * @throws ConfigError when windows merge and the trigger cannot.
   */
  trigger(trigger: Trigger<T>): this {
    this.#builder.trigger(trigger as Trigger);
    return this;
  }

  /** Removes records when the window fires. Every record is kept until then, not an aggregate. */
  evictor(evictor: Evictor<T>): this {
    this.#builder.evictor(evictor as Evictor<unknown>);
    return this;
  }

  /**
   * How long after its end a window is kept and fires again for late records. Default 0. Windows of
   * processing time have none.
   * @throws ConfigError when negative.
   */
  allowedLateness(latenessMs: number): this {
    this.#builder.allowedLateness(latenessMs);
    return this;
  }

  /** Records too late for all their windows go here instead of being dropped. */
  sideOutputLateData(tag: OutputTag<T>): this {
    this.#builder.sideOutputLateData(tag.id);
    return this;
  }

  protected addOperator<O>(
    createContents: CreateContents,
    createFunction: () => AnyWindowFunction | undefined,
  ): SingleOutputStreamOperator<O> {
    const create = this.#builder.build(createContents, createFunction);
    return this.#add<O>(this.#builder.operatorName, create);
  }
}

/**
 * A keyed stream cut into windows: what is computed per key and window. Models Flink 2.3.0
 * WindowedStream: names, defaults and errors.
 */
export class WindowedStream<T, K extends Key> extends WindowSettings<T> {
  declare readonly keyType?: K;

  aggregate<A, R>(aggregate: AggregateFunction<T, A, R>): SingleOutputStreamOperator<R>;
  aggregate<A, R, O>(
    aggregate: AggregateFunction<T, A, R>,
    windowFunction: ProcessWindowFunction<R, O, K>,
  ): SingleOutputStreamOperator<O>;
  aggregate<A, R, O>(
    aggregate: AggregateFunction<T, A, R>,
    windowFunction?: ProcessWindowFunction<R, O, K>,
  ): SingleOutputStreamOperator<O> {
    return this.addOperator<O>(aggregating(aggregate), copies(windowFunction));
  }

  reduce<O = T>(
    reduce: ReduceFunction<T>,
    windowFunction?: ProcessWindowFunction<T, O, K>,
  ): SingleOutputStreamOperator<O> {
    return this.addOperator<O>(reducing(reduce), copies(windowFunction));
  }

  process<O>(windowFunction: ProcessWindowFunction<T, O, K>): SingleOutputStreamOperator<O> {
    return this.addOperator<O>(listingContents, copies(windowFunction));
  }
}

/**
 * A stream cut into windows as a whole: one subtask computes them all. Models Flink 2.3.0
 * AllWindowedStream, which gives all records the same key.
 */
export class AllWindowedStream<T> extends WindowSettings<T> {
  aggregate<A, R>(aggregate: AggregateFunction<T, A, R>): SingleOutputStreamOperator<R>;
  aggregate<A, R, O>(
    aggregate: AggregateFunction<T, A, R>,
    windowFunction: ProcessAllWindowFunction<R, O>,
  ): SingleOutputStreamOperator<O>;
  aggregate<A, R, O>(
    aggregate: AggregateFunction<T, A, R>,
    windowFunction?: ProcessAllWindowFunction<R, O>,
  ): SingleOutputStreamOperator<O> {
    return this.addOperator<O>(aggregating(aggregate), keyless(windowFunction));
  }

  reduce<O = T>(
    reduce: ReduceFunction<T>,
    windowFunction?: ProcessAllWindowFunction<T, O>,
  ): SingleOutputStreamOperator<O> {
    return this.addOperator<O>(reducing(reduce), keyless(windowFunction));
  }

  process<O>(windowFunction: ProcessAllWindowFunction<T, O>): SingleOutputStreamOperator<O> {
    return this.addOperator<O>(listingContents, keyless(windowFunction));
  }
}

function aggregating<T, A, R>(aggregate: AggregateFunction<T, A, R>): CreateContents {
  if (typeof aggregate?.add !== 'function') {
    throw new ConfigError(
      'aggregate() needs an AggregateFunction',
      aggregate,
      'pass an object with createAccumulator, add, getResult and merge',
    );
  }
  const original = aggregate as AggregateFunction<unknown, unknown, unknown>;
  return () => aggregatingContents(copyFunction(original));
}

function reducing<T>(reduce: ReduceFunction<T>): CreateContents {
  if (typeof reduce !== 'function') {
    throw new ConfigError('reduce() needs a function', reduce, 'pass (left, right) => …');
  }
  return () => reducingContents(reduce as ReduceFunction<unknown>);
}

/** Makes a copy for each subtask. */
function copies<I, O, K>(
  windowFunction: ProcessWindowFunction<I, O, K> | undefined,
): () => AnyWindowFunction | undefined {
  if (windowFunction === undefined) return () => undefined;
  const original = checked(windowFunction) as unknown as AnyWindowFunction;
  return () => copyFunction(original);
}

function keyless<I, O>(
  windowFunction: ProcessAllWindowFunction<I, O> | undefined,
): () => AnyWindowFunction | undefined {
  if (windowFunction === undefined) return () => undefined;
  const original = checked(windowFunction) as unknown as ProcessAllWindowFunction<unknown, unknown>;
  return () => new KeylessFunction(copyFunction(original));
}

function checked<F extends object>(windowFunction: F): F {
  if (typeof (windowFunction as { process?: unknown }).process === 'function')
    return windowFunction;
  throw new ConfigError(
    'a window needs a ProcessWindowFunction, or a ProcessAllWindowFunction when it has no keys',
    windowFunction,
    'pass an instance: .process(new MyFunction())',
  );
}

/** Runs a function of windows without keys as one of windows with the same key for all. */
class KeylessFunction extends ProcessWindowFunction<unknown, unknown, unknown> {
  readonly #function: ProcessAllWindowFunction<unknown, unknown>;

  constructor(windowFunction: ProcessAllWindowFunction<unknown, unknown>) {
    super();
    this.#function = windowFunction;
  }

  override open(context: Readonly<Record<string, never>>): void {
    this.#function.boundRuntimeContext = this.getRuntimeContext() as RuntimeContext;
    this.#function.open(context);
  }

  override close(): void {
    this.#function.close();
  }

  override process(
    _key: unknown,
    context: ProcessWindowContext,
    elements: readonly unknown[],
    out: Collector<unknown>,
  ): void {
    this.#function.process(context, elements, out);
  }

  override clear(context: ProcessWindowContext): void {
    this.#function.clear(context);
  }
}
