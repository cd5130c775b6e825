import type { FlinkScenario, Step, StepOutcome, TriggerSpec } from './scenario.ts';

/**
 * What differs between Flink and the engine, in the words of the domain; undefined: nothing.
 * `countsDrops` is false for runs that do not count what they drop.
 */
export function difference(
  scenario: FlinkScenario,
  flink: readonly StepOutcome[],
  engine: readonly StepOutcome[],
  countsDrops = true,
): string | undefined {
  for (const [at, step] of scenario.steps.entries()) {
    const [left, right] = [flink[at], engine[at]];
    if (left === undefined || right === undefined) return `step ${at} was not run by both`;
    const found =
      outputDifference(scenario, step, left, right) ??
      sizesDifference(scenario, left, right) ??
      (countsDrops && OPEN.countsDrops(scenario)
        ? numbers('records dropped as late', left.dropped, right.dropped)
        : undefined);
    if (found !== undefined) return `step ${at}, ${stepText(step)}: ${found}`;
  }
  return undefined;
}

/** A step in short: `a=3@1500` is a record of key a, `w2000` a watermark. */
export function stepText(step: Step): string {
  switch (step.type) {
    case 'record':
      return `${step.input === 1 ? 'right ' : ''}${step.key}=${step.n}@${step.atMs ?? 'none'}`;
    case 'watermark':
      return `w${step.atMs}${step.input === undefined ? '' : ` of input ${step.input}`}`;
    case 'status':
      return `input ${step.input} ${step.isIdle ? 'idle' : 'active'}`;
    case 'clock':
      return `clock ${step.atMs}`;
    case 'restore':
      return `restored over ${step.parallelism} subtasks`;
  }
}

/** Where Flink leaves open what happens; each says why, and what is compared instead. */
const OPEN = {
  /** What sessions keep is joined along a hash set of windows: its order is not looked at. */
  hasMergedLists: ({ work }: FlinkScenario): boolean =>
    work.type === 'windows' &&
    (work.windows.type === 'session' || work.windows.type === 'clock-session'),
  /** Partners are found along a hash map by time (IntervalJoinOperator): their order is not. */
  hasUnorderedPairs: ({ work }: FlinkScenario): boolean => work.type === 'interval-join',
  /** Flink sets one timer for each side at a time, the engine one for both. */
  hasSharedTimers: ({ work }: FlinkScenario): boolean => work.type === 'interval-join',
  /** Cleaning up in passing goes along a hash table: what is held is not compared. */
  isCleanedInPassing: ({ work }: FlinkScenario): boolean =>
    'ttl' in work && work.ttl !== null && work.ttl.cleanup === 'background',
  /**
   * Reading all of a map takes out what has expired by its iterator (TtlMapState), and leaves an
   * empty map in the table of the heap backend: Flink may count one for each key.
   */
  mayLeaveEmptyMaps: ({ work }: FlinkScenario): boolean =>
    'ttl' in work && work.ttl !== null && work.first.flat().includes('map.all'),
  /** Flink counts what windows drop, not what an interval join drops. */
  countsDrops: ({ work }: FlinkScenario): boolean => work.type === 'windows',
  /** Timers of one time fire in the order of a heap: what came, in any order, and each key
   * and window for itself are compared. */
  firesTimers: (step: Step): boolean =>
    step.type === 'watermark' || step.type === 'status' || step.type === 'clock',
} as const;

function outputDifference(
  scenario: FlinkScenario,
  step: Step,
  flink: StepOutcome,
  engine: StepOutcome,
): string | undefined {
  const isOpen = OPEN.firesTimers(step) || OPEN.hasUnorderedPairs(scenario);
  const [left, right] = [flink, engine].map(({ out }) => {
    const texts = OPEN.hasMergedLists(scenario) ? out.map(withSortedList) : out;
    return OPEN.firesTimers(step) ? texts.map(withoutKeyCount) : texts;
  }) as [string[], string[]];
  if (!isOpen) return lists('came out', left, right);
  return (
    lists('came out, in any order', [...left].sort(), [...right].sort()) ??
    lists('came out, key by key', byKey(left), byKey(right)) ??
    lists('came out, by time', orderOf(scenario, left), orderOf(scenario, right))
  );
}

/** `[0,5000) a: 3 1 2 …` with its records in the order of their numbers. */
function withSortedList(text: string): string {
  return text.replace(/: ([\d ]+?)(?= \d+\/| @)/, (_, list: string) => {
    return `: ${list.split(' ').sort().join(' ')}`;
  });
}

/** Of `3/1 at 999` the first number, which counts the firings of a key over all its windows. */
function withoutKeyCount(text: string): string {
  return text.replace(/\d+(\/\d+ at )/, '#$1');
}

/** What came of each key and window, in order; lines that belong to none stay together. */
function byKey(texts: readonly string[]): string[] {
  const byName = new Map<string, string[]>();
  for (const text of texts) {
    const name = /^\w+ (\[.*?\) \w+|global \w+)/.exec(text)?.[1] ?? '';
    byName.set(name, [...(byName.get(name) ?? []), text]);
  }
  byName.delete('');
  return [...byName.keys()].sort().flatMap((name) => byName.get(name) ?? []);
}

/** The times at which timers fired, where what came out tells them. */
function orderOf({ work }: FlinkScenario, texts: readonly string[]): string[] {
  if (work.type === 'interval-join') return [];
  if (work.type === 'windows') {
    if (!hasTellingTimes(work.trigger)) return [];
    return texts.flatMap((text) => /^out .* @(.*)$/.exec(text)?.[1] ?? []);
  }
  return texts.flatMap((text) => /^out \w+ timer (\w+ -?\d+)/.exec(text)?.[1] ?? []);
}

/** Whether windows fire only at the time that their results carry. */
function hasTellingTimes(trigger: TriggerSpec | null): boolean {
  if (trigger === null) return true;
  if (trigger.type === 'purging') return hasTellingTimes(trigger.nested);
  return trigger.type === 'event' || trigger.type === 'clock';
}

function sizesDifference(
  scenario: FlinkScenario,
  flink: StepOutcome,
  engine: StepOutcome,
): string | undefined {
  const hasTimers = !OPEN.hasSharedTimers(scenario);
  return (
    (hasTimers ? numbers('event timers', flink.timers[0], engine.timers[0]) : undefined) ??
    numbers('processing-time timers', flink.timers[1], engine.timers[1]) ??
    entriesDifference(scenario, flink.entries, engine.entries)
  );
}

function entriesDifference(
  scenario: FlinkScenario,
  flink: number,
  engine: number,
): string | undefined {
  if (OPEN.isCleanedInPassing(scenario)) return undefined;
  if (OPEN.mayLeaveEmptyMaps(scenario)) {
    const keys = scenario.steps.flatMap((step) => (step.type === 'record' ? [step.key] : []));
    const isExplained = flink >= engine && flink - engine <= new Set(keys).size;
    if (isExplained) return undefined;
  }
  return numbers('entries of state', flink, engine);
}

function numbers(what: string, flink: number, engine: number): string | undefined {
  return flink === engine ? undefined : `${what}: ${flink} in Flink, ${engine} in the engine`;
}

function lists(
  what: string,
  flink: readonly string[],
  engine: readonly string[],
): string | undefined {
  const [left, right] = [flink.join(' | '), engine.join(' | ')];
  if (left === right) return undefined;
  return `${what}: ${left || 'nothing'} in Flink, ${right || 'nothing'} in the engine`;
}
