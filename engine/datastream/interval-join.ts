import { ConfigError } from '../core/errors.ts';
import type { OutputTag } from '../operators/functions.ts';
import { BareIntervalJoinOperator } from '../operators/bare-interval-join-operator.ts';
import { IntervalJoinOperator } from '../operators/interval-join-operator.ts';
import type { ProcessJoinFunction } from '../operators/join-functions.ts';
import type { DataStream, SingleOutputStreamOperator } from './data-stream.ts';
import { copyFunction } from './function-copy.ts';

/** Two keyed streams to be joined by time. Models Flink 2.3 KeyedStream.IntervalJoin. */
export class IntervalJoin<L, R> {
  readonly #left: DataStream<L>;
  readonly #right: DataStream<R>;
  #isEventTime = true;

  constructor(left: DataStream<L>, right: DataStream<R>) {
    this.#left = left;
    this.#right = right;
  }

  inEventTime(): this {
    this.#isEventTime = true;
    return this;
  }

  inProcessingTime(): this {
    this.#isEventTime = false;
    return this;
  }

  /**
   * Pairs with left + lower ≤ right ≤ left + upper, both included unless said otherwise.
   * @throws ConfigError for processing time, or bounds that are not whole ms.
   */
  between(lowerBoundMs: number, upperBoundMs: number): IntervalJoined<L, R> {
    if (!this.#isEventTime) {
      throw new ConfigError(
        'time-bounded stream joins are only supported in event time',
        'inProcessingTime()',
        'leave it out, and give the sources timestamps and watermarks',
      );
    }
    for (const boundMs of [lowerBoundMs, upperBoundMs]) {
      if (Number.isSafeInteger(boundMs)) continue;
      throw new ConfigError('a bound is a whole number of ms', boundMs, 'use for example -2000');
    }
    return new IntervalJoined<L, R>(this.#left, this.#right, lowerBoundMs, upperBoundMs);
  }
}

/** An interval join with its bounds. Models Flink 2.3 KeyedStream.IntervalJoined. */
export class IntervalJoined<L, R> {
  readonly #left: DataStream<L>;
  readonly #right: DataStream<R>;
  readonly #lowerBoundMs: number;
  readonly #upperBoundMs: number;
  #isLowerExclusive = false;
  #isUpperExclusive = false;
  #leftLateTagId: string | undefined;
  #rightLateTagId: string | undefined;

  constructor(
    left: DataStream<L>,
    right: DataStream<R>,
    lowerBoundMs: number,
    upperBoundMs: number,
  ) {
    this.#left = left;
    this.#right = right;
    this.#lowerBoundMs = lowerBoundMs;
    this.#upperBoundMs = upperBoundMs;
  }

  lowerBoundExclusive(): this {
    this.#isLowerExclusive = true;
    return this;
  }

  upperBoundExclusive(): this {
    this.#isUpperExclusive = true;
    return this;
  }

  /** Left records behind the watermark go here instead of being dropped. */
  sideOutputLeftLateData(tag: OutputTag<L>): this {
    this.#leftLateTagId = tag.id;
    return this;
  }

  /** Right records behind the watermark go here instead of being dropped. */
  sideOutputRightLateData(tag: OutputTag<R>): this {
    this.#rightLateTagId = tag.id;
    return this;
  }

  /** @throws ConfigError when the lower bound is above the upper one. */
  process<O>(userFunction: ProcessJoinFunction<L, R, O>): SingleOutputStreamOperator<O> {
    if (this.#lowerBoundMs > this.#upperBoundMs) {
      throw new ConfigError(
        'lowerBound <= upperBound must be fulfilled',
        `between(${this.#lowerBoundMs}, ${this.#upperBoundMs})`,
        'the lower bound comes first: between(-2000, 1000)',
      );
    }
    const original = userFunction as ProcessJoinFunction<unknown, unknown, unknown>;
    // An exclusive bound is the next ms inside.
    const config = {
      lowerBoundMs: this.#lowerBoundMs + (this.#isLowerExclusive ? 1 : 0),
      upperBoundMs: this.#upperBoundMs - (this.#isUpperExclusive ? 1 : 0),
      leftLateTagId: this.#leftLateTagId,
      rightLateTagId: this.#rightLateTagId,
    };
    return this.#left.transformWith<O>(this.#right, 'Interval Join', (context) => {
      const isBare = !context.recorder.isOn && context.backendType === 'hashmap';
      const Operator = isBare ? BareIntervalJoinOperator : IntervalJoinOperator;
      return new Operator(context, copyFunction(original), config);
    });
  }
}
