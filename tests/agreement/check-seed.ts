import { Random, seconds, simulate, simulateBatch } from '#engine';
import type { BatchScenario, StageFault, StreamExecutionEnvironment } from '#engine';
import { asDataStream } from './as-data-stream.ts';
import { runMicroBatches } from './as-dataset.ts';
import { batchTraceProblem } from './check-batch-trace.ts';
import { drawLogs } from './draw-logs.ts';
import type { Logs } from './draw-logs.ts';
import { LAST_KEY, drawJob } from './job-spec.ts';
import type { JobSpec } from './job-spec.ts';

/** What all three runtimes would have to say about a seed's job. */
interface Case {
  readonly job: JobSpec;
  readonly logs: Logs;
  readonly random: Random;
}

function draw(seed: number): Case {
  const random = new Random(seed);
  const job = drawJob(random);
  return { job, logs: drawLogs(job, random), random };
}

/** Runs a seed's job under all three runtimes; says how they differ, or undefined. */
export function disagreement(seed: number): string | undefined {
  const { job, logs, random } = draw(seed);
  // A trace must not change anything, nor time that work takes.
  const trace = random.pick(['full', 'none'] as const);
  const costs = random.pick([{}, { serviceMs: { left: 10 } }]);
  const run = batchRun(job, logs, { trace, costs });
  const batch = rowsOf(run);
  const answers = {
    continuous: final(job, runContinuously(job, logs)),
    'micro-batches': final(job, runMicroBatches(job, logs)),
    batch: final(job, batch),
  };
  for (const [name, rows] of Object.entries(answers)) {
    const difference = differenceOf(answers.batch, rows);
    if (difference !== undefined) return `${JSON.stringify(job)}: ${name} ${difference}`;
  }
  const isSmooth = run.attempts.every(({ status }) => status === 'finished');
  if (!isSmooth) return `${JSON.stringify(job)}: an attempt failed although nothing went wrong`;
  if (run.entriesLeft > 0) return `${JSON.stringify(job)}: ${run.entriesLeft} entries are left`;
  return orderProblem(job, batch);
}

/**
 * Loses anything at any time: a machine, or what a task has written, after every step of the run,
 * one at a time, and some together. Says what changed, or undefined.
 */
export function lossProblem(seed: number): string | undefined {
  const { job, logs, random } = draw(seed);
  const options = {
    cluster: { taskManagers: random.between(1, 3), slotsPerTaskManager: random.between(1, 2) },
    recovery: random.pick(['restart-consumers', 'keep-consumers'] as const),
  };
  const straight = batchRun(job, logs, options);
  const expected = rowsOf(straight);
  const operators = [...new Set(straight.attempts.map(({ task }) => task.split(' → ')[0]!))];
  const width = (operator: string): number =>
    Math.max(...straight.attempts.filter(({ task }) => task.startsWith(operator)).map(indexOf)) + 1;
  const drawFault = (afterStep: number): StageFault => {
    const when = { afterStep };
    if (random.chance(0.5)) {
      const taskManager = random.below(options.cluster.taskManagers);
      return { type: 'task-manager-crash', taskManager, when };
    }
    const operator = random.pick(operators);
    const index = random.below(width(operator));
    const type = random.pick(['partition-loss', 'subtask-failure'] as const);
    return { type, operator, index, when };
  };
  for (let step = 1; step <= straight.stepCount; step += 1) {
    const more = random.chance(0.3) ? [drawFault(step + random.below(20))] : [];
    const faults = [drawFault(step), ...more];
    const trace = step % 5 === 0 ? 'full' : 'none';
    const run = batchRun(job, logs, { ...options, faults, trace });
    const rows = rowsOf(run);
    const difference = differenceOf(expected, rows);
    const how = JSON.stringify({ job, options, faults });
    if (difference !== undefined) return `${how}: after the loss ${difference}`;
    if (expected.join() !== rows.join()) return `${how}: after the loss, rows in another order`;
    const problem = trace === 'full' ? batchTraceProblem(run) : undefined;
    if (problem !== undefined) return `${how}: ${problem}`;
  }
  return undefined;
}

