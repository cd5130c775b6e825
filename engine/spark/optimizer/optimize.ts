import type { LogicalPlan } from '../../dataset/plan.ts';
import { combineLimits } from './combine-limits.ts';
import { inferJoinFilters } from './infer-join-filters.ts';
import { pruneColumns } from './prune-columns.ts';
import { pushFilters } from './push-filters.ts';
import { requireWindowTimes } from './require-window-times.ts';

/**
 * Models the rules of Spark 4.2.0's Optimizer that change what a streaming query does, not only how
 * fast: filters that move below a watermark hide rows from it, and columns that nobody asks for
 * take the event time of an operator with them.
 * Simplified: rules that only make a plan cheaper are left out, and so is EliminateOuterJoin.
 * Invariant: without watermarks and limits on state, the rows that come out stay the same.
 */
export function optimize(plan: LogicalPlan): LogicalPlan {
  const limited = combineLimits(requireWindowTimes(plan));
  return pruneColumns(pushFilters(inferJoinFilters(limited)));
}
