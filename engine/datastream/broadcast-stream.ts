import { ConfigError } from '../core/errors.ts';
import {
  BroadcastProcessOperator,
  KeyedBroadcastProcessOperator,
} from '../operators/broadcast-process-operator.ts';
import type { BroadcastDescriptor } from '../operators/broadcast-process-operator.ts';
import {
  BroadcastProcessFunction,
  KeyedBroadcastProcessFunction,
} from '../operators/process-functions.ts';
import type { DataStream, SingleOutputStreamOperator } from './data-stream.ts';
import { copyFunction } from './function-copy.ts';

export type { BroadcastDescriptor } from '../operators/broadcast-process-operator.ts';

/**
 * A stream that goes to every subtask, with the state that will be kept of it. Models Flink 2.3.
 */
export class BroadcastStream<T> {
  readonly stream: DataStream<T>;
  readonly descriptors: readonly BroadcastDescriptor[];

  constructor(stream: DataStream<T>, descriptors: readonly BroadcastDescriptor[]) {
    this.stream = stream;
    this.descriptors = descriptors;
  }
}

/** A stream beside a broadcast one. Models Flink 2.3 BroadcastConnectedStream. */
export class BroadcastConnectedStream<T, B> {
  readonly #first: DataStream<T>;
  readonly #broadcast: BroadcastStream<B>;

  constructor(first: DataStream<T>, broadcast: BroadcastStream<B>) {
    this.#first = first;
    this.#broadcast = broadcast;
  }

  /** @throws ConfigError for a keyed function on a stream without keys, and the reverse. */
  process<K, O>(
    userFunction: KeyedBroadcastProcessFunction<K, T, B, O>,
  ): SingleOutputStreamOperator<O>;
  process<O>(userFunction: BroadcastProcessFunction<T, B, O>): SingleOutputStreamOperator<O>;
  process<K, O>(
    userFunction: KeyedBroadcastProcessFunction<K, T, B, O> | BroadcastProcessFunction<T, B, O>,
  ): SingleOutputStreamOperator<O> {
    const { stream, descriptors } = this.#broadcast;
    if (userFunction instanceof KeyedBroadcastProcessFunction) {
      this.#checkKeyed(true);
      const original = userFunction as KeyedBroadcastProcessFunction<
        unknown,
        unknown,
        unknown,
        unknown
      >;
      return this.#first.transformWith<O>(
        stream,
        'Co-Process-Broadcast-Keyed',
        (context) =>
          new KeyedBroadcastProcessOperator(context, copyFunction(original), descriptors),
      );
    }
    if (!(userFunction instanceof BroadcastProcessFunction)) {
      throw new ConfigError(
        'process() beside a broadcast stream needs a (Keyed)BroadcastProcessFunction',
        userFunction,
        'pass an instance: .process(new MyFunction())',
      );
    }
    this.#checkKeyed(false);
    const original = userFunction as BroadcastProcessFunction<unknown, unknown, unknown>;
    return this.#first.transformWith<O>(
      stream,
      'Co-Process-Broadcast',
      (context) => new BroadcastProcessOperator(context, copyFunction(original), descriptors),
    );
  }

  #checkKeyed(isNeeded: boolean): void {
    if (this.#first.isKeyed === isNeeded) return;
    throw new ConfigError(
      isNeeded
        ? 'a KeyedBroadcastProcessFunction can only be used on a keyed stream'
        : 'a BroadcastProcessFunction can only be used on a non-keyed stream',
      isNeeded ? 'a stream without keys' : 'a keyed stream',
      isNeeded ? 'call keyBy() before connect()' : 'extend KeyedBroadcastProcessFunction',
    );
  }
}
