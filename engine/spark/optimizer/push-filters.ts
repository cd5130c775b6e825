import { attributesOf } from '../../dataset/attributes.ts';
import { columnsIn } from '../../dataset/expression.ts';
import type { Expression } from '../../dataset/expression.ts';
import type { JoinType, LogicalPlan } from '../../dataset/plan.ts';
import { conjunctsOf, filtered, readsOnly, replaceColumns, withChildren } from './rewrite.ts';

type PlanOf<T extends LogicalPlan['type']> = Extract<LogicalPlan, { type: T }>;

/**
 * Moves filters towards the sources. Models Spark 4.2.0 PushPredicateThroughNonJoin,
 * PushPredicateThroughJoin (of a filter above a join) and PushDownPredicates: a filter passes a
 * withWatermark unless it reads the event time, so rows that it drops never move the watermark.
 * Simplified: a filter that reads a computed column stays where it is.
 */
export function pushFilters(plan: LogicalPlan): LogicalPlan {
  if (plan.type !== 'filter') return withChildren(plan, pushFilters);
  return push(conjunctsOf(plan.condition), plan.child);
}

/** The plan with these conditions as low as they may stand. */
function push(conditions: readonly Expression[], child: LogicalPlan): LogicalPlan {
  switch (child.type) {
    case 'filter':
      return push([...conditions, ...conjunctsOf(child.condition)], child.child);
    case 'watermark': {
      const [staying, moving] = split(conditions, (term) => columnsIn(term).includes(child.column));
      return filtered({ ...child, child: push(moving, child.child) }, staying);
    }
    case 'project': {
      const [moving, staying] = split(conditions, (term) => isMadeOfColumns(term, child));
      const renamed = moving.map((term) => throughNames(term, child.columns));
      return filtered({ ...child, child: push(renamed, child.child) }, staying);
    }
    case 'sort':
      return { ...child, child: push(conditions, child.child) };
    case 'aggregate': {
      const [moving, staying] = split(conditions, (term) => readsKeys(term, child));
      const renamed = moving.map((term) => throughNames(term, child.keys));
      return filtered({ ...child, child: push(renamed, child.child) }, staying);
    }
    case 'union':
      return pushToBoth(conditions, child);
    case 'join':
      return pushToSides(conditions, child);
    default:
      return filtered(pushFilters(child), conditions);
  }
}

function split(
  terms: readonly Expression[],
  isFirst: (term: Expression) => boolean,
): readonly [readonly Expression[], readonly Expression[]] {
  return [terms.filter(isFirst), terms.filter((term) => !isFirst(term))];
}

function throughNames(term: Expression, columns: PlanOf<'project'>['columns']): Expression {
  return replaceColumns(term, (name) => unaliased(columns, name));
}

function unaliased(columns: PlanOf<'project'>['columns'], name: string): Expression | undefined {
  let expression = columns.find((column) => column.name === name)?.expression;
  while (expression?.type === 'alias') expression = expression.child;
  return expression;
}

function isMadeOfColumns(term: Expression, { columns }: PlanOf<'project'>): boolean {
  return columnsIn(term).every((name) => unaliased(columns, name)?.type === 'column');
}

/** Keys that are computed are left above: only plain columns are looked through. */
function readsKeys(term: Expression, { keys }: PlanOf<'aggregate'>): boolean {
  const names = columnsIn(term);
  return names.length > 0 && names.every((name) => unaliased(keys, name)?.type === 'column');
}

/** Columns of a union go by their place. */
function pushToBoth(conditions: readonly Expression[], union: PlanOf<'union'>): LogicalPlan {
  const names = attributesOf(union.left).map(({ name }) => name);
  const others = attributesOf(union.right);
  const renamed = conditions.map((term) =>
    replaceColumns(term, (name) => {
      const other = others[names.indexOf(name)];
      return other === undefined ? undefined : { type: 'column', name: other.name };
    }),
  );
  return { ...union, left: push(conditions, union.left), right: push(renamed, union.right) };
}

/** Sides of a join that a filter above it may go to: their rows come out unchanged. */
const PASSED_SIDES: { readonly [type in JoinType]: readonly ('left' | 'right')[] } = {
  inner: ['left', 'right'],
  left_semi: ['left'],
  left_outer: ['left'],
  left_anti: ['left'],
  right_outer: ['right'],
  full_outer: [],
};

function pushToSides(conditions: readonly Expression[], join: PlanOf<'join'>): LogicalPlan {
  let staying: readonly Expression[] = conditions.filter((term) => columnsIn(term).length > 0);
  const sides = { left: pushFilters(join.left), right: pushFilters(join.right) };
  const constant = conditions.filter((term) => columnsIn(term).length === 0);
  for (const side of PASSED_SIDES[join.joinType]) {
    const names = new Set(attributesOf(join[side]).map(({ name }) => name));
    const [moving, others] = split(staying, (term) => readsOnly(term, names));
    staying = others;
    if (moving.length > 0) sides[side] = push(moving, join[side]);
  }
  return filtered({ ...join, ...sides }, [...constant, ...staying]);
}
