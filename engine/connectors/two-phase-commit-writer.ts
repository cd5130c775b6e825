import { toJson } from '../core/clone.ts';
import type { Operator, OperatorContext, OperatorSnapshot } from '../operators/operator.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { TransactionalTarget } from './external-store.ts';
import type { Sink } from './sinks.ts';

/** A transaction that is flushed and waits for its checkpoint to be complete. */
export interface Committable {
  readonly transaction: number;
  readonly checkpointId: number;
}

/**
 * Models an exactly-once sink of Flink 2.x (Sink V2 writer and committer, as KafkaSink has them):
 * records go into an open transaction; at the barrier it is flushed (pre-commit) and becomes part
 * of the checkpoint; when the checkpoint is complete it is committed. After a restore, what the
 * checkpoint holds is committed again, which does no harm, and everything else that earlier
 * attempts have left is aborted.
 * Simplified: writer and committer are one operator; an empty transaction is not begun.
 * Invariant: nothing is committed before its checkpoint is complete.
 */
export class TwoPhaseCommitWriter implements Operator {
  readonly ignoresWatermarks = true;
  readonly neverPlans = true;
  readonly #context: OperatorContext;
  readonly #sink: Pick<Sink<unknown>, 'key'>;
  readonly #store: TransactionalTarget;
  readonly #sinkIndex: number;
  #current: number | undefined;
  #pending: Committable[] = [];

  constructor(
    context: OperatorContext,
    sink: Pick<Sink<unknown>, 'key'>,
    store: TransactionalTarget,
    sinkIndex: number,
  ) {
    this.#context = context;
    this.#sink = sink;
    this.#store = store;
    this.#sinkIndex = sinkIndex;
  }

  /** After `restore`: commits what the checkpoint holds, then fences what is left over. */
  open(): void {
    this.#commitPending(Infinity, NONE);
    const { taskInfo } = this.#context;
    const parallelism = taskInfo.getNumberOfParallelSubtasks();
    for (const transaction of this.#store.fence(taskInfo.getIndexOfThisSubtask(), parallelism)) {
      this.#noteAbort(transaction, 'left over from an earlier attempt');
    }
  }

  processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    const { recorder, subtask } = this.#context;
    const index = this.#sinkIndex;
    if (this.#current === undefined) {
      const { taskInfo } = this.#context;
      const owner = taskInfo.getIndexOfThisSubtask();
      this.#current = this.#store.begin(owner, this.#context.nowMs());
      const begun = KIND['transaction-begun'];
      recorder.add(begun, subtask, cause, NONE, 0, 0, index, this.#current);
    }
    const sinkKey = this.#sink.key === undefined ? null : toJson(this.#sink.key(value));
    const place = this.#store.writeCount;
    const outcome = this.#store.writeIn(this.#current, sinkKey, value);
    if (!recorder.isOn) return;
    const kind = KIND['sink-written'];
    const row = recorder.add(kind, subtask, cause, key, timestampMs, place, index, this.#current);
    recorder.setValue(row, { key: sinkKey, row: value, ...outcome });
  }

  processWatermark(_watermarkMs: number, _cause: number): void {}

  onProcessingTime(_cause: number): void {}

  snapshot(checkpointId: number): OperatorSnapshot {
    this.#prepare(checkpointId);
    return { committables: [...this.#pending] };
  }

  restore(snapshot: OperatorSnapshot): void {
    this.#pending = [...(snapshot.committables ?? [])];
  }

  notifyCheckpointComplete(checkpointId: number, cause: number): void {
    this.#commitPending(checkpointId, cause);
  }

  /** Without checkpoints nobody will ever say that it is safe: the end of the input does. */
  finish(cause: number): void {
    if (this.#context.hasCheckpoints) return;
    this.#prepare(0);
    this.#commitPending(Infinity, cause);
  }

  entryCount(): number {
    return this.#pending.length;
  }

  #prepare(checkpointId: number): void {
    const transaction = this.#current;
    if (transaction === undefined) return;
    this.#current = undefined;
    this.#store.prepare(transaction);
    this.#pending.push({ transaction, checkpointId });
    const { recorder, subtask } = this.#context;
    const kind = KIND['transaction-prepared'];
    recorder.add(kind, subtask, NONE, NONE, checkpointId, 0, this.#sinkIndex, transaction);
  }

  #commitPending(upToId: number, cause: number): void {
    const due = this.#pending.filter(({ checkpointId }) => checkpointId <= upToId);
    this.#pending = this.#pending.filter(({ checkpointId }) => checkpointId > upToId);
    const { recorder, subtask } = this.#context;
    for (const { transaction, checkpointId } of due) {
      const outcome = this.#store.commit(transaction, this.#context.nowMs());
      if (outcome === 'timed-out') {
        this.#noteAbort(transaction, 'its timeout passed before it was committed: data is lost');
        continue;
      }
      const kind = KIND['transaction-committed'];
      const again = outcome === 'already-committed' ? 1 : 0;
      const index = this.#sinkIndex;
      recorder.add(kind, subtask, cause, NONE, checkpointId, again, index, transaction);
    }
  }

  #noteAbort(transaction: number, reason: string): void {
    const { recorder, subtask } = this.#context;
    const kind = KIND['transaction-aborted'];
    const row = recorder.add(kind, subtask, NONE, NONE, 0, 0, this.#sinkIndex, transaction);
    recorder.setValue(row, reason);
  }
}
