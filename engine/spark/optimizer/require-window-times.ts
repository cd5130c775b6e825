import { columnsIn } from '../../dataset/expression.ts';
import type { Expression } from '../../dataset/expression.ts';
import type { LogicalPlan, NamedExpression } from '../../dataset/plan.ts';
import { filtered, withChildren } from './rewrite.ts';

/**
 * A row without a time is in no window: it is filtered out before, and that filter may move further
 * down, such as below a join. Models Spark 4.2.0 ResolveTimeWindows and SessionWindowing.
 */
export function requireWindowTimes(plan: LogicalPlan): LogicalPlan {
  const inner = withChildren(plan, requireWindowTimes);
  switch (inner.type) {
    case 'project':
      return { ...inner, child: filtered(inner.child, timesOf(inner.columns)) };
    case 'aggregate':
      return { ...inner, child: filtered(inner.child, timesOf(inner.keys)) };
    default:
      return inner;
  }
}

function timesOf(columns: readonly NamedExpression[]): readonly Expression[] {
  return columns.flatMap(({ expression }) => {
    let inner = expression;
    while (inner.type === 'alias') inner = inner.child;
    if (inner.type !== 'window' && inner.type !== 'session_window') return [];
    if (columnsIn(inner.time).length === 0) return [];
    return [{ type: 'call', name: 'ISNOTNULL', args: [inner.time] } as const];
  });
}
