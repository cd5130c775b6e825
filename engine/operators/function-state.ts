import { KeyedStateBackend } from '../state/keyed-state-backend.ts';
import { OperatorStateBackend } from '../state/operator-state-backend.ts';
import type { CheckpointListener, CheckpointedFunction, RuntimeContext } from './functions.ts';
import type { OperatorContext, OperatorSnapshot } from './operator.ts';
import { keyedStateStoreOf, runtimeContextOf } from './runtime-context.ts';

/**
 * All state that a user's function can ask for, and the calls by which it takes part in
 * checkpoints. Models Flink 2.3 `AbstractUdfStreamOperator` and `StreamOperatorStateHandler`.
 * Simplified: `isRestored` says whether this subtask has got a part of a checkpoint.
 */
export class FunctionState {
  /** Undefined when the stream is not keyed. */
  readonly keyed: KeyedStateBackend | undefined;
  readonly operatorState: OperatorStateBackend;
  readonly runtimeContext: RuntimeContext;
  readonly #function: Partial<CheckpointedFunction & CheckpointListener>;
  #isRestored = false;

  constructor(context: OperatorContext, userFunction: object, isKeyed: boolean) {
    const register = context.registerState.bind(context);
    this.keyed = isKeyed
      ? new KeyedStateBackend(context, context.backendType, register)
      : undefined;
    this.operatorState = new OperatorStateBackend(context, register);
    this.runtimeContext = runtimeContextOf(this.keyed, context.taskInfo);
    this.#function = userFunction;
  }

  /** After `restore`, before the function's `open`. */
  initialize(): void {
    this.#function.initializeState?.({
      isRestored: () => this.#isRestored,
      getOperatorStateStore: () => this.operatorState,
      getKeyedStateStore: () => keyedStateStoreOf(this.keyed),
    });
  }

  /** The function may bring its state up to date, then it is copied. */
  snapshot(checkpointId: number): Pick<OperatorSnapshot, 'keyed' | 'operatorState'> {
    this.#function.snapshotState?.({ getCheckpointId: () => checkpointId });
    const operatorState = this.operatorState.snapshot();
    return this.keyed === undefined
      ? { operatorState }
      : { operatorState, keyed: this.keyed.snapshot() };
  }

  restore(snapshot: OperatorSnapshot): void {
    this.#isRestored = true;
    this.keyed?.restore(snapshot.keyed ?? []);
    this.operatorState.restore(snapshot.operatorState ?? []);
  }

  notifyCheckpointComplete(checkpointId: number): void {
    this.#function.notifyCheckpointComplete?.(checkpointId);
  }

  entryCount(): number {
    return (this.keyed?.entryCount() ?? 0) + this.operatorState.entryCount();
  }

  /** Estimated bytes; see `byte-size.ts`. */
  byteCount(): number {
    return (this.keyed?.byteCount() ?? 0) + this.operatorState.byteCount();
  }
}
