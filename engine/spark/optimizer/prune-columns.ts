import { attributesOf, eventTimeOf } from '../../dataset/attributes.ts';
import { columnsIn } from '../../dataset/expression.ts';
import type { Expression } from '../../dataset/expression.ts';
import type { LogicalPlan } from '../../dataset/plan.ts';

type PlanOf<T extends LogicalPlan['type']> = Extract<LogicalPlan, { type: T }>;

/**
 * Leaves out columns that nothing above asks for. Models Spark 4.2.0 ColumnPruning: a
 * de-duplication or join whose event time is not asked for has none, so it drops nothing as late.
 * Only dropDuplicatesWithinWatermark asks for event time by itself.
 */
export function pruneColumns(plan: LogicalPlan): LogicalPlan {
  return prune(plan, namesOf(plan));
}

function namesOf(plan: LogicalPlan): readonly string[] {
  return attributesOf(plan).map(({ name }) => name);
}

function prune(plan: LogicalPlan, required: readonly string[]): LogicalPlan {
  switch (plan.type) {
    case 'stream':
    case 'static':
      return plan;
    case 'project': {
      const columns = plan.columns.filter(({ name }) => required.includes(name));
      const read = columns.flatMap(({ expression }) => columnsIn(expression));
      return { ...plan, columns, child: prune(plan.child, read) };
    }
    case 'filter':
      return { ...plan, child: prune(plan.child, and(required, plan.condition)) };
    case 'watermark':
      return { ...plan, child: prune(plan.child, [...required, plan.column]) };
    case 'aggregate': {
      const all = [...plan.keys, ...plan.aggregates];
      const read = all.flatMap(({ expression }) => columnsIn(expression));
      return { ...plan, child: prune(plan.child, read) };
    }
    case 'sort':
      return {
        ...plan,
        child: prune(plan.child, and(required, ...plan.orders.map((order) => order.expression))),
      };
    case 'limit':
      return { ...plan, child: prune(plan.child, required) };
    case 'deduplicate':
      return pruneDuplicates(plan, required);
    case 'join':
      return pruneJoin(plan, required);
    case 'union': {
      const places = namesOf(plan.left).map((name) => required.includes(name));
      const others = namesOf(plan.right).filter((_, place) => places[place]);
      const own = namesOf(plan.left).filter((_, place) => places[place]);
      return { ...plan, left: only(plan.left, own), right: only(plan.right, others) };
    }
    default:
      // A user's function gets whole rows.
      return { ...plan, child: prune(plan.child, namesOf(plan.child)) };
  }
}

function and(required: readonly string[], ...expressions: readonly Expression[]): string[] {
  return [...required, ...expressions.flatMap(columnsIn)];
}

function pruneDuplicates(plan: PlanOf<'deduplicate'>, required: readonly string[]): LogicalPlan {
  const time = plan.isWithinWatermark ? eventTimeOf(attributesOf(plan.child)) : undefined;
  const kept = [...required, ...plan.keys, ...(time === undefined ? [] : [time.name])];
  return { ...plan, child: only(plan.child, kept) };
}

function pruneJoin(plan: PlanOf<'join'>, required: readonly string[]): LogicalPlan {
  const read = plan.condition === undefined ? [] : columnsIn(plan.condition);
  const isExistence = plan.joinType === 'left_semi' || plan.joinType === 'left_anti';
  const right = isExistence ? read : [...required, ...read];
  return {
    ...plan,
    left: only(plan.left, [...required, ...read]),
    right: only(plan.right, right),
  };
}

/** The plan with none but these of its columns. */
function only(plan: LogicalPlan, required: readonly string[]): LogicalPlan {
  const names = namesOf(plan);
  const kept = names.filter((name) => required.includes(name));
  const pruned = prune(plan, kept);
  if (namesOf(pruned).length === kept.length) return pruned;
  const columns = kept.map((name) => ({ name, expression: { type: 'column', name } as const }));
  return { type: 'project', child: pruned, columns };
}
