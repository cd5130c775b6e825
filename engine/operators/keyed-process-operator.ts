import type { KeyedProcessFunction } from './functions.ts';
import type { OperatorContext } from './operator.ts';
import { TimedOperator } from './timed-operator.ts';

/** Models Flink 2.3 KeyedProcessOperator. Never drops a late record. */
export class KeyedProcessOperator extends TimedOperator {
  readonly #function: KeyedProcessFunction<unknown, unknown, unknown>;

  constructor(
    context: OperatorContext,
    userFunction: KeyedProcessFunction<unknown, unknown, unknown>,
  ) {
    super(context, userFunction);
    this.#function = userFunction;
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    this.#function.processElement(value, this.callContext, this.out);
  }

  protected override onTimer(timeMs: number): void {
    this.#function.onTimer(timeMs, this.callContext, this.out);
  }
}
