/** Random scenarios from a seed: the same feature and seed give the same scenario. */
import { Random } from '../../../engine/core/random.ts';
import * as programs from './draw-program.ts';
import { drawSteps } from './draw-steps.ts';
import * as windows from './draw-windows.ts';
import type { Drawn } from './draw-windows.ts';
import type { FlinkScenario, Work } from './scenario.ts';

const DRAWS = {
  tumbling: windows.tumbling,
  sliding: windows.sliding,
  sessions: windows.sessions,
  'clock-windows': windows.clockWindows,
  'clock-sessions': windows.clockSessions,
  triggers: windows.triggers,
  'clock-triggers': windows.clockTriggers,
  'global-windows': windows.globalWindows,
  evictors: windows.evictors,
  states: programs.states,
  timers: programs.timers,
  ttl: programs.ttl,
  connected: programs.connected,
  broadcast: programs.broadcast,
  'interval-join': programs.intervalJoin,
  'operator-state': programs.operatorState,
} satisfies { readonly [feature: string]: (random: Random) => Drawn<Work> };

export type Feature = keyof typeof DRAWS;

/** What scenarios are about. */
export const FEATURES = Object.keys(DRAWS) as readonly Feature[];

/** A scenario about a feature. */
export function drawScenario(feature: Feature, seed: number): FlinkScenario {
  const random = new Random(seed * 100 + FEATURES.indexOf(feature));
  const { work, steps } = DRAWS[feature](random);
  return { feature, seed, work, steps: drawSteps(random, steps) };
}
