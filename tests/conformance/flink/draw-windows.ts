import type { Random } from '../../../engine/core/random.ts';
import type { StepOptions } from './draw-steps.ts';
import type { EvictorSpec, TriggerSpec, WindowWork, WindowsSpec } from './scenario.ts';

/** An operator, and what steps suit it. */
export interface Drawn<W> {
  readonly work: W;
  readonly steps: StepOptions;
}

const EVENT_STEPS: StepOptions = { inputCount: 1, clockShare: 0.05, mayEnd: true };
const CLOCK_STEPS: StepOptions = {
  inputCount: 1,
  clockShare: 0.4,
  hasMissingTimes: true,
  shortestGapMs: 500,
  mayEnd: true,
};

/** Tumbling windows of event time. */
export function tumbling(random: Random): Drawn<WindowWork> {
  return drawn(random, drawTumbling(random, 'tumbling'), EVENT_STEPS);
}

/** Sliding windows of event time, also with gaps between them. */
export function sliding(random: Random): Drawn<WindowWork> {
  return drawn(random, drawSliding(random, 'sliding'), EVENT_STEPS);
}

/** Sessions of event time, with a gap for all or for each record. */
export function sessions(random: Random): Drawn<WindowWork> {
  return drawn(random, drawSession(random, 'session'), { ...EVENT_STEPS, hasGaps: true });
}

/** Windows of processing time. */
export function clockWindows(random: Random): Drawn<WindowWork> {
  const windows = random.chance(0.5)
    ? drawTumbling(random, 'clock-tumbling')
    : drawSliding(random, 'clock-sliding');
  return drawn(random, windows, CLOCK_STEPS);
}

/** Sessions of processing time. */
export function clockSessions(random: Random): Drawn<WindowWork> {
  return drawn(random, drawSession(random, 'clock-session'), { ...CLOCK_STEPS, hasGaps: true });
}

/** Triggers other than the default on windows of event time. */
export function triggers(random: Random): Drawn<WindowWork> {
  const windows = drawEventWindows(random);
  const trigger = drawTrigger(random, windows);
  const steps = { ...EVENT_STEPS, clockShare: 0.2, hasGaps: true };
  return drawn(random, windows, steps, { trigger });
}

/** Triggers of processing time on windows of processing time. */
export function clockTriggers(random: Random): Drawn<WindowWork> {
  const windows = random.pick([
    drawTumbling(random, 'clock-tumbling'),
    drawSliding(random, 'clock-sliding'),
    drawSession(random, 'clock-session'),
  ]);
  const everyMs = random.pick([1_000, 2_000, 3_000]);
  const clockwise: TriggerSpec = random.pick([
    { type: 'clock' },
    { type: 'clock-continuous', everyMs },
  ]);
  const trigger = random.chance(0.3)
    ? drawTrigger(random, windows)
    : maybePurging(random, clockwise);
  return drawn(random, windows, { ...CLOCK_STEPS, hasGaps: true }, { trigger });
}

/** Global windows: those of counts, and with other triggers. */
export function globalWindows(random: Random): Drawn<WindowWork> {
  const windows: WindowsSpec = { type: random.chance(0.8) ? 'global' : 'global-end' };
  const count: TriggerSpec = { type: 'count', count: random.between(1, 4) };
  const others = random.pick([
    { trigger: { type: 'purging', nested: count } as const },
    {
      trigger: count,
      evictor: { type: 'count', amount: random.between(1, 5), isAfter: false } as const,
    },
    { trigger: drawTrigger(random, windows) },
    { trigger: { type: 'clock-continuous', everyMs: 2_000 } as const },
    {},
  ]);
  return drawn(random, windows, CLOCK_STEPS, others);
}

/** Evictors on windows that do not merge. */
export function evictors(random: Random): Drawn<WindowWork> {
  const windows = random.pick([
    drawTumbling(random, 'tumbling'),
    drawSliding(random, 'sliding'),
    drawTumbling(random, 'clock-tumbling'),
    { type: 'global' } as const,
  ]);
  const evictor = drawEvictor(random);
  const trigger = random.chance(0.6) ? drawTrigger(random, windows) : null;
  const isClock = !isOfEventTime(windows);
  const steps = { ...(isClock ? CLOCK_STEPS : EVENT_STEPS), hasMissingTimes: false };
  return drawn(random, windows, steps, { evictor, trigger });
}

