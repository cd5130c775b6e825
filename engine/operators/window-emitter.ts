import { KeyedStateBackend } from '../state/keyed-state-backend.ts';
import type { StateDescriptor } from '../state/descriptors.ts';
import { ConfigError } from '../core/errors.ts';
import { maxTimestampOf } from '../windows/time-window.ts';
import type { TimeWindow } from '../windows/time-window.ts';
import { emitRecord } from './emission.ts';
import { ProcessWindowFunction } from './functions.ts';
import type { Collector, KeyedStateStore, ProcessWindowContext } from './functions.ts';
import type { OperatorContext, OperatorSnapshot } from './operator.ts';
import { runtimeContextOf } from './runtime-context.ts';
import { WindowStateStore } from './window-state.ts';

/**
 * Models what Flink 2.3.0 WindowOperator does with a window that fires: the window function gets
 * the contents, and what it emits carries the window's max timestamp.
 * Invariant: the current key is set before the window function runs.
 */
export class WindowEmitter {
  /** State whose namespace is a window. */
  readonly windowState: WindowStateStore;
  /** Whether the window function wants to hear that a window is over. */
  readonly clears: boolean;
  readonly #context: OperatorContext;
  readonly #function: ProcessWindowFunction<unknown, unknown, unknown> | undefined;
  readonly #globalState: KeyedStateBackend;
  readonly #functionContext: ProcessWindowContext;
  readonly #out: Collector<unknown>;
  #window!: TimeWindow;

  constructor(
    context: OperatorContext,
    windowFunction: ProcessWindowFunction<unknown, unknown, unknown> | undefined,
    isMerging: boolean,
  ) {
    this.#context = context;
    this.#function = windowFunction;
    this.windowState = new WindowStateStore(context);
    this.#globalState = new KeyedStateBackend(context, context.backendType, (name, kind) =>
      context.registerState(name, kind),
    );
    this.#functionContext = this.#createContext(isMerging);
    this.#out = { collect: (record) => this.#emit(record) };
    this.clears =
      windowFunction !== undefined &&
      windowFunction.clear !== ProcessWindowFunction.prototype.clear;
    if (windowFunction !== undefined) {
      windowFunction.boundRuntimeContext = runtimeContextOf(this.#globalState, context.taskInfo);
    }
  }

  open(): void {
    this.#function?.open({});
  }

  /** Lets the window function have the contents of a window of the current key. */
  emit(window: TimeWindow, elements: readonly unknown[]): void {
    this.#window = window;
    if (this.#function === undefined) {
      for (const element of elements) this.#emit(element);
      return;
    }
    const key = this.#context.keys.valueOf(this.#context.currentKey);
    this.#function.process(key, this.#functionContext, elements, this.#out);
  }

  /** The window of the current key is over: the function may clear its state. */
  clear(window: TimeWindow): void {
    if (!this.clears) return;
    this.#window = window;
    this.#function?.clear(this.#functionContext);
  }

  /** Forgets what the functions keep, of windows and of keys. */
  clearState(): void {
    this.windowState.clearAll();
    this.#globalState.clearAll();
  }

  entryCount(): number {
    return this.windowState.entryCount() + this.#globalState.entryCount();
  }

  byteCount(): number {
    return this.windowState.byteCount() + this.#globalState.byteCount();
  }

  snapshotGlobalState(): NonNullable<OperatorSnapshot['keyed']> {
    return this.#globalState.snapshot();
  }

  restoreGlobalState(snapshot: OperatorSnapshot['keyed']): void {
    if (snapshot !== undefined) this.#globalState.restore(snapshot);
  }

  #emit(record: unknown): void {
    emitRecord(this.#context, record, maxTimestampOf(this.#window));
  }

  #createContext(isMerging: boolean): ProcessWindowContext {
    const context = this.#context;
    const globalState = runtimeContextOf(this.#globalState, context.taskInfo);
    const windowState = isMerging
      ? refusingStore()
      : storeOf((descriptor) => this.windowState.stateOf(descriptor, this.#window));
    return {
      window: () => {
        const { startMs, endMs } = this.#window;
        return { startMs, endMs };
      },
      currentProcessingTime: () => Math.floor(context.nowMs()),
      currentWatermark: () => context.watermarkMs(),
      windowState: () => windowState,
      globalState: () => globalState,
      output: (tag, record) => {
        context.emitSideOutput(tag.id, record, maxTimestampOf(this.#window));
      },
    };
  }
}

function storeOf(stateOf: (descriptor: StateDescriptor) => object): KeyedStateStore {
  const get = stateOf as (descriptor: StateDescriptor) => never;
  return {
    getState: get,
    getListState: get,
    getMapState: get,
    getReducingState: get,
    getAggregatingState: get,
  };
}

function refusingStore(): KeyedStateStore {
  return storeOf(({ name }) => {
    throw new ConfigError(
      'Per-window state is not allowed when using merging windows',
      `state "${name}"`,
      'use globalState(), or keep what you need in the accumulator',
    );
  });
}
