import type { LogicalPlan } from '../../dataset/plan.ts';
import { withChildren } from './rewrite.ts';

type LimitPlan = Extract<LogicalPlan, { type: 'limit' }>;

/**
 * Makes one limit of two that follow one another, perhaps with projections between. Models Spark
 * 4.2.0 CombineLimits and PushProjectionThroughLimit.
 */
export function combineLimits(plan: LogicalPlan): LogicalPlan {
  const inner = withChildren(plan, combineLimits);
  return inner.type === 'limit' ? combine(inner, inner.child) : inner;
}

function combine(limit: LimitPlan, child: LogicalPlan): LogicalPlan {
  const below = limitBelow(child);
  if (below === undefined) return limit;
  const count = Math.min(limit.count, below.count);
  return { ...limit, count, child: without(child) };
}

function limitBelow(plan: LogicalPlan): LimitPlan | undefined {
  if (plan.type === 'project') return limitBelow(plan.child);
  return plan.type === 'limit' ? plan : undefined;
}

function without(plan: LogicalPlan): LogicalPlan {
  if (plan.type === 'project') return { ...plan, child: without(plan.child) };
  return plan.type === 'limit' ? plan.child : plan;
}
