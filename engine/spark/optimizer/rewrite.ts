import { columnsIn } from '../../dataset/expression.ts';
import type { Expression } from '../../dataset/expression.ts';
import type { LogicalPlan } from '../../dataset/plan.ts';

/** The terms of a condition that all must hold. */
export function conjunctsOf(condition: Expression | undefined): readonly Expression[] {
  if (condition === undefined) return [];
  if (condition.type !== 'call' || condition.name !== 'AND') return [condition];
  return condition.args.flatMap(conjunctsOf);
}

/** One condition of several; undefined: nothing is asked for. */
export function allOf(conditions: readonly Expression[]): Expression | undefined {
  if (conditions.length === 0) return undefined;
  return conditions.reduce((left, right) => ({ type: 'call', name: 'AND', args: [left, right] }));
}

/** Keeps the rows of a plan that fulfil all of these. */
export function filtered(child: LogicalPlan, conditions: readonly Expression[]): LogicalPlan {
  const condition = allOf(conditions);
  return condition === undefined ? child : { type: 'filter', child, condition };
}

/** Whether an expression needs none but these columns. */
export function readsOnly(expression: Expression, names: ReadonlySet<string>): boolean {
  return columnsIn(expression).every((name) => names.has(name));
}

/** An expression with other expressions in place of columns. */
export function replaceColumns(
  expression: Expression,
  replacement: (name: string) => Expression | undefined,
): Expression {
  const replace = (child: Expression): Expression => replaceColumns(child, replacement);
  switch (expression.type) {
    case 'column': {
      const [name, ...fields] = expression.name.split('.');
      const found = replacement(name as string);
      if (found === undefined) return expression;
      return fields.reduce<Expression>(
        (child, field) => ({ type: 'field', child, name: field }),
        found,
      );
    }
    case 'call':
    case 'udf':
      return { ...expression, args: expression.args.map(replace) };
    case 'window':
      return { ...expression, time: replace(expression.time) };
    case 'session_window':
      return { ...expression, time: replace(expression.time), gap: replace(expression.gap) };
    case 'window_time':
      return { ...expression, window: replace(expression.window) };
    case 'field':
    case 'alias':
    case 'aggregate':
      return { ...expression, child: replace(expression.child) };
    case 'literal':
    case 'interval':
      return expression;
  }
}

/** A plan with other plans below it. */
export function withChildren(
  plan: LogicalPlan,
  change: (child: LogicalPlan) => LogicalPlan,
): LogicalPlan {
  switch (plan.type) {
    case 'stream':
    case 'static':
      return plan;
    case 'join':
    case 'union':
      return { ...plan, left: change(plan.left), right: change(plan.right) };
    default:
      return { ...plan, child: change(plan.child) };
  }
}
