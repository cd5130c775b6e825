import { shrinkList } from '#engine';
import type { SearchBudget } from '#engine';
import type { Problem } from '../attack-plan.ts';
import { attackBatchPlan } from './attack-batch-plan.ts';
import type { BatchPlan, PlannedRow } from './batch-plan.ts';

/** A plan that still fails the same check, and how. */
export interface ShrunkBatchPlan {
  readonly plan: BatchPlan;
  readonly problem: Problem;
}

const RUNS_MAX = 600;

/** Makes a failing plan small: fewer rows and faults, defaults wherever they will do. */
export function shrinkBatchPlan(plan: BatchPlan, problem: Problem): ShrunkBatchPlan {
  const budget: SearchBudget = { left: RUNS_MAX };
  let best: ShrunkBatchPlan = { plan, problem };
  for (;;) {
    const before = JSON.stringify(best.plan);
    best = simplify(shrinkRows(shrinkFaults(best, budget), budget), budget);
    if (budget.left <= 0 || JSON.stringify(best.plan) === before) return best;
  }
}

function failureOf(plan: BatchPlan, check: string, budget: SearchBudget): Problem | undefined {
  budget.left -= 1;
  try {
    const problem = attackBatchPlan(plan);
    return problem?.check === check ? problem : undefined;
  } catch {
    // A simplification may make a plan that can't be run.
    return undefined;
  }
}

function shrinkFaults({ plan, problem }: ShrunkBatchPlan, budget: SearchBudget): ShrunkBatchPlan {
  const { items, failure } = shrinkList(
    { items: plan.faults, failure: problem },
    (faults) => failureOf({ ...plan, faults }, problem.check, budget),
    budget,
  );
  return { plan: { ...plan, faults: items }, problem: failure };
}

function shrinkRows({ plan, problem }: ShrunkBatchPlan, budget: SearchBudget): ShrunkBatchPlan {
  const placed = plan.streams.flatMap((partitions, stream) =>
    partitions.flatMap((rows, partition) => rows.map((row) => ({ stream, partition, row }))),
  );
  const withRows = (items: typeof placed): BatchPlan => {
    const streams: PlannedRow[][][] = plan.streams.map((partitions) => partitions.map(() => []));
    for (const { stream, partition, row } of items) streams[stream]?.[partition]?.push(row);
    return { ...plan, streams };
  };
  const { items, failure } = shrinkList(
    { items: placed, failure: problem },
    (rows) => failureOf(withRows([...rows]), problem.check, budget),
    budget,
  );
  return { plan: withRows([...items]), problem: failure };
}

function simplify(start: ShrunkBatchPlan, budget: SearchBudget): ShrunkBatchPlan {
  const simpler: readonly Partial<BatchPlan>[] = [
    { restartAtMs: undefined },
    { costs: {} },
    { maxOffsets: undefined },
    { shufflePartitions: 1 },
    { sink: 'memory' },
    { policy: 'min' },
    { runsWithoutData: true },
    { trigger: { type: 'interval', ms: 0 } },
    { executorCount: 1 },
    { delaysMs: start.plan.delaysMs.map(() => 0) },
  ];
  let best = start;
  for (const change of simpler) {
    if (budget.left <= 0) return best;
    const plan = { ...best.plan, ...change };
    const problem = failureOf(plan, best.problem.check, budget);
    if (problem !== undefined) best = { plan, problem };
  }
  return best;
}

/** A plan in words: what to look at when it fails. */
export function batchPlanWords(plan: BatchPlan): string {
  const { streams, ...others } = plan;
  const rows = streams.map((partitions, stream) =>
    partitions
      .map((records, partition) => {
        const words = records.map(
          ({ arrivalMs, timeMs, key, value }) => `${arrivalMs}: ${key}@${timeMs}=${value}`,
        );
        return `  stream ${stream} partition ${partition}: ${words.join(', ')}`;
      })
      .join('\n'),
  );
  return `${rows.join('\n')}\n  ${JSON.stringify(others)}`;
}
