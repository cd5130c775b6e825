import {
  AggregatingStateDescriptor,
  ListStateDescriptor,
  MapStateDescriptor,
  ReducingStateDescriptor,
  StateTtlConfig,
  ValueStateDescriptor,
} from '#engine';
import type {
  AggregatingState,
  ListState,
  MapState,
  ReducingState,
  RuntimeContext,
  TimerService,
  ValueState,
} from '#engine';
import { timeText } from './item.ts';
import type { ProgramWork, TtlSpec } from './scenario.ts';

/** Timers are set on these grids, so that they meet. */
const EVENT_GRID_MS = 5_000;
const CLOCK_GRID_MS = 2_000;

/** What is being handled, and where results go. */
export interface ProgramCall {
  readonly n: number;
  readonly timestampMs: number | null;
  readonly timers: TimerService;
  readonly out: (text: string) => void;
  readonly side: (text: string) => void;
}

/** What a process function does: actions on keyed state and timers. */
export class Program {
  readonly valueDescriptor: ValueStateDescriptor<number>;
  readonly #ttl: TtlSpec | null;
  #value!: ValueState<number>;
  #list!: ListState<number>;
  #map!: MapState<number, number>;
  #reducing!: ReducingState<number>;
  #aggregating!: AggregatingState<number, string>;

  constructor({ ttl }: ProgramWork) {
    this.#ttl = ttl;
    this.valueDescriptor = this.#expiring(new ValueStateDescriptor<number>('value'));
  }

  open(context: RuntimeContext): void {
    this.#value = context.getState(this.valueDescriptor);
    this.#list = context.getListState(this.#expiring(new ListStateDescriptor<number>('list')));
    this.#map = context.getMapState(this.#expiring(new MapStateDescriptor<number, number>('map')));
    this.#reducing = context.getReducingState(
      this.#expiring(new ReducingStateDescriptor<number>('reducing', (a, b) => a + b)),
    );
    this.#aggregating = context.getAggregatingState(
      this.#expiring(
        new AggregatingStateDescriptor<number, readonly [number, number], string>('aggregating', {
          createAccumulator: () => [0, 0],
          add: (n, [count, total]) => [count + 1, total + n],
          getResult: ([count, total]) => `${count}/${total}`,
          merge: (left, right) => [left[0] + right[0], left[1] + right[1]],
        }),
      ),
    );
  }

  run(actions: readonly string[], call: ProgramCall): void {
    for (const action of actions) {
      const [name = '', deltaMs] = action.split(' ');
      if (deltaMs !== undefined) onTimers(name, Number(deltaMs), call);
      else if (name.startsWith('map.')) this.#onMap(name, call);
      else if (name.startsWith('list.')) this.#onList(name, call);
      else if (name.startsWith('value.')) this.#onValue(name, call);
      else if (name.includes('.')) this.#onReduced(name, call);
      else onOthers(name, call);
    }
  }

  #onValue(action: string, { n, out }: ProgramCall): void {
    const state = this.#value;
    if (action === 'value.read') out(`value=${state.value()}`);
    else if (action === 'value.add') state.update((state.value() ?? 0) + n);
    else if (action === 'value.set') state.update(n);
    else state.clear();
  }

  #onReduced(action: string, { n, out }: ProgramCall): void {
    const [name, verb] = action.split('.');
    const state = name === 'reducing' ? this.#reducing : this.#aggregating;
    if (verb === 'read') out(`${name}=${state.get()}`);
    else if (verb === 'add') state.add(n);
    else state.clear();
  }

  #onList(action: string, { n, out }: ProgramCall): void {
    const state = this.#list;
    if (action === 'list.read') out(`list=${state.get().join(' ')}`);
    else if (action === 'list.add') state.add(n);
    else if (action === 'list.add-all') state.addAll([n, n + 1]);
    else if (action === 'list.update') state.update([n + 10]);
    else state.clear();
  }

  #onMap(action: string, { n, out }: ProgramCall): void {
    const state = this.#map;
    const key = n % 3;
    if (action === 'map.read') out(`map[${key}]=${state.get(key)}`);
    else if (action === 'map.put') state.put(key, n);
    else if (action === 'map.remove') state.remove(key);
    else if (action === 'map.has') out(`map has ${state.contains(key)}`);
    else if (action === 'map.all') out(`map=${joined(state.entries())}`);
    else if (action === 'map.is-empty') out(`map is empty ${state.isEmpty()}`);
    else state.clear();
  }

  #expiring<D extends { enableTimeToLive: (ttl: StateTtlConfig) => void }>(descriptor: D): D {
    if (this.#ttl === null) return descriptor;
    const { ttlMs, updateType, visibility, cleanup } = this.#ttl;
    const builder = StateTtlConfig.newBuilder(ttlMs)
      .setUpdateType(updateType)
      .setStateVisibility(visibility);
    if (cleanup === 'full-snapshot') builder.cleanupFullSnapshot();
    if (cleanup !== 'background') builder.disableCleanupInBackground();
    descriptor.enableTimeToLive(builder.build());
    return descriptor;
  }
}

/** Entries in the order of their keys: Flink's are those of a hash map. */
export function joined(entries: readonly (readonly [number, number])[]): string {
  const inOrder = [...entries].sort(([left], [right]) => left - right);
  return inOrder.map(([key, n]) => `${key}:${n}`).join(' ');
}

function onTimers(action: string, deltaMs: number, { timestampMs, timers }: ProgramCall): void {
  const isEvent = action.endsWith('event-timer');
  const baseMs = isEvent ? (timestampMs as number) : timers.currentProcessingTime();
  const gridMs = isEvent ? EVENT_GRID_MS : CLOCK_GRID_MS;
  const timeMs = Math.floor(baseMs / gridMs) * gridMs + deltaMs;
  if (action === 'event-timer') timers.registerEventTimeTimer(timeMs);
  else if (action === 'clock-timer') timers.registerProcessingTimeTimer(timeMs);
  else if (isEvent) timers.deleteEventTimeTimer(timeMs);
  else timers.deleteProcessingTimeTimer(timeMs);
}

function onOthers(action: string, { n, timestampMs, timers, out, side }: ProgramCall): void {
  if (action === 'emit') out(`n=${n}`);
  else if (action === 'side') side(`n=${n}`);
  else {
    const now = timers.currentProcessingTime();
    out(`at ${timestampMs ?? 'none'} now ${now} watermark ${timeText(timers.currentWatermark())}`);
  }
}