function drawn(
  random: Random,
  windows: WindowsSpec,
  steps: StepOptions,
  others: Partial<WindowWork> = {},
): Drawn<WindowWork> {
  const isEventTime = isOfEventTime(windows);
  const work: WindowWork = {
    type: 'windows',
    windows,
    trigger: null,
    evictor: null,
    latenessMs: isEventTime ? random.pick([0, 0, 1, 2_000, 5_000, 20_000]) : 0,
    hasLateOutput: random.chance(0.6),
    contents: random.pick(['reduce', 'aggregate', 'process', 'counted']),
    ...others,
  };
  return { work, steps };
}

function isOfEventTime({ type }: WindowsSpec): boolean {
  return type === 'tumbling' || type === 'sliding' || type === 'session';
}

function drawEventWindows(random: Random): WindowsSpec {
  return random.pick([
    drawTumbling(random, 'tumbling'),
    drawSliding(random, 'sliding'),
    drawSession(random, 'session'),
  ]);
}

function drawTumbling(random: Random, type: 'tumbling' | 'clock-tumbling'): WindowsSpec {
  const sizeMs = random.pick([1_000, 5_000, 5_000, 10_000]);
  const offsetMs = random.chance(0.6) ? 0 : random.pick([500, -500, 1 - sizeMs, sizeMs - 1]);
  // A clock that shows whole halves of a second never meets the end of such a window.
  return { type, sizeMs, offsetMs: type === 'tumbling' ? offsetMs : Math.sign(offsetMs) * 500 };
}

function drawSliding(random: Random, type: 'sliding' | 'clock-sliding'): WindowsSpec {
  const [sizeMs, slideMs] = random.pick([
    [10_000, 5_000],
    [6_000, 2_000],
    [5_000, 3_000],
    [2_000, 5_000],
    [4_000, 4_000],
  ] as const);
  const offsetMs = random.chance(0.6) ? 0 : random.pick([500, -1_000, 1_500]);
  return { type, sizeMs, slideMs, offsetMs };
}

function drawSession(random: Random, type: 'session' | 'clock-session'): WindowsSpec {
  return random.chance(0.7) ? { type, sizeMs: random.pick([1_000, 3_000, 5_000]) } : { type };
}

function drawTrigger(random: Random, windows: WindowsSpec): TriggerSpec {
  const isMerging = windows.type === 'session' || windows.type === 'clock-session';
  const count: TriggerSpec = { type: 'count', count: random.between(1, 4) };
  const choices: TriggerSpec[] = [count, count];
  if (isOfEventTime(windows)) {
    choices.push({ type: 'event' });
    choices.push({ type: 'continuous', everyMs: random.pick([1_000, 2_000, 3_000]) });
  }
  if (!isMerging) {
    choices.push({ type: 'delta', threshold: random.between(0, 5) });
    choices.push({
      type: 'timeout',
      nested: isOfEventTime(windows) && random.chance(0.3) ? { type: 'event' } : count,
      // From a clock that shows the millisecond behind a stride, such a timer meets a stride.
      everyMs: random.pick([999, 2_999, 3_999]),
      isReset: random.chance(0.5),
      isCleared: random.chance(0.5),
    });
  }
  return maybePurging(random, random.pick(choices));
}

function maybePurging(random: Random, nested: TriggerSpec): TriggerSpec {
  return random.chance(0.35) ? { type: 'purging', nested } : nested;
}

function drawEvictor(random: Random): EvictorSpec {
  const isAfter = random.chance(0.35);
  return random.pick<EvictorSpec>([
    { type: 'count', amount: random.between(1, 4), isAfter },
    { type: 'time', amount: random.pick([500, 1_000, 3_000]), isAfter },
    { type: 'delta', amount: random.between(1, 6), isAfter },
  ]);
}
