/** Runs trials, judges their traces, and makes failing ones small. */
import {
  encodeTrace,
  blameClock,
  type Anomaly,
  type AnomalyName,
  type Finding,
  judgeWindows,
  type LogRecord,
  type SearchBudget,
  shrinkList,
  simulate,
  type Trace,
  type WindowReport,
} from '#engine';
import type { Flight } from './flights.ts';
import { type Operator, scenarioOf, type Trial, WINDOW_SPEC } from './job.ts';

/** A trial with what is said about it. */
export interface NamedTrial {
  readonly trial: Trial;
  readonly seed?: number;
  /** What is special about how it runs, for the schedule: `replayed a month later`. */
  readonly note?: string;
}

/** When only a trial fails and its calm twin does not, the difference is the anomaly. */
export interface Contrast {
  readonly name: AnomalyName;
  readonly prefix: string;
  readonly calm: (trial: Trial) => Trial;
}

/** Looks for one kind of anomaly in a finished trace. */
export type Judge = (trace: Trace, report: WindowReport) => Finding | undefined;

export interface Failure {
  readonly trial: Trial;
  readonly trace: Trace;
  readonly finding: Finding;
  /** It is the calm twin of the trial that failed. */
  readonly isCalm?: boolean;
}

/** Runs of an operator, counted. */
export class TrialRunner {
  runCount = 0;
  crashCount = 0;
  /** Steps of the last run. */
  stepCount = 0;
  readonly #operator: Operator;

  constructor(operator: Operator) {
    this.#operator = operator;
  }

  run(trial: Trial): Trace {
    this.runCount += 1;
    if (trial.crash !== undefined) this.crashCount += 1;
    const run = simulate(scenarioOf(this.#operator, trial));
    this.stepCount = run.stepCount;
    return run.trace as Trace;
  }

  /** Runs a trial; undefined when `judge` finds nothing wrong. */
  fail(trial: Trial, judge: Judge): Failure | undefined {
    const trace = this.run(trial);
    const finding = findIn(trace, judge);
    return finding === undefined ? undefined : { trial, trace, finding };
  }

  /** As `fail`; what its calm twin does not show is named after the difference. */
  failInContrast(trial: Trial, judge: Judge, contrast: Contrast): Failure | undefined {
    const failure = this.fail(trial, judge);
    if (failure === undefined) return undefined;
    const calmFailure = this.fail(contrast.calm(trial), judge);
    if (calmFailure !== undefined) return { ...calmFailure, isCalm: true };
    const { name, prefix } = contrast;
    const finding = { ...failure.finding, name, text: `${prefix} ${failure.finding.text}` };
    return { ...failure, finding };
  }

  /**
   * The first crash, counted in steps, that makes a trial fail; the straight run comes first.
   * `onRun` is called before each run, `onCrashCount` once it is known how many crashes will be.
   */
  failUnderCrashes(
    trial: Trial,
    judge: Judge,
    budget: SearchBudget,
    onRun: () => void,
    onCrashCount: (count: number) => void,
  ): Failure | undefined {
    onRun();
    const straight = this.fail(trial, judge);
    if (straight !== undefined) return straight;
    const stepsToTry = this.stepCount;
    onCrashCount(stepsToTry * trial.parallelism);
    for (let afterStep = 1; afterStep <= stepsToTry; afterStep += 1) {
      for (let taskManager = 0; taskManager < trial.parallelism; taskManager += 1) {
        if (budget.left <= 0) return undefined;
        budget.left -= 1;
        onRun();
        const failure = this.fail({ ...trial, crash: { taskManager, afterStep } }, judge);
        if (failure !== undefined) return failure;
      }
    }
    return undefined;
  }
}

function findIn(trace: Trace, judge: Judge): Finding | undefined {
  const report = judgeWindows(trace, WINDOW_SPEC);
  const failure = report.findings.find(
    ({ name }) => name === 'function threw' || name === 'job gave up',
  );
  if (failure !== undefined) return failure;
  const finding = judge(trace, report);
  return finding === undefined ? undefined : blameClock(trace, finding);
}

interface PlacedRecord {
  readonly partition: number;
  readonly record: LogRecord<Flight>;
}

/**
 * The failure with as few flights as can be found: `failAgain` runs a smaller trial. Only the same
 * anomaly counts, so that the small run shows what the large one did.
 */
export function shrinkFailure(
  failure: Failure,
  failAgain: (trial: Trial) => Failure | undefined,
  budget: SearchBudget,
): Failure {
  const { trial, finding } = failure;
  const placed = trial.partitions.flatMap((records, partition) =>
    records.map((record): PlacedRecord => ({ partition, record })),
  );
  const { crash: _crash, ...calmTrial } = trial;
  const fails = (items: readonly PlacedRecord[]): Failure | undefined => {
    budget.left -= 1;
    const partitions = trial.partitions.map((_, partition) =>
      items.filter((item) => item.partition === partition).map((item) => item.record),
    );
    const again = failAgain({ ...calmTrial, partitions });
    return again?.finding.name === finding.name ? again : undefined;
  };
  return shrinkList({ items: placed, failure }, fails, budget).failure;
}

/** A failure as the verdict shows it. */
export function anomalyOf(failure: Failure, named: NamedTrial): Anomaly {
  const { row, ...finding } = failure.finding;
  // A trial that fails as well without what is special about it has nothing special to tell.
  const isSpecial = failure.isCalm !== true;
  const schedule = scheduleText(failure.trial, isSpecial ? named.note : undefined);
  return {
    ...finding,
    ...(named.seed === undefined ? {} : { seed: named.seed }),
    failing: { trace: encodeTrace(failure.trace), row, schedule },
  };
}

function scheduleText(trial: Trial, note: string | undefined): string {
  const { partitions, crash } = trial;
  const flights = partitions.reduce((sum, records) => sum + records.length, 0);
  const used = partitions.filter((records) => records.length > 0).length;
  const parts = [`${plural(flights, 'flight')} in ${plural(used, 'partition')}`];
  if (note !== undefined) parts.push(note);
  if (crash !== undefined) {
    parts.push(`task manager ${crash.taskManager} lost after step ${crash.afterStep}`);
  }
  return parts.join('; ');
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
