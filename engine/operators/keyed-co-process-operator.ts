import type { OperatorContext } from './operator.ts';
import type { CoProcessFunction, KeyedCoProcessFunction } from './process-functions.ts';
import { TimedOperator } from './timed-operator.ts';

/** The two functions that can be used on connected keyed streams. */
export type KeyedCoFunction =
  | KeyedCoProcessFunction<unknown, unknown, unknown, unknown>
  | CoProcessFunction<unknown, unknown, unknown>;

/**
 * Models Flink 2.3 KeyedCoProcessOperator (and LegacyKeyedCoProcessOperator, for a plain
 * CoProcessFunction): both inputs share the state and the timers of a key.
 */
export class KeyedCoProcessOperator extends TimedOperator {
  readonly #function: KeyedCoFunction;

  constructor(context: OperatorContext, userFunction: KeyedCoFunction) {
    super(context, userFunction);
    this.#function = userFunction;
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    this.#function.processElement1(value, this.callContext, this.out);
  }

  processRecord2(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    this.#function.processElement2(value, this.callContext, this.out);
  }

  protected override onTimer(timeMs: number): void {
    this.#function.onTimer(timeMs, this.callContext, this.out);
  }
}