function indexOf({ index }: { readonly index: number }): number {
  return index;
}

function runContinuously(job: JobSpec, logs: Logs): string[] {
  const run = simulate({
    name: 'agreement',
    seed: 1,
    logs,
    job: asDataStream(job),
    cluster: { taskManagers: 1, slotsPerTaskManager: 3 },
    faults: [],
    trace: 'none',
  });
  return rowsOf(run);
}

function batchRun(job: JobSpec, logs: Logs, options: Partial<BatchScenario>) {
  const restarting = (env: StreamExecutionEnvironment): void => {
    env.configure({
      'restart-strategy.type': 'fixed-delay',
      'restart-strategy.fixed-delay.attempts': 100,
      'restart-strategy.fixed-delay.delay': seconds(1),
    });
    asDataStream(job)(env);
  };
  return simulateBatch({
    name: 'agreement',
    seed: 1,
    logs,
    job: restarting,
    cluster: { taskManagers: 1, slotsPerTaskManager: 2 },
    trace: 'none',
    ...options,
  });
}

interface Outcome {
  readonly failure: { readonly message: string } | undefined;
  readonly sinks: { readonly [name: string]: readonly { readonly row: unknown }[] };
}

function rowsOf({ failure, sinks }: Outcome): string[] {
  if (failure !== undefined) throw new Error(failure.message);
  return (sinks['out'] ?? []).map(({ row }) => String(row));
}

/** What a reader is left with at the end, sorted. */
function final({ work }: JobSpec, rows: readonly string[]): string[] {
  const counted = rows.filter((row) => !row.startsWith(`${LAST_KEY} `));
  if (work.type !== 'totals') return counted.sort();
  // Which record was the last one is a matter of order: only what was counted is final.
  const lastOf = new Map<string, string>();
  for (const row of counted) {
    const [key = '', count = '', sum = ''] = row.split(' ');
    lastOf.set(key, `${key} ${count} ${sum}`);
  }
  return [...lastOf.values()].sort();
}

/** A batch hands on key after key, and windows of a key in the order of their ends. */
function orderProblem({ work, parallelism }: JobSpec, rows: readonly string[]): string | undefined {
  if (parallelism > 1 || (work.type !== 'windows' && work.type !== 'totals')) return undefined;
  const isByTime = work.type === 'totals';
  const sorted = [...rows].sort((left, right) => compareRows(left, right, isByTime));
  if (sorted.join() === rows.join()) return undefined;
  return `a batch must go by key, then by time: ${rows.join(', ')}`;
}

/** By key, then by the time of the record or the start of the window. */
function compareRows(left: string, right: string, isByTime: boolean): number {
  const [leftKey = '', leftBounds = '', , leftTime] = left.split(' ');
  const [rightKey = '', rightBounds = '', , rightTime] = right.split(' ');
  if (leftKey !== rightKey) return leftKey < rightKey ? -1 : 1;
  if (isByTime) return Number(leftTime) - Number(rightTime);
  return startOf(leftBounds) - startOf(rightBounds);
}

/** Of `[3000,5000)`. */
function startOf(bounds: string): number {
  return Number(bounds.slice(1).split(',')[0]);
}

function differenceOf(expected: readonly string[], got: readonly string[]): string | undefined {
  const left = [...expected].sort();
  const right = [...got].sort();
  if (left.join('\n') === right.join('\n')) return undefined;
  const missing = left.filter((row) => !right.includes(row));
  const extra = right.filter((row) => !left.includes(row));
  const sizes = `${right.length} rows instead of ${left.length}`;
  return `${sizes}; lacks ${missing.join(', ') || '–'}; has besides ${extra.join(', ') || '–'}`;
}
