import { cloneValue } from '../core/clone.ts';
import { ConfigError } from '../core/errors.ts';
import { byteSize } from '../state/byte-size.ts';
import type { OperatorStateSnapshot } from '../state/operator-state-backend.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import { AsyncCall } from './async-call.ts';
import type { AsyncCallSettings } from './async-call.ts';
import type { AsyncFunction, AsyncRetryStrategy } from './async-functions.ts';
import { OrderedAsyncQueue, UnorderedAsyncQueue } from './async-queue.ts';
import type { AsyncElement, AsyncEntry, AsyncQueue } from './async-queue.ts';
import { emitRecord } from './emission.ts';
import type { RuntimeContext } from './functions.ts';
import type { OperatorContext, OperatorSnapshot } from './operator.ts';
import { UserFunctionOperator } from './user-function-operator.ts';

export interface AsyncWaitConfig {
  /** 0 or less: none. */
  readonly timeoutMs: number;
  /** Records and watermarks under way at a time. */
  readonly capacity: number;
  readonly isOrdered: boolean;
  readonly retry: AsyncRetryStrategy<unknown> | undefined;
}

const STATE_NAME = '_async_wait_operator_state_';

/**
 * Models Flink 2.3 AsyncWaitOperator: keeps up to `capacity` records and watermarks under way; when
 * it is full, its task takes no input. Watermarks wait in the queue like records. What is under way
 * is part of a checkpoint, and is asked for again after a restore. At the end of the input it waits
 * for the last answer.
 * Simplified: a call that fails for good fails the job for good (Flink restarts it); what an
 * operator before it in its chain emits in one go waits here when there is no room.
 * Invariant: no result passes a watermark; ordered results leave in the order of their records.
 */
export class AsyncWaitOperator extends UserFunctionOperator {
  readonly mayHoldInput = true;
  readonly holdsWatermarks = true;
  readonly #capacity: number;
  readonly #queue: AsyncQueue;
  readonly #calls: AsyncCallSettings;
  /** What has come while the queue was full: at most what one step emits. */
  readonly #waiting: AsyncEntry[] = [];
  #recovered: readonly AsyncElement[] = [];
  #onDrained: (() => void) | undefined;

