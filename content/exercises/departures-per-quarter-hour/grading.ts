import type { Anomaly, Check, SearchBudget, Verdict } from '#engine';
import type { CheckPlan } from './check-plans.ts';
import type { Operator, Trial } from './job.ts';
import { anomalyOf, type Failure, type NamedTrial, shrinkFailure, TrialRunner } from './trials.ts';

/** Runs that making one failure small may take: grading always ends, whatever it grades. */
const SHRINK_RUNS_MAX = 1_500;
/** Crashes that one trial may take; more steps than that are not tried. */
const CRASHES_MAX = 1_000;

export interface GradeHooks {
  readonly progress: (done: number, total: number, label: string) => void;
  readonly console: (level: 'log' | 'warn' | 'error', text: string) => void;
}

/** One grading of one operator. Deterministic: work is bounded by runs, never by time. */
export class Grading {
  readonly #runner: TrialRunner;
  readonly #shrinkRunner: TrialRunner;
  readonly #plans: readonly CheckPlan[];
  readonly #hooks: GradeHooks;
  #doneCount = 0;
  #totalCount: number;

  constructor(operator: Operator, plans: readonly CheckPlan[], hooks: GradeHooks) {
    this.#runner = new TrialRunner(operator);
    this.#shrinkRunner = new TrialRunner(operator);
    this.#plans = plans;
    this.#hooks = hooks;
    this.#totalCount = plans.reduce((sum, { trials }) => sum + trials.length, 0);
  }

  /** Runs every check, also after one has failed: each has its own thing to say. */
  grade(): Verdict {
    const checks = this.#plans.map((plan) => this.#check(plan));
    return {
      passed: checks.every(({ passed }) => passed),
      checks,
      counts: {
        runs: this.#runner.runCount,
        crashes: this.#runner.crashCount,
        shrinkRuns: this.#shrinkRunner.runCount,
      },
    };
  }

  #check(plan: CheckPlan): Check {
    const { name, title } = plan;
    for (const named of plan.trials) {
      const budget = { left: CRASHES_MAX };
      const failure = this.#fail(this.#runner, plan, named.trial, budget);
      if (failure !== undefined) {
        return { name, title, passed: false, anomaly: this.#shrink(plan, named, failure) };
      }
    }
    return { name, title, passed: true };
  }

  #fail(
    runner: TrialRunner,
    plan: CheckPlan,
    trial: Trial,
    budget: SearchBudget,
  ): Failure | undefined {
    const note = (): void => this.#progress(runner, plan);
    if (plan.crashes === true) {
      return runner.failUnderCrashes(trial, plan.judge, budget, note, (count) => {
        if (runner === this.#runner) this.#totalCount += count;
      });
    }
    note();
    if (plan.contrast === undefined) return runner.fail(trial, plan.judge);
    return runner.failInContrast(trial, plan.judge, plan.contrast);
  }

  #shrink(plan: CheckPlan, named: NamedTrial, failure: Failure): Anomaly {
    const budget = { left: SHRINK_RUNS_MAX };
    const failAgain = (trial: Trial): Failure | undefined =>
      this.#fail(this.#shrinkRunner, plan, trial, budget);
    return anomalyOf(shrinkFailure(failure, failAgain, budget), named);
  }

  /** Told before each run, so that an endless one is known by its check. */
  #progress(runner: TrialRunner, plan: CheckPlan): void {
    const isShrinking = runner === this.#shrinkRunner;
    if (!isShrinking) this.#doneCount += 1;
    const label = isShrinking ? `${plan.title}: looking for the smallest case` : plan.title;
    this.#hooks.progress(this.#doneCount, this.#totalCount, label);
  }
}
