import type { OperatorContext } from './operator.ts';
import type { NonKeyedContext, ProcessFunction } from './process-functions.ts';
import { UserFunctionOperator, timersRefused } from './user-function-operator.ts';

/** Models Flink 2.3 ProcessOperator: no timers and no keyed state, even behind `keyBy`. */
export class ProcessOperator extends UserFunctionOperator {
  readonly #function: ProcessFunction<unknown, unknown>;
  readonly #processContext: NonKeyedContext;

  constructor(context: OperatorContext, userFunction: ProcessFunction<unknown, unknown>) {
    super(context, userFunction, false);
    this.#function = userFunction;
    this.#processContext = nonKeyedContext(context, {
      timestamp: () => this.timestampOrNull(),
      timestampMs: () => this.timestampMs,
    });
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    this.#function.processElement(value, this.#processContext, this.out);
  }
}

/** What a function without keys sees; `of` tells the time of the record being handled. */
export function nonKeyedContext(
  context: OperatorContext,
  of: { timestamp(): number | null; timestampMs(): number },
): NonKeyedContext {
  const timers = timersRefused(context);
  return {
    timestamp: of.timestamp,
    timerService: () => timers,
    output: (tag, record) => context.emitSideOutput(tag.id, record, of.timestampMs()),
  };
}