  constructor(
    context: OperatorContext,
    userFunction: AsyncFunction<unknown, unknown>,
    config: AsyncWaitConfig,
  ) {
    super(context, userFunction as object, false);
    this.#capacity = config.capacity;
    this.#queue = config.isOrdered ? new OrderedAsyncQueue() : new UnorderedAsyncQueue();
    this.#calls = {
      context,
      function: userFunction,
      timeoutMs: config.timeoutMs,
      retry: enabled(config.retry),
      isRetryDisabled: false,
      retried: new Set(),
      onDone: (entry) => {
        this.#queue.complete(entry);
        this.#release();
      },
    };
    Object.assign(userFunction, { boundRuntimeContext: this.#withoutState() });
  }

  override open(): void {
    super.open();
    const recovered = this.#recovered;
    this.#recovered = [];
    for (const element of recovered) this.#offer(element);
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.#offer({ type: 'record', value, timestampMs, key, row: cause });
  }

  override processWatermark(watermarkMs: number, cause: number): void {
    const element = { value: undefined, timestampMs: watermarkMs, key: NONE, row: cause };
    this.#offer({ type: 'watermark', ...element });
  }

  override snapshot(checkpointId: number): OperatorSnapshot {
    const snapshot = super.snapshot(checkpointId);
    const items = this.#elements().map((element) => {
      const { type, value, timestampMs, key, row } = element;
      const copy = { type, value: cloneValue(value), timestampMs, key, row };
      return [null, copy, row] as const;
    });
    const underWay: OperatorStateSnapshot = { name: STATE_NAME, mode: 'split', items };
    return { ...snapshot, operatorState: [...(snapshot.operatorState ?? []), underWay] };
  }

  override restore(snapshot: OperatorSnapshot): void {
    const states = snapshot.operatorState ?? [];
    super.restore({ ...snapshot, operatorState: states.filter(({ name }) => name !== STATE_NAME) });
    this.#recovered = states
      .filter(({ name }) => name === STATE_NAME)
      .flatMap(({ items }) => items.map(([, element]) => cloneValue(element) as AsyncElement));
  }

  override entryCount(): number {
    return super.entryCount() + this.#queue.size + this.#waiting.length;
  }

  override byteCount(): number {
    const bytes = this.#elements().reduce((sum, { value }) => sum + byteSize(value) + 9, 0);
    return super.byteCount() + bytes;
  }

  drain(_cause: number, onDrained: () => void): boolean {
    this.#calls.isRetryDisabled = true;
    const retried = [...this.#calls.retried];
    this.#calls.retried.clear();
    for (const call of retried) call.attemptNow();
    if (this.#queue.size + this.#waiting.length === 0) return true;
    this.#onDrained = onDrained;
    return false;
  }

  #elements(): AsyncElement[] {
    return [...this.#queue.elements(), ...this.#waiting];
  }

  #offer(element: AsyncElement): void {
    const isDone = element.type === 'watermark';
    const entry: AsyncEntry = { ...element, isDone, results: [], answeredRow: NONE };
    if (this.#waiting.length === 0 && this.#queue.size < this.#capacity) {
      this.#begin(entry);
      return;
    }
    this.#waiting.push(entry);
    if (this.#waiting.length === 1) this.context.holdInput(true);
  }

  #begin(entry: AsyncEntry): void {
    this.#queue.add(entry);
    if (entry.type === 'watermark') this.#release();
    else new AsyncCall(this.#calls, entry).begin();
  }

  /** Lets go what may leave, and takes in what there is room for then. */
  #release(): void {
    for (let entry = this.#queue.takeCompleted(); entry !== undefined;) {
      this.#emit(entry);
      entry = this.#queue.takeCompleted();
    }
    const next = this.#queue.size < this.#capacity ? this.#waiting.shift() : undefined;
    if (next !== undefined) {
      if (this.#waiting.length === 0) this.context.holdInput(false);
      this.#begin(next);
      if (this.#waiting.length > 0) this.#release();
    }
    if (this.#queue.size + this.#waiting.length > 0) return;
    const onDrained = this.#onDrained;
    this.#onDrained = undefined;
    onDrained?.();
  }

  #emit(entry: AsyncEntry): void {
    const { context } = this;
    const { timestampMs, key, row, answeredRow } = entry;
    if (entry.type === 'watermark') {
      context.forwardWatermark(timestampMs, row);
      return;
    }
    const { recorder, subtask } = context;
    const kind = KIND['async-released'];
    context.currentKey = key;
    context.callbackRow = recorder.add(
      kind,
      subtask,
      answeredRow,
      key,
      timestampMs,
      0,
      0,
      answeredRow,
    );
    for (const result of entry.results) emitRecord(context, result, timestampMs);
  }

  #withoutState(): RuntimeContext {
    const refuse = (): never => {
      throw new ConfigError(
        'state is not supported in rich async functions',
        'a call of getRuntimeContext() for state',
        'keep the state in a process function before or after',
      );
    };
    return {
      ...this.state.runtimeContext,
      getState: refuse,
      getListState: refuse,
      getMapState: refuse,
      getReducingState: refuse,
      getAggregatingState: refuse,
    };
  }
}

/** A strategy without predicates never retries. */
function enabled(
  retry: AsyncRetryStrategy<unknown> | undefined,
): AsyncRetryStrategy<unknown> | undefined {
  const predicate = retry?.getRetryPredicate();
  const isEnabled = predicate?.resultPredicate ?? predicate?.exceptionPredicate;
  return isEnabled === undefined ? undefined : retry;
}
