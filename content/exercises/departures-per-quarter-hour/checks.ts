/** The grader of this exercise. Runs in the sandbox, beside the learner's module, and in tests. */
import { encodeTrace, type Verdict } from '#engine';
import { type CheckPlan, checkPlans, VISIBLE_TRIAL } from './check-plans.ts';
import { type GradeHooks, Grading } from './grading.ts';
import { findOperator } from './operator.ts';
import { TrialRunner } from './trials.ts';

/** An error that is the learner's to mend, whatever the stack says. */
class FunctionError extends Error {
  override readonly name = 'FunctionError';
}

/**
 * Runs the visible example once.
 * @throws FunctionError when the module has no such class, or its instance can't be made.
 */
export function runVisible(userModule: unknown, hooks: GradeHooks): { readonly trace: Uint8Array } {
  hooks.progress(0, 1, 'the example');
  const found = findOperator(userModule);
  if (typeof found === 'string') throw new FunctionError(found);
  const trace = new TrialRunner(found).run(VISIBLE_TRIAL);
  return { trace: encodeTrace(trace) };
}

/** Runs every check; `firstSeed` moves the hidden feeds. */
export function grade(userModule: unknown, hooks: GradeHooks, firstSeed = 1): Verdict {
  const plans = checkPlans(firstSeed);
  const found = findOperator(userModule);
  if (typeof found === 'string') return refuse(plans, found);
  return new Grading(found, plans, hooks).grade();
}

/** Nothing can be tried: the first check says why. */
function refuse(plans: readonly CheckPlan[], text: string): Verdict {
  const anomaly = { name: 'no such operator', text } as const;
  return {
    passed: false,
    checks: plans.map(({ name, title }, index) => ({
      name,
      title,
      passed: false,
      ...(index === 0 ? { anomaly } : {}),
    })),
    counts: { runs: 0, crashes: 0, shrinkRuns: 0 },
  };
}
