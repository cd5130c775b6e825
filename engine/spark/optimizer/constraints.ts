import { attributesOf } from '../../dataset/attributes.ts';
import { columnsIn } from '../../dataset/expression.ts';
import type { Expression } from '../../dataset/expression.ts';
import type { LogicalPlan, NamedExpression } from '../../dataset/plan.ts';
import { conjunctsOf, readsOnly, replaceColumns } from './rewrite.ts';

/**
 * What is known to hold for all rows of a plan: conditions over its columns. Models Spark 4.2.0
 * QueryPlanConstraints. Simplified: of a union nothing is known.
 */
export function constraintsOf(plan: LogicalPlan): readonly Expression[] {
  switch (plan.type) {
    case 'filter':
      return [...conjunctsOf(plan.condition), ...constraintsOf(plan.child)];
    case 'project':
      return renamed(constraintsOf(plan.child), plan.columns);
    case 'aggregate':
      return renamed(constraintsOf(plan.child), plan.keys);
    case 'watermark':
    case 'deduplicate':
    case 'sort':
    case 'limit':
      return constraintsOf(plan.child);
    case 'join': {
      const { joinType } = plan;
      const left = joinType === 'right_outer' || joinType === 'full_outer' ? [] : [plan.left];
      const right = joinType === 'right_outer' || joinType === 'inner' ? [plan.right] : [];
      const own = joinType === 'inner' ? conjunctsOf(plan.condition) : [];
      return [...own, ...[...left, ...right].flatMap(constraintsOf)];
    }
    default:
      return [];
  }
}

/** Constraints in the names that columns have above; those that lose a column are lost. */
function renamed(
  constraints: readonly Expression[],
  columns: readonly NamedExpression[],
): readonly Expression[] {
  const names = new Map<string, Expression>();
  for (const { name, expression } of columns) {
    let inner = expression;
    while (inner.type === 'alias') inner = inner.child;
    if (inner.type === 'column') names.set(inner.name, { type: 'column', name });
  }
  const known = new Set(names.keys());
  return constraints
    .filter((term) => readsOnly(term, known))
    .map((term) => replaceColumns(term, (name) => names.get(name)));
}

const NULL_INTOLERANT = new Set(['=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '/', '%']);

/** Columns that make a term null, so that it does not hold, when they are null. */
export function neverNull(term: Expression): readonly string[] {
  if (term.type === 'column') return [term.name];
  if (term.type !== 'call') return [];
  if (term.name === 'ISNOTNULL') return term.args.flatMap(neverNull);
  return NULL_INTOLERANT.has(term.name) ? term.args.flatMap(neverNull) : [];
}

/** The columns of a plan that can't be null. */
export function neverNullColumns(plan: LogicalPlan): ReadonlySet<string> {
  const names = new Set(attributesOf(plan).map(({ name }) => name));
  return new Set(
    constraintsOf(plan)
      .flatMap(neverNull)
      .filter((name) => names.has(name)),
  );
}

/** Whether an expression over the columns of a plan may be null. */
export function mayBeNull(expression: Expression, notNull: ReadonlySet<string>): boolean {
  switch (expression.type) {
    case 'alias':
      return mayBeNull(expression.child, notNull);
    case 'column':
      return columnsIn(expression).some((name) => !notNull.has(name));
    case 'literal':
      return expression.value === null;
    case 'window':
      // Where a row is in several windows, Spark takes the column for one that may be null.
      return expression.slideMs !== expression.sizeMs;
    case 'session_window':
      return false;
    default:
      return true;
  }
}
