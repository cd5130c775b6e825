import type { KeyTable } from '../core/key-table.ts';
import { WATERMARK_MAX, WATERMARK_MIN } from '../core/time.ts';
import { keepsNothing } from '../datastream/function-copy.ts';
import type { SubtaskContext } from '../datastream/subtask-context.ts';
import type { Operator, Output } from '../operators/operator.ts';
import { WindowOperator } from '../operators/window-operator.ts';
import { RecordColumns } from './record-columns.ts';
import { byKey } from './record-order.ts';

/**
 * Computes the windows of all keys together, in the order of time, where one key after another
 * would jump about in memory. Windows fire as soon as they are full; their results are kept, and
 * handed on by key when all are there.
 * Simplified: an aggregate function is expected to keep everything in its accumulators, as Flink's
 * are; then nothing can tell that its calls came in another order.
 * Invariant: what is handed on is what key after key would give, in the same order.
 */
export class HashedWindows {
  readonly #operator: WindowOperator;
  readonly #context: SubtaskContext;
  readonly #output: Output;
  readonly #results = new RecordColumns(false);

  /** Undefined when somebody could tell the difference. */
  static of(operator: Operator, context: SubtaskContext): HashedWindows | undefined {
    if (context.recorder.isOn || !(operator instanceof WindowOperator)) return undefined;
    const { windowFunction } = operator;
    const isOrderFree = windowFunction === undefined || keepsNothing(windowFunction);
    if (!isOrderFree || context.sideOutputs.size > 0) return undefined;
    return new HashedWindows(operator, context);
  }

  private constructor(operator: WindowOperator, context: SubtaskContext) {
    this.#operator = operator;
    this.#context = context;
    this.#output = context.output;
    context.output = this.#results;
  }

  /** Before a record of this time, the first of those that are left. */
  beforeRecord(timestampMs: number, cause: number): void {
    this.#fire(timestampMs - 1, cause);
  }

  /** All records are in: the last windows fire, and all results are handed on by key. */
  finish(keys: KeyTable, cause: number): void {
    this.#fire(WATERMARK_MAX, cause);
    this.#operator.endKey(cause);
    const { values, times, keys: keyOf, count } = this.#results;
    const inOrder = new Int32Array(count);
    for (let place = 0; place < count; place += 1) inOrder[place] = place;
    for (const place of byKey(keyOf, inOrder, keys)) {
      this.#output.emit(values[place], times[place] as number, keyOf[place] as number, cause);
    }
    this.#context.output = this.#output;
  }

  #fire(watermarkMs: number, cause: number): void {
    // A function that asks is told that its key has ended, as key after key would tell it.
    this.#context.currentWatermarkMs = WATERMARK_MAX;
    this.#operator.processWatermark(watermarkMs, cause);
    this.#context.currentWatermarkMs = WATERMARK_MIN;
  }
}
