import { ConfigError, simulate } from '#engine';
import { AttackedRun } from './attacked-run.ts';
import type { RunCheck } from './attacked-run.ts';
import { buildScenario } from './build-scenario.ts';
import { checkConservation } from './check-conservation.ts';
import {
  checkCheckpointsGoOn,
  checkMachines,
  checkOutcome,
  checkRestarts,
} from './check-outcome.ts';
import { checkExactSinks, checkJudgedSinks, checkVisibleTable } from './check-exact-sinks.ts';
import {
  checkAppended,
  checkCommitted,
  checkIncremented,
  checkTwin,
  checkUpserted,
} from './check-results.ts';
import {
  checkCounts,
  checkFrame,
  checkInvariants,
  checkRepeats,
  checkResidue,
} from './check-trace.ts';
import { checkTimeToLive } from './check-time-to-live.ts';
import { checkWindows } from './check-windows.ts';
import type { Plan } from './plan.ts';

/** A run that does not hold what it must, and the check that noticed. */
export interface Problem {
  readonly check: string;
  readonly text: string;
}

const CHECKS: { readonly [name: string]: RunCheck } = {
  outcome: checkOutcome,
  restarts: checkRestarts,
  machines: checkMachines,
  invariants: checkInvariants,
  committed: checkCommitted,
  'second pipeline': checkTwin,
  conservation: checkConservation,
  windows: checkWindows,
  'time to live': checkTimeToLive,
  appended: checkAppended,
  upserted: checkUpserted,
  incremented: checkIncremented,
  'exact sinks': checkExactSinks,
  'visible table': checkVisibleTable,
  'judged sinks': checkJudgedSinks,
  residue: checkResidue,
  counts: checkCounts,
  frame: checkFrame,
  'checkpoints go on': checkCheckpointsGoOn,
  repeats: checkRepeats,
};

/** Runs a plan and returns the first thing that is wrong with the run; undefined for none. */
export function attackPlan(plan: Plan): Problem | undefined {
  try {
    const attacked = new AttackedRun(plan, simulate(buildScenario(plan)));
    for (const [check, judge] of Object.entries(CHECKS)) {
      const text = judge(attacked);
      if (text !== undefined) return { check, text };
    }
    return undefined;
  } catch (error) {
    // A plan that can't be run is a mistake of the attack, not of the engine.
    if (error instanceof ConfigError) throw error;
    return { check: 'engine', text: error instanceof Error ? (error.stack ?? '') : String(error) };
  }
}
