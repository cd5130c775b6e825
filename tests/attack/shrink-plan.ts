import { shrinkList } from '#engine';
import type { SearchBudget } from '#engine';
import { attackPlan } from './attack-plan.ts';
import type { Problem } from './attack-plan.ts';
import type { Plan, PlannedRecord } from './plan.ts';

/** A plan that still fails the same check, and how. */
export interface ShrunkPlan {
  readonly plan: Plan;
  readonly problem: Problem;
}

/** Runs that making one failure small may take. */
const RUNS_MAX = 1500;

/** Makes a failing plan small: fewer records and faults, defaults wherever they will do. */
export function shrinkPlan(plan: Plan, problem: Problem): ShrunkPlan {
  const budget: SearchBudget = { left: RUNS_MAX };
  let best: ShrunkPlan = { plan, problem };
  for (;;) {
    const before = JSON.stringify(best.plan);
    best = shrinkFaults(best, budget);
    best = shrinkRecords(best, budget);
    best = simplify(best, budget);
    if (budget.left <= 0 || JSON.stringify(best.plan) === before) return best;
  }
}

/** How a plan fails, if it fails the same check. */
function failureOf(plan: Plan, check: string, budget: SearchBudget): Problem | undefined {
  budget.left -= 1;
  try {
    const problem = attackPlan(plan);
    return problem?.check === check ? problem : undefined;
  } catch {
    // A simplification may make a plan that can't be run.
    return undefined;
  }
}

function shrinkFaults(best: ShrunkPlan, budget: SearchBudget): ShrunkPlan {
  const { plan, problem } = best;
  const withFaults = (faults: Plan['faults']): Plan => ({ ...plan, faults });
  const none = failureOf(withFaults([]), problem.check, budget);
  if (none !== undefined) return { plan: withFaults([]), problem: none };
  const shrunk = shrinkList(
    { items: plan.faults, failure: problem },
    (faults) => failureOf(withFaults(faults), problem.check, budget),
    budget,
  );
  return { plan: withFaults(shrunk.items), problem: shrunk.failure };
}

function shrinkRecords(best: ShrunkPlan, budget: SearchBudget): ShrunkPlan {
  const { plan, problem } = best;
  const placed = plan.partitions.flatMap((partition, place) =>
    partition.map((record) => ({ place, record })),
  );
  const withRecords = (items: typeof placed): Plan => {
    const partitions: PlannedRecord[][] = plan.partitions.map(() => []);
    for (const { place, record } of items) partitions[place]?.push(record);
    return { ...plan, partitions };
  };
  const shrunk = shrinkList(
    { items: placed, failure: problem },
    (items) => failureOf(withRecords([...items]), problem.check, budget),
    budget,
  );
  return { plan: withRecords([...shrunk.items]), problem: shrunk.failure };
}

/** Tries one plainer setting after another and keeps those that still fail. */
function simplify(start: ShrunkPlan, budget: SearchBudget): ShrunkPlan {
  let best = start;
  for (const simpler of simplifications(start.plan)) {
    if (budget.left <= 0) return best;
    const plan = simpler(best.plan);
    if (JSON.stringify(plan) === JSON.stringify(best.plan)) continue;
    const problem = failureOf(plan, best.problem.check, budget);
    if (problem !== undefined) best = { plan, problem };
  }
  return best;
}

type Simplification = (plan: Plan) => Plan;

function simplifications({ configuration, costs, stages }: Plan): Simplification[] {
  const parallel = (['usual', 'sinks', 'stages', 'source', 'work'] as const).flatMap((part) =>
    [undefined, 1, 2].map((count): Simplification => (plan) => {
      if (part === 'usual' && count === undefined) return plan;
      return { ...plan, parallelism: { ...plan.parallelism, [part]: count } };
    }),
  );
  return [
    (plan) => ({ ...plan, twin: undefined }),
    (plan) => ({ ...plan, operations: [] }),
    (plan) => ({ ...plan, operations: plan.operations.slice(0, 1) }),
    (plan) => ({ ...plan, operations: plan.operations.slice(1) }),
    (plan) => ({ ...plan, costs: {} }),
    (plan) => ({ ...plan, stages: [] }),
    ...stages.map((_, place): Simplification => (plan) => ({
      ...plan,
      stages: plan.stages.filter((__, other) => other !== place),
    })),
    ...parallel,
    (plan) => ({ ...plan, taskManagers: 1 }),
    (plan) => ({ ...plan, maxParallelism: undefined }),
    (plan) => ({ ...plan, isBounded: true }),
    (plan) => ({ ...plan, partitions: plan.partitions.filter(({ length }) => length > 0) }),
    (plan) => ({ ...plan, watermarks: { ...plan.watermarks, type: 'none' } }),
    (plan) => ({ ...plan, watermarks: { ...plan.watermarks, idleMs: undefined } }),
    ...Object.keys(configuration)
      // Without it, a timeout fails the job again and again: that would be another problem.
      .filter((name) => name !== 'execution.checkpointing.tolerable-failed-checkpoints')
      .map((name): Simplification => (plan) => ({
        ...plan,
        configuration: without(plan.configuration, name),
      })),
    ...Object.keys(costs).map((name): Simplification => (plan) => ({
      ...plan,
      costs: without(plan.costs, name),
    })),
    ...Object.keys(costs.serviceMs ?? {}).map((name): Simplification => (plan) => ({
      ...plan,
      costs: { ...plan.costs, serviceMs: without(plan.costs.serviceMs ?? {}, name) },
    })),
  ];
}

function without<T extends object>(from: T, name: string): T {
  return Object.fromEntries(Object.entries(from).filter(([other]) => other !== name)) as T;
}
