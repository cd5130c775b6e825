import type {
  AggregatingState,
  Aggregation,
  ListState,
  MapKey,
  MapState,
  ReducingState,
  StateDescriptor,
  ValueState,
} from '../state/descriptors.ts';

/** One value that a handle reads and writes: that of the current key and window. */
export interface StatePlace {
  /** Null when there is none. */
  read(): unknown;
  /** Null clears. */
  write(value: unknown): void;
  clear(): void;
}

interface Reducing {
  readonly reduce: (left: unknown, right: unknown) => unknown;
}

interface Aggregating {
  readonly aggregate: Aggregation<unknown, unknown, unknown>;
}

/** How two values of a state become one; undefined when they cannot. */
export function mergeOf(
  descriptor: StateDescriptor,
): ((left: never, right: never) => unknown) | undefined {
  switch (descriptor.kind) {
    case 'list':
      return (left: readonly unknown[], right: readonly unknown[]) => [...left, ...right];
    case 'reducing':
      return (descriptor as StateDescriptor & Reducing).reduce;
    case 'aggregating': {
      const { aggregate } = descriptor as StateDescriptor & Aggregating;
      return (left, right) => aggregate.merge(left, right);
    }
    default:
      return undefined;
  }
}

/** What user code gets for a descriptor. */
export function handleOf(place: StatePlace, descriptor: StateDescriptor): object {
  switch (descriptor.kind) {
    case 'value':
      return valueHandle(place, (descriptor as { defaultValue?: unknown }).defaultValue ?? null);
    case 'list':
      return listHandle(place);
    case 'map':
      return mapHandle(place);
    case 'reducing':
      return reducingHandle(place, descriptor as StateDescriptor & Reducing);
    case 'aggregating':
      return aggregatingHandle(place, descriptor as StateDescriptor & Aggregating);
  }
}

function valueHandle(place: StatePlace, defaultValue: unknown): ValueState<unknown> {
  return {
    value: () => place.read() ?? defaultValue,
    update: (value) => place.write(value),
    clear: () => place.clear(),
  };
}

function listHandle(place: StatePlace): ListState<unknown> {
  const list = (): unknown[] => (place.read() ?? []) as unknown[];
  const replace = (values: readonly unknown[]): void =>
    place.write(values.length === 0 ? null : [...values]);
  return {
    get: list,
    add: (value) => replace([...list(), value]),
    addAll: (values) => replace([...list(), ...values]),
    update: replace,
    clear: () => place.clear(),
  };
}

function reducingHandle(place: StatePlace, { reduce }: Reducing): ReducingState<unknown> {
  return {
    get: () => place.read(),
    add: (value) => {
      const held = place.read();
      place.write(held === null ? value : reduce(held, value));
    },
    clear: () => place.clear(),
  };
}

function aggregatingHandle(
  place: StatePlace,
  { aggregate }: Aggregating,
): AggregatingState<unknown, unknown> {
  return {
    get: () => {
      const held = place.read();
      return held === null ? null : aggregate.getResult(held);
    },
    add: (value) => {
      place.write(aggregate.add(value, place.read() ?? aggregate.createAccumulator()));
    },
    clear: () => place.clear(),
  };
}

function mapHandle(place: StatePlace): MapState<MapKey, unknown> {
  const map = (): Map<MapKey, unknown> => (place.read() ?? new Map()) as Map<MapKey, unknown>;
  const replace = (changed: Map<MapKey, unknown>): void =>
    place.write(changed.size === 0 ? null : changed);
  return {
    get: (key) => map().get(key) ?? null,
    put: (key, value) => replace(new Map(map()).set(key, value)),
    putAll: (entries) => replace(new Map([...map(), ...entries])),
    remove: (key) => {
      const copy = new Map(map());
      if (copy.delete(key)) replace(copy);
    },
    contains: (key) => map().has(key),
    keys: () => [...map().keys()],
    values: () => [...map().values()],
    entries: () => [...map()],
    iterator: () => map().entries(),
    isEmpty: () => map().size === 0,
    clear: () => place.clear(),
  };
}
