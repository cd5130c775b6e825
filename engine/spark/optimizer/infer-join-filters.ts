import { attributesOf } from '../../dataset/attributes.ts';
import { columnsIn } from '../../dataset/expression.ts';
import type { Expression } from '../../dataset/expression.ts';
import type { JoinType, LogicalPlan } from '../../dataset/plan.ts';
import { constraintsOf, neverNull } from './constraints.ts';
import {
  allOf,
  conjunctsOf,
  filtered,
  readsOnly,
  replaceColumns,
  withChildren,
} from './rewrite.ts';

type JoinPlan = Extract<LogicalPlan, { type: 'join' }>;

/** Sides of a join whose rows may be filtered before: those that need a match to come out. */
const FILTERED_SIDES: { readonly [type in JoinType]: readonly ('left' | 'right')[] } = {
  inner: ['left', 'right'],
  left_semi: ['left', 'right'],
  left_outer: ['right'],
  left_anti: ['right'],
  right_outer: ['left'],
  full_outer: [],
};

/**
 * Filters the inputs of joins by what their conditions ask of one side alone: terms that read one
 * side only, terms with an equal column in place of the other side's, and that no column is null
 * which must not be. Models Spark 4.2.0 InferFiltersFromConstraints and PushPredicateThroughJoin.
 */
export function inferJoinFilters(plan: LogicalPlan): LogicalPlan {
  const inferred = withChildren(plan, inferJoinFilters);
  return inferred.type === 'join' ? filterInputs(inferred) : inferred;
}

function filterInputs(join: JoinPlan): LogicalPlan {
  const written = conjunctsOf(join.condition);
  const known = [...written, ...constraintsOf(join.left), ...constraintsOf(join.right)];
  const all = [...known, ...equalsReplaced(known)];
  const filterSide = (side: 'left' | 'right'): LogicalPlan => {
    const input = join[side];
    if (!FILTERED_SIDES[join.joinType].includes(side)) return input;
    const names = namesOf(input);
    const own = all.filter((term) => columnsIn(term).length > 0 && readsOnly(term, names));
    const notNull = [...new Set(all.flatMap(neverNull))].filter((name) => names.has(name));
    return filtered(input, [...own, ...notNull.map(isNotNull)]);
  };
  const sides = FILTERED_SIDES[join.joinType];
  const isPushed = (term: Expression): boolean =>
    columnsIn(term).length > 0 && sides.some((side) => readsOnly(term, namesOf(join[side])));
  const condition = allOf(written.filter((term) => !isPushed(term)));
  return { ...join, condition, left: filterSide('left'), right: filterSide('right') };
}

function namesOf(plan: LogicalPlan): ReadonlySet<string> {
  return new Set(attributesOf(plan).map(({ name }) => name));
}

/** Each term again, with a column in place of another that is equal to it. */
function equalsReplaced(terms: readonly Expression[]): readonly Expression[] {
  return terms.flatMap((equality) => {
    if (equality.type !== 'call' || equality.name !== '=') return [];
    const [left, right] = equality.args as readonly [Expression, Expression];
    if (left.type !== 'column' || right.type !== 'column') return [];
    const others = terms.filter((term) => term !== equality);
    const replaced = (from: typeof left, to: Expression): readonly Expression[] =>
      others
        .filter((term) => columnsIn(term).includes(from.name))
        .map((term) => replaceColumns(term, (name) => (name === from.name ? to : undefined)));
    return [...replaced(left, right), ...replaced(right, left)];
  });
}

function isNotNull(name: string): Expression {
  return { type: 'call', name: 'ISNOTNULL', args: [{ type: 'column', name }] };
}
