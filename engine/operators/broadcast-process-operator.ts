import { ConfigError } from '../core/errors.ts';
import type { BroadcastState } from '../state/broadcast-state.ts';
import type { MapKey, MapStateDescriptor, StateDescriptor } from '../state/descriptors.ts';
import type { KeyedStateBackend } from '../state/keyed-state-backend.ts';
import { NONE } from '../trace/recorder.ts';
import type { FunctionState } from './function-state.ts';
import type { OutputTag } from './functions.ts';
import type { OperatorContext } from './operator.ts';
import type {
  BroadcastProcessFunction,
  BroadcastReadContext,
  BroadcastWriteContext,
  KeyedBroadcastProcessFunction,
  KeyedBroadcastTimerContext,
  KeyedBroadcastWriteContext,
  StateOf,
} from './process-functions.ts';
import { TimedOperator } from './timed-operator.ts';
import { UserFunctionOperator } from './user-function-operator.ts';

/** Names a broadcast state, whatever it maps. */
export type BroadcastDescriptor = MapStateDescriptor<MapKey, unknown>;

/**
 * Models Flink 2.3 CoBroadcastWithNonKeyedOperator: the broadcast side writes the broadcast state,
 * the other side reads it.
 */
export class BroadcastProcessOperator extends UserFunctionOperator {
  readonly #function: BroadcastProcessFunction<unknown, unknown, unknown>;
  readonly #states: BroadcastStates;
  readonly #readContext: BroadcastReadContext;
  readonly #writeContext: BroadcastWriteContext;

  constructor(
    context: OperatorContext,
    userFunction: BroadcastProcessFunction<unknown, unknown, unknown>,
    descriptors: readonly BroadcastDescriptor[],
  ) {
    super(context, userFunction, false);
    this.#function = userFunction;
    this.#states = new BroadcastStates(this.state, descriptors);
    const base = {
      timestamp: () => this.timestampOrNull(),
      currentProcessingTime: () => context.nowMs(),
      currentWatermark: () => context.watermarkMs(),
      output: <X>(tag: OutputTag<X>, record: X): void =>
        context.emitSideOutput(tag.id, record, this.timestampMs),
    };
    this.#readContext = { ...base, getBroadcastState: this.#states.readOnly };
    this.#writeContext = { ...base, getBroadcastState: this.#states.writable };
  }

  override open(): void {
    super.open();
    this.#states.open();
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    this.#function.processElement(value, this.#readContext, this.out);
  }

  processRecord2(value: unknown, timestampMs: number, _key: number, cause: number): void {
    this.begin(timestampMs, NONE, cause);
    this.#function.processBroadcastElement(value, this.#writeContext, this.out);
  }
}

/**
 * Models Flink 2.3 CoBroadcastWithKeyedOperator.
 * Simplified: on the broadcast side there is no current key, so that keyed state is refused there
 * (Flink leaves the key of the record before it).
 */
export class KeyedBroadcastProcessOperator extends TimedOperator {
  readonly #function: KeyedBroadcastProcessFunction<unknown, unknown, unknown, unknown>;
  readonly #states: BroadcastStates;
  readonly #readContext: KeyedBroadcastTimerContext<unknown>;
  readonly #writeContext: KeyedBroadcastWriteContext<unknown>;

