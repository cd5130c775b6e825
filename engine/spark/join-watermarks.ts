import { attributesOf, eventTimeOf } from '../dataset/attributes.ts';
import type { Attribute } from '../dataset/attributes.ts';
import { columnsIn } from '../dataset/expression.ts';
import type { Expression } from '../dataset/expression.ts';
import type { LogicalPlan } from '../dataset/plan.ts';
import { conjunctsOf } from './optimizer/rewrite.ts';

type JoinPlan = Extract<LogicalPlan, { type: 'join' }>;

/** A join's condition, taken apart. */
export interface JoinParts {
  /** Both sides of each equality between the two inputs. */
  readonly leftKeys: readonly Expression[];
  readonly rightKeys: readonly Expression[];
  /** What only needs one of the inputs. */
  readonly leftOnly: readonly Expression[];
  readonly rightOnly: readonly Expression[];
  /** What needs both and is no equality. */
  readonly both: readonly Expression[];
}

function reads(expression: Expression, attributes: readonly Attribute[]): boolean {
  const names = attributes.map(({ name }) => name);
  const columns = columnsIn(expression);
  return columns.length > 0 && columns.every((column) => names.includes(column));
}

/** Models Spark 4.2.0 ExtractEquiJoinKeys and JoinConditionSplitPredicates. */
export function partsOf(plan: JoinPlan): JoinParts {
  const left = attributesOf(plan.left);
  const right = attributesOf(plan.right);
  const parts = {
    leftKeys: [] as Expression[],
    rightKeys: [] as Expression[],
    leftOnly: [] as Expression[],
    rightOnly: [] as Expression[],
    both: [] as Expression[],
  };
  for (const conjunct of conjunctsOf(plan.condition)) {
    if (conjunct.type === 'call' && conjunct.name === '=') {
      const [first, second] = conjunct.args as readonly [Expression, Expression];
      const isStraight = reads(first, left) && reads(second, right);
      if (isStraight || (reads(first, right) && reads(second, left))) {
        parts.leftKeys.push(isStraight ? first : second);
        parts.rightKeys.push(isStraight ? second : first);
        continue;
      }
    }
    if (reads(conjunct, left)) parts.leftOnly.push(conjunct);
    else if (reads(conjunct, right)) parts.rightOnly.push(conjunct);
    else parts.both.push(conjunct);
  }
  return parts;
}

/** Which of the keys carries event time on either side; −1 for none. */
export function watermarkKeyPlace(plan: JoinPlan, { leftKeys, rightKeys }: JoinParts): number {
  const placeIn = (keys: readonly Expression[], attributes: readonly Attribute[]): number =>
    keys.findIndex((key) => {
      if (key.type !== 'column') return false;
      return attributes.find(({ name }) => name === key.name)?.delayMs !== undefined;
    });
  const left = placeIn(leftKeys, attributesOf(plan.left));
  return left === -1 ? placeIn(rightKeys, attributesOf(plan.right)) : left;
}

/** Up to when rows of either side can match nothing any more, in ms; undefined: never known. */
export interface StateWatermarks {
  readonly left: number | undefined;
  readonly right: number | undefined;
}

/** Models Spark 4.2.0 StreamingSymmetricHashJoinHelper.getStateWatermark. */
export function stateWatermarksOf(plan: JoinPlan, watermarkMs: number): StateWatermarks {
  if (watermarkKeyPlace(plan, partsOf(plan)) !== -1) {
    return { left: watermarkMs, right: watermarkMs };
  }
  const left = attributesOf(plan.left);
  const right = attributesOf(plan.right);
  const ofSide = (own: readonly Attribute[], other: readonly Attribute[]): number | undefined =>
    eventTimeOf(own) === undefined
      ? undefined
      : stateValueWatermark(own, other, plan.condition, watermarkMs);
  return { left: ofSide(left, right), right: ofSide(right, left) };
}

