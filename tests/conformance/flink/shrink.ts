import { differenceFrom } from './replay-all.ts';
import type { FlinkScenario, StepOutcome } from './scenario.ts';

const ROUNDS_MAX = 12;

/** Runs scenarios on Flink itself. */
type Run = (scenarios: readonly FlinkScenario[]) => readonly (readonly StepOutcome[])[];

/** A scenario that still differs, as small as it gets, and how it differs. */
export interface Shrunk {
  readonly scenario: FlinkScenario;
  readonly difference: string;
}

/**
 * Leaves out steps that a difference does not need, half of them first. Each round runs all that
 * could be left out next in one go, since starting Flink costs most.
 */
export function shrink(differing: Shrunk, run: Run): Shrunk {
  let best = differing;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const smaller = smallerThan(best.scenario);
    const outcomes = run(smaller);
    const found = smaller.flatMap((scenario, at) => {
      const text = differenceFrom(outcomes[at] ?? [], scenario);
      return text === undefined ? [] : [{ scenario, difference: text }];
    });
    if (found.length === 0) return best;
    best = found.reduce((left, right) => (sizeOf(right) < sizeOf(left) ? right : left));
  }
  return best;
}

function sizeOf({ scenario }: Shrunk): number {
  return scenario.steps.length;
}

/** All scenarios with one step less, and the halves and quarters left out. */
function smallerThan(scenario: FlinkScenario): readonly FlinkScenario[] {
  const { steps } = scenario;
  const smaller: FlinkScenario[] = [];
  for (let size = 1; size < steps.length; size *= 2) {
    for (let at = 0; at < steps.length; at += size) {
      smaller.push({ ...scenario, steps: steps.toSpliced(at, size) });
    }
  }
  return smaller;
}