  constructor(
    context: OperatorContext,
    userFunction: KeyedBroadcastProcessFunction<unknown, unknown, unknown, unknown>,
    descriptors: readonly BroadcastDescriptor[],
  ) {
    super(context, userFunction);
    this.#function = userFunction;
    this.#states = new BroadcastStates(this.state, descriptors);
    const { timestamp, output } = this.callContext;
    const clocks = {
      currentProcessingTime: () => context.nowMs(),
      currentWatermark: () => context.watermarkMs(),
    };
    const getReadOnly = this.#states.readOnly;
    this.#readContext = { ...this.callContext, ...clocks, getBroadcastState: getReadOnly };
    const getBroadcastState = this.#states.writable;
    this.#writeContext = {
      timestamp,
      output,
      ...clocks,
      getBroadcastState,
      applyToKeyedState: (descriptor, visit) => this.#applyToKeyedState(descriptor, visit),
    };
  }

  override open(): void {
    super.open();
    this.#states.open();
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    this.#function.processElement(value, this.#readContext, this.out);
  }

  processRecord2(value: unknown, timestampMs: number, _key: number, cause: number): void {
    this.begin(timestampMs, NONE, cause);
    this.#function.processBroadcastElement(value, this.#writeContext, this.out);
  }

  protected override onTimer(timeMs: number): void {
    this.#function.onTimer(timeMs, this.#readContext, this.out);
  }

  #applyToKeyedState<D extends StateDescriptor>(
    descriptor: D,
    visit: (key: unknown, state: StateOf<D>) => void,
  ): void {
    const { context, keyed } = this;
    const state = stateOf(keyed, descriptor) as StateOf<D>;
    // The keys are taken first: the visit may clear the state.
    for (const key of keyed.keysOf(descriptor.name)) {
      context.currentKey = key;
      visit(context.keys.valueOf(key), state);
    }
    context.currentKey = NONE;
  }
}

function stateOf(keyed: KeyedStateBackend, descriptor: StateDescriptor): unknown {
  switch (descriptor.kind) {
    case 'value':
      return keyed.valueState(descriptor as never);
    case 'list':
      return keyed.listState(descriptor as never);
    case 'map':
      return keyed.mapState(descriptor as never);
    case 'reducing':
      return keyed.reducingState(descriptor as never);
    default:
      return keyed.aggregatingState(descriptor as never);
  }
}

/** The broadcast states of one operator subtask, by the names given to `broadcast(…)`. */
class BroadcastStates {
  readonly #state: FunctionState;
  readonly #descriptors: readonly BroadcastDescriptor[];
  readonly #byName = new Map<string, BroadcastState<MapKey, unknown>>();
  readonly #views = new Map<string, BroadcastState<MapKey, unknown>>();

  constructor(state: FunctionState, descriptors: readonly BroadcastDescriptor[]) {
    this.#state = state;
    this.#descriptors = descriptors;
  }

  open(): void {
    for (const descriptor of this.#descriptors) {
      const state = this.#state.operatorState.getBroadcastState(descriptor);
      this.#byName.set(descriptor.name, state);
      this.#views.set(descriptor.name, readOnlyView(descriptor.name, state));
    }
  }

  readonly writable = <K extends MapKey, V>(
    descriptor: MapStateDescriptor<K, V>,
  ): BroadcastState<K, V> => {
    return found(this.#byName.get(descriptor.name), descriptor.name);
  };

  /** The same state without the means to write it. */
  readonly readOnly = <K extends MapKey, V>(
    descriptor: MapStateDescriptor<K, V>,
  ): BroadcastState<K, V> => {
    return found(this.#views.get(descriptor.name), descriptor.name);
  };
}

function found<K extends MapKey, V>(
  state: BroadcastState<MapKey, unknown> | undefined,
  name: string,
): BroadcastState<K, V> {
  if (state !== undefined) return state as unknown as BroadcastState<K, V>;
  throw new ConfigError(
    'the requested broadcast state does not exist',
    name,
    'check its name, and give its descriptor to broadcast(…) when the job is put together',
  );
}

/** The type of the reading side has no way to write; this is for code that does not heed types. */
function readOnlyView(
  name: string,
  state: BroadcastState<MapKey, unknown>,
): BroadcastState<MapKey, unknown> {
  const refuse = (): never => {
    throw new ConfigError(
      'broadcast state is read-only outside of processBroadcastElement()',
      `a write to "${name}"`,
      'write it where every subtask gets the same records: on the broadcast side',
    );
  };
  return {
    get: (key) => state.get(key),
    contains: (key) => state.contains(key),
    immutableEntries: () => state.immutableEntries(),
    entries: () => state.immutableEntries(),
    iterator: () => state.immutableEntries()[Symbol.iterator](),
    put: refuse,
    putAll: refuse,
    remove: refuse,
    clear: refuse,
  };
}