/** Whether an outer or semi join can tell that a row will match no more. */
export function boundsState(plan: JoinPlan): boolean {
  if (watermarkKeyPlace(plan, partsOf(plan)) !== -1) return true;
  const left = attributesOf(plan.left);
  const right = attributesOf(plan.right);
  const isLeftBound = stateValueWatermark(left, right, plan.condition, 0) !== undefined;
  const isRightBound = stateValueWatermark(right, left, plan.condition, 0) !== undefined;
  if (plan.joinType === 'right_outer') return isRightBound;
  return plan.joinType === 'full_outer' ? isLeftBound || isRightBound : isLeftBound;
}

/**
 * What the other side's watermark says of this side's event time, through comparisons such as
 * `ownTime >= otherTime - 1 hour`. Models Spark 4.2.0 StreamingJoinHelper.getStateValueWatermark:
 * of several comparisons, the one that keeps most state counts.
 */
function stateValueWatermark(
  own: readonly Attribute[],
  other: readonly Attribute[],
  condition: Expression | undefined,
  watermarkMs: number,
): number | undefined {
  const marked = eventTimeOf(other);
  if (marked === undefined) return undefined;
  const bounds = conjunctsOf(condition).flatMap((conjunct) => {
    if (conjunct.type !== 'call') return [];
    const [left, right] = conjunct.args as readonly [Expression, Expression];
    const solve = (smaller: Expression, larger: Expression, strictMs: number): number[] => {
      const bound = solveLess(smaller, larger, own, marked, watermarkMs);
      return bound === undefined ? [] : [bound - strictMs];
    };
    // What is at the bound itself can still match when the comparison allows equality.
    if (conjunct.name === '<') return solve(left, right, 0);
    if (conjunct.name === '<=') return solve(left, right, 1);
    if (conjunct.name === '>') return solve(right, left, 0);
    if (conjunct.name === '>=') return solve(right, left, 1);
    return [];
  });
  return bounds.length === 0 ? undefined : Math.min(...bounds);
}

/** From `other + c1 < own + c2`, with the watermark for `other`: own > watermark + c1 − c2. */
function solveLess(
  smaller: Expression,
  larger: Expression,
  own: readonly Attribute[],
  marked: Attribute,
  watermarkMs: number,
): number | undefined {
  const terms = [...(termsOf(smaller, 1) ?? [NaN]), ...(termsOf(larger, -1) ?? [NaN])];
  let boundMs = 0;
  let ownTerm: Term | undefined;
  for (const term of terms) {
    if (typeof term === 'number') {
      boundMs += term;
    } else if (own.some(({ name }) => name === term.column)) {
      if (ownTerm !== undefined) return undefined;
      ownTerm = term;
    } else if (term.column === marked.name) {
      boundMs += term.sign * watermarkMs;
    } else {
      return undefined;
    }
  }
  if (ownTerm?.sign !== -1 || Number.isNaN(boundMs)) return undefined;
  return Math.trunc(boundMs);
}

interface Term {
  readonly column: string;
  readonly sign: number;
}

/** Columns and lengths of a sum; undefined when it is something else. */
function termsOf(expression: Expression, sign: number): readonly (Term | number)[] | undefined {
  switch (expression.type) {
    case 'alias':
      return termsOf(expression.child, sign);
    case 'column':
      return [{ column: expression.name, sign }];
    case 'interval':
      return [sign * expression.ms];
    case 'literal':
      // Spark takes any number for seconds, whatever it is compared with.
      return typeof expression.value === 'number' ? [sign * expression.value * 1000] : undefined;
    case 'call': {
      if (expression.name !== '+' && expression.name !== '-') return undefined;
      const [left, right] = expression.args as readonly [Expression, Expression];
      const first = termsOf(left, sign);
      const second = termsOf(right, expression.name === '+' ? sign : -sign);
      return first === undefined || second === undefined ? undefined : [...first, ...second];
    }
    default:
      return undefined;
  }
}
