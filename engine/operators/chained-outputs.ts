import type { Operator, Output } from './operator.ts';

/** To the next operator of the same chain: a plain call. */
export class ChainedOutput implements Output {
  readonly #next: Operator;

  constructor(next: Operator) {
    this.#next = next;
  }

  emit(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.#next.processRecord(value, timestampMs, key, cause);
  }
}

/** To several consumers of one stream. */
export class BroadcastingOutput implements Output {
  readonly #outputs: readonly Output[];

  constructor(outputs: readonly Output[]) {
    this.#outputs = outputs;
  }

  emit(value: unknown, timestampMs: number, key: number, cause: number): void {
    for (const output of this.#outputs) output.emit(value, timestampMs, key, cause);
  }
}

/** Nobody listens: the records of an unused stream or side output. */
export const SILENT_OUTPUT: Output = { emit: () => undefined };
