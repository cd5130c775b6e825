import type { OperatorContext } from './operator.ts';
import type {
  CoFlatMapFunction,
  CoMapFunction,
  CoProcessFunction,
  NonKeyedContext,
} from './process-functions.ts';
import { nonKeyedContext } from './process-operator.ts';
import { UserFunctionOperator } from './user-function-operator.ts';

/** Models Flink 2.3 CoProcessOperator: two connected streams, not both keyed: no timers. */
export class CoProcessOperator extends UserFunctionOperator {
  readonly #function: CoProcessFunction<unknown, unknown, unknown>;
  readonly #processContext: NonKeyedContext;

  constructor(
    context: OperatorContext,
    userFunction: CoProcessFunction<unknown, unknown, unknown>,
  ) {
    super(context, userFunction, false);
    this.#function = userFunction;
    this.#processContext = nonKeyedContext(context, {
      timestamp: () => this.timestampOrNull(),
      timestampMs: () => this.timestampMs,
    });
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    this.#function.processElement1(value, this.#processContext, this.out);
  }

  processRecord2(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    this.#function.processElement2(value, this.#processContext, this.out);
  }
}

/** Models Flink 2.3 CoStreamMap. */
export class CoMapOperator extends UserFunctionOperator {
  readonly #function: CoMapFunction<unknown, unknown, unknown>;

  constructor(
    context: OperatorContext,
    userFunction: CoMapFunction<unknown, unknown, unknown>,
    isKeyed: boolean,
  ) {
    super(context, userFunction as object, isKeyed);
    this.#function = userFunction;
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    this.out.collect(this.#function.map1(value));
  }

  processRecord2(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    this.out.collect(this.#function.map2(value));
  }
}

/** Models Flink 2.3 CoStreamFlatMap. */
export class CoFlatMapOperator extends UserFunctionOperator {
  readonly #function: CoFlatMapFunction<unknown, unknown, unknown>;

  constructor(
    context: OperatorContext,
    userFunction: CoFlatMapFunction<unknown, unknown, unknown>,
    isKeyed: boolean,
  ) {
    super(context, userFunction as object, isKeyed);
    this.#function = userFunction;
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    this.#function.flatMap1(value, this.out);
  }

  processRecord2(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    this.#function.flatMap2(value, this.out);
  }
}
