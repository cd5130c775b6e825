import { ConfigError } from '../core/errors.ts';
import type { Key } from '../core/key-table.ts';
import {
  CoFlatMapOperator,
  CoMapOperator,
  CoProcessOperator,
} from '../operators/co-process-operator.ts';
import type { KeySelector } from '../operators/functions.ts';
import { KeyedCoProcessOperator } from '../operators/keyed-co-process-operator.ts';
import { CoProcessFunction, KeyedCoProcessFunction } from '../operators/process-functions.ts';
import type { CoFlatMapFunction, CoMapFunction } from '../operators/process-functions.ts';
import type { DataStream, SingleOutputStreamOperator } from './data-stream.ts';
import { copyFunction } from './function-copy.ts';

/**
 * Two streams that one operator takes, each as an input of its own. Models Flink 2.3
 * ConnectedStreams.
 */
export class ConnectedStreams<T, U> {
  readonly #first: DataStream<T>;
  readonly #second: DataStream<U>;

  constructor(first: DataStream<T>, second: DataStream<U>) {
    this.#first = first;
    this.#second = second;
  }

  getFirstInput(): DataStream<T> {
    return this.#first;
  }

  getSecondInput(): DataStream<U> {
    return this.#second;
  }

  /** Partitions both by a key of one type, so that equal keys meet in one subtask. */
  keyBy<K extends Key>(
    keySelector1: KeySelector<T, K>,
    keySelector2: KeySelector<U, K>,
  ): ConnectedStreams<T, U> {
    return new ConnectedStreams<T, U>(
      this.#first.keyBy(keySelector1),
      this.#second.keyBy(keySelector2),
    );
  }

  map<O>(coMapper: CoMapFunction<T, U, O>): SingleOutputStreamOperator<O> {
    const original = coMapper as CoMapFunction<unknown, unknown, unknown>;
    return this.#first.transformWith<O>(
      this.#second,
      'Co-Map',
      (context) => new CoMapOperator(context, copyFunction(original), this.#isKeyed),
    );
  }

  flatMap<O>(coFlatMapper: CoFlatMapFunction<T, U, O>): SingleOutputStreamOperator<O> {
    const original = coFlatMapper as CoFlatMapFunction<unknown, unknown, unknown>;
    return this.#first.transformWith<O>(
      this.#second,
      'Co-Flat Map',
      (context) => new CoFlatMapOperator(context, copyFunction(original), this.#isKeyed),
    );
  }

  /** @throws ConfigError for a KeyedCoProcessFunction unless both streams are keyed. */
  process<K, O>(userFunction: KeyedCoProcessFunction<K, T, U, O>): SingleOutputStreamOperator<O>;
  process<O>(userFunction: CoProcessFunction<T, U, O>): SingleOutputStreamOperator<O>;
  process<K, O>(
    userFunction: KeyedCoProcessFunction<K, T, U, O> | CoProcessFunction<T, U, O>,
  ): SingleOutputStreamOperator<O> {
    if (userFunction instanceof KeyedCoProcessFunction) {
      if (!this.#isKeyed) throw notKeyed();
      const original = userFunction as KeyedCoProcessFunction<unknown, unknown, unknown, unknown>;
      return this.#first.transformWith<O>(
        this.#second,
        'Co-Keyed-Process',
        (context) => new KeyedCoProcessOperator(context, copyFunction(original)),
      );
    }
    if (!(userFunction instanceof CoProcessFunction)) {
      throw new ConfigError(
        'process() on connected streams needs a CoProcessFunction or KeyedCoProcessFunction',
        userFunction,
        'pass an instance: .process(new MyFunction())',
      );
    }
    const original = userFunction as CoProcessFunction<unknown, unknown, unknown>;
    return this.#first.transformWith<O>(this.#second, 'Co-Process', (context) => {
      const copy = copyFunction(original);
      return this.#isKeyed
        ? new KeyedCoProcessOperator(context, copy)
        : new CoProcessOperator(context, copy);
    });
  }

  get #isKeyed(): boolean {
    return this.#first.isKeyed && this.#second.isKeyed;
  }
}

function notKeyed(): ConfigError {
  return new ConfigError(
    'a KeyedCoProcessFunction can only be used when both input streams are of type KeyedStream',
    'a stream without keys',
    'call keyBy() on both, or .connect(…).keyBy(…, …)',
  );
}
