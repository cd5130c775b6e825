import type { Random } from '../../../engine/core/random.ts';
import type { Drawn } from './draw-windows.ts';
import type { IntervalJoinWork, OperatorStateWork, ProgramWork, TtlSpec } from './scenario.ts';

const STATES: { readonly [kind: string]: readonly string[] } = {
  value: ['value.read', 'value.add', 'value.set', 'value.clear', 'value.add'],
  list: ['list.read', 'list.add', 'list.add-all', 'list.update', 'list.clear', 'list.add'],
  map: [
    'map.read',
    'map.put',
    'map.remove',
    'map.has',
    'map.all',
    'map.is-empty',
    'map.clear',
    'map.put',
  ],
  reducing: ['reducing.read', 'reducing.add', 'reducing.clear', 'reducing.add'],
  aggregating: ['aggregating.read', 'aggregating.add', 'aggregating.clear', 'aggregating.add'],
};
const EVENT_TIMERS = [
  'event-timer 0',
  'event-timer 2500',
  'event-timer 5000',
  'event-timer 10000',
  'event-timer -5000',
  'forget-event-timer 0',
  'forget-event-timer 5000',
];
const CLOCK_TIMERS = [
  'clock-timer 2000',
  'clock-timer 4000',
  'clock-timer 7000',
  'forget-clock-timer 2000',
  'forget-clock-timer 4000',
];
const RULES = [
  'rules.put',
  'rules.put',
  'rules.put',
  'rules.remove',
  'rules.clear',
  'rules.all',
  'keyed.show',
  'keyed.clear',
  'tell',
];

const SUBTASK_ACTIONS = [
  'buffer.add',
  'buffer.add',
  'buffer.add',
  'buffer.read',
  'buffer.clear',
  'union.add',
  'union.add',
  'union.read',
  'union.update',
  'union.clear',
  'tell',
];

/** A process function with state of every kind. */
export function states(random: Random): Drawn<ProgramWork> {
  const kinds = random.shuffle(Object.keys(STATES)).slice(0, random.between(1, 3));
  return program(random, 'process', [...kinds.flatMap((kind) => STATES[kind] ?? []), 'emit']);
}

/** A process function with timers of both kinds. */
export function timers(random: Random): Drawn<ProgramWork> {
  const actions = [...EVENT_TIMERS, ...CLOCK_TIMERS, 'tell', 'value.add', 'value.read'];
  const { work, steps } = program(random, 'process', actions);
  return {
    work: {
      ...work,
      onEventTimer: random.pick([[], ['event-timer 5000'], ['tell', 'clock-timer 2000']]),
      onClockTimer: random.pick([[], ['tell', 'clock-timer 2000'], ['value.clear']]),
    },
    steps,
  };
}

/** State that expires. */
export function ttl(random: Random): Drawn<ProgramWork> {
  const spec = drawTtl(random);
  const kinds = random.shuffle(Object.keys(STATES)).slice(0, random.between(1, 2));
  const actions = kinds
    .flatMap((kind) => STATES[kind] ?? [])
    // It counts what has expired but was not met yet.
    .filter((action) => spec.cleanup !== 'background' || action !== 'map.is-empty');
  const { work, steps } = program(random, 'process', actions);
  return {
    work: { ...work, ttl: spec },
    steps: { ...steps, clockShare: 0.3, isLong: true },
  };
}

/** What is cleaned up in passing is open in Flink (along a hash table): where it shows, none is. */
function drawTtl(random: Random): TtlSpec {
  const visibility = random.pick(['NeverReturnExpired', 'ReturnExpiredIfNotCleanedUp'] as const);
  const cleanup = random.pick(['none', 'none', 'full-snapshot', 'background'] as const);
  const isVisible = visibility === 'ReturnExpiredIfNotCleanedUp';
  return {
    ttlMs: random.pick([1_000, 2_000, 5_000]),
    updateType: random.pick(['OnCreateAndWrite', 'OnCreateAndWrite', 'OnReadAndWrite']),
    visibility,
    cleanup: isVisible && cleanup === 'background' ? 'none' : cleanup,
  };
}

/** Two keyed streams that share state and timers. */
export function connected(random: Random): Drawn<ProgramWork> {
  const actions = [...(STATES['value'] ?? []), ...(STATES['list'] ?? []), ...EVENT_TIMERS, 'tell'];
  return program(random, 'connected', [...actions, ...CLOCK_TIMERS]);
}

/** A keyed stream beside a broadcast one. */
export function broadcast(random: Random): Drawn<ProgramWork> {
  const { work, steps } = program(random, 'broadcast', [
    'value.add',
    'value.set',
    'value.read',
    'event-timer 5000',
    'clock-timer 2000',
    'side',
  ]);
  return { work: { ...work, second: drawTable(random, RULES) }, steps };
}

/** An interval join. */
export function intervalJoin(random: Random): Drawn<IntervalJoinWork> {
  const [lowerMs, upperMs] = random.pick([
    [-2_000, 2_000],
    [0, 3_000],
    [-5_000, 0],
    [1_000, 4_000],
    [-4_000, -1_000],
    [0, 0],
    [-500, 1_500],
  ] as const);
  const mayExclude = upperMs - lowerMs > 1;
  return {
    work: {
      type: 'interval-join',
      lowerMs,
      upperMs,
      isLowerIncluded: !mayExclude || random.chance(0.8),
      isUpperIncluded: !mayExclude || random.chance(0.8),
      hasLateOutput: random.chance(0.5),
    },
    steps: { inputCount: 2, clockShare: 0, mayEnd: true, isLong: true, isDense: true },
  };
}

/** State of a subtask, which a restore deals out. */
export function operatorState(random: Random): Drawn<OperatorStateWork> {
  return {
    work: { type: 'operator-state', first: drawTable(random, SUBTASK_ACTIONS) },
    steps: { inputCount: 1, clockShare: 0, restoreShare: 0.2, mayEnd: false, isLong: true },
  };
}

function program(
  random: Random,
  type: ProgramWork['type'],
  actions: readonly string[],
): Drawn<ProgramWork> {
  return {
    work: {
      type,
      first: drawTable(random, actions),
      second: type === 'connected' ? drawTable(random, actions) : [],
      onEventTimer: random.pick([[], ['value.read'], ['value.clear', 'tell'], ['side']]),
      onClockTimer: random.pick([[], ['value.read'], ['value.clear']]),
      ttl: null,
    },
    steps: {
      inputCount: type === 'process' ? 1 : 2,
      clockShare: 0.15,
      mayEnd: false,
      isLong: true,
    },
  };
}

function drawTable(random: Random, actions: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: random.between(3, 6) }, () =>
    Array.from({ length: random.between(1, 3) }, () => random.pick(actions)),
  );
}
