import { shrinkList } from '#engine';
import type { Problem } from '../attack-plan.ts';
import { attackLogPlan } from './attack-log-plan.ts';
import type { LogPlan } from './log-plan.ts';

/** Runs that making a plan small may take. */
const RUNS_MAX = 400;

/** Leaves out of each list of a plan what the same problem does not need. */
export function shrinkLogPlan(
  plan: LogPlan,
  problem: Problem,
): { readonly plan: LogPlan; readonly problem: Problem } {
  const budget = { left: RUNS_MAX };
  let best = { plan, problem };
  for (const path of listsOf(plan)) {
    const items = at(best.plan, path) as readonly unknown[];
    const isCast = ['consumers', 'workers'].includes(path.at(-1) as string);
    const fails = (fewer: readonly unknown[]): Problem | undefined => {
      // Whoever is last stays to the end: without it, of course something is left.
      if (isCast && fewer.at(-1) !== items.at(-1)) return undefined;
      const found = attackLogPlan(put(best.plan, path, fewer));
      return found?.check === problem.check ? found : undefined;
    };
    const small = shrinkList({ items, failure: best.problem }, fails, budget);
    best = { plan: put(best.plan, path, small.items), problem: small.failure };
  }
  return best;
}

type Path = readonly string[];

function listsOf(plan: LogPlan): readonly Path[] {
  switch (plan.type) {
    case 'topic': {
      const steps = ['topic', 'steps'];
      return plan.reader.type === 'batch' ? [steps] : [['reader', 'faults'], steps];
    }
    case 'group':
      return [['consumers'], ['topic', 'steps']];
    case 'share':
      return [['consumers']];
    case 'stream':
      return [['reader', plan.reader.type === 'flink' ? 'faults' : 'workers'], ['phases']];
    case 'produce':
      return [['faults'], ['produce', 'faults'], ['produce', 'records']];
  }
}

function at(value: unknown, [first, ...rest]: Path): unknown {
  return first === undefined ? value : at((value as { [name: string]: unknown })[first], rest);
}

function put<T>(value: T, [first, ...rest]: Path, part: unknown): T {
  if (first === undefined) return part as T;
  const object = value as { readonly [name: string]: unknown };
  return { ...object, [first]: put(object[first], rest, part) } as T;
}
