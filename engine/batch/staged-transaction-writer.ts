import { toJson } from '../core/clone.ts';
import type { Sink } from '../connectors/sinks.ts';
import type { TransactionalStore } from '../connectors/transactional-store.ts';
import { StatelessOperator } from '../operators/operator.ts';
import type { OperatorContext } from '../operators/operator.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';

/**
 * The writer of a transactional sink in one attempt: everything goes into one transaction, which is
 * flushed at the end of the input and left to whoever knows that the job has finished. Models Flink
 * 2.3 SinkWriterOperator without checkpoints, whose committables a committer behind a blocking
 * exchange takes over (SinkTransformationTranslator.addFailOverRegion).
 * Invariant: of a task's attempts, the transaction of one at most is committed.
 */
export class StagedTransactionWriter extends StatelessOperator {
  /** Undefined before the first record. */
  transaction: number | undefined;
  readonly store: TransactionalStore;
  readonly sinkIndex: number;
  readonly #context: OperatorContext;
  readonly #sink: Sink<unknown>;

  constructor(
    context: OperatorContext,
    sink: Sink<unknown>,
    store: TransactionalStore,
    sinkIndex: number,
  ) {
    super();
    this.#context = context;
    this.#sink = sink;
    this.store = store;
    this.sinkIndex = sinkIndex;
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    const transaction = this.transaction ?? this.#begin(cause);
    const sinkKey = this.#sink.key === undefined ? null : toJson(this.#sink.key(value));
    const place = this.store.writeCount;
    this.store.writeIn(transaction, sinkKey, value);
    const { recorder, subtask } = this.#context;
    if (!recorder.isOn) return;
    const kind = KIND['sink-written'];
    const index = this.sinkIndex;
    const row = recorder.add(kind, subtask, cause, key, timestampMs, place, index, transaction);
    recorder.setValue(row, { key: sinkKey, row: value });
  }

  /** The end of the input: nothing more will be written. */
  finish(cause: number): void {
    if (this.transaction === undefined) return;
    this.store.prepare(this.transaction);
    this.#note('transaction-prepared', cause, this.transaction);
  }

  notifyCheckpointComplete(_checkpointId: number, cause: number): void {
    if (this.transaction === undefined) return;
    const outcome = this.store.commit(this.transaction, this.#context.nowMs());
    if (outcome === 'timed-out') {
      const reason = 'its timeout passed before the job had finished: data is lost';
      const row = this.#note('transaction-aborted', cause, this.transaction);
      this.#context.recorder.setValue(row, reason);
      return;
    }
    this.#note('transaction-committed', cause, this.transaction);
  }

  /** What the attempt has written shall never be seen. */
  abort(cause: number, reason: string): void {
    if (this.transaction === undefined) return;
    this.store.abort(this.transaction);
    const row = this.#note('transaction-aborted', cause, this.transaction);
    this.#context.recorder.setValue(row, reason);
  }

  #begin(cause: number): number {
    const owner = this.#context.taskInfo.getIndexOfThisSubtask();
    this.transaction = this.store.begin(owner, this.#context.nowMs());
    this.#note('transaction-begun', cause, this.transaction);
    return this.transaction;
  }

  #note(
    kind:
      | 'transaction-begun'
      | 'transaction-prepared'
      | 'transaction-committed'
      | 'transaction-aborted',
    cause: number,
    transaction: number,
  ): number {
    const { recorder, subtask } = this.#context;
    return recorder.add(KIND[kind], subtask, cause, NONE, 0, 0, this.sinkIndex, transaction);
  }
}
