import type { Random } from '../../../engine/core/random.ts';
import { call, col, lit } from './draw-plan.ts';
import type { DrawnQuery } from './draw-plan.ts';
import type { Expr, Plan } from './scenario.ts';

type Draw = (random: Random, depth: number) => Expr;

/** A random expression that gives a number. */
const number: Draw = (random, depth) => {
  if (depth === 0) {
    return random.pick([col('value'), col('value'), lit(random.between(-3, 7)), lit(null)]);
  }
  const next = depth - 1;
  switch (random.below(7)) {
    case 0:
    case 1:
    case 2: {
      const name = random.pick(['+', '-', '*', '/', '%']);
      return call(name, number(random, next), number(random, next));
    }
    case 3:
      return call('COALESCE', number(random, next), number(random, next));
    case 4:
      return call('CASE', truth(random, next), number(random, next), number(random, next));
    case 5:
      return call(random.pick(['ABS', 'FLOOR']), number(random, next));
    default:
      return call('LENGTH', text(random, next));
  }
};

/** One that gives a text. */
const text: Draw = (random, depth) => {
  if (depth === 0)
    return random.pick([col('key'), col('key'), lit('B'), lit('äz'), lit('🙂'), lit('\ufb01')]);
  const next = depth - 1;
  switch (random.below(4)) {
    case 0:
      return call('CONCAT', text(random, next), text(random, next));
    case 1:
      return call(random.pick(['UPPER', 'LOWER']), text(random, next));
    case 2:
      return call('COALESCE', text(random, next), text(random, next));
    default:
      return call('CASE', truth(random, next), text(random, next));
  }
};

/** One that is true, false or null. */
const truth: Draw = (random, depth) => {
  if (depth === 0) {
    return random.pick([call('ISNULL', col('value')), call('>', col('value'), lit(1)), lit(true)]);
  }
  const next = depth - 1;
  const compare = random.pick(['=', '<=>', '<>', '<', '<=', '>', '>=']);
  switch (random.below(6)) {
    case 0:
      return call(compare, number(random, next), number(random, next));
    case 1:
      return call(compare, text(random, next), text(random, next));
    case 2:
      return call('AND', truth(random, next), truth(random, next));
    case 3:
      return call('OR', truth(random, next), truth(random, next));
    case 4:
      return call('NOT', truth(random, next));
    default:
      return call(random.pick(['ISNULL', 'ISNOTNULL']), number(random, next));
  }
};

/** Columns computed from each row, and rows chosen by a condition. */
export function expressions(random: Random): DrawnQuery {
  const draw = [number, text, truth, number];
  const columns = draw
    .slice(0, random.between(2, 4))
    .map((one, at): Expr => ({ op: 'as', of: one(random, 2), name: `c${at + 1}` }));
  const child: Plan = { op: 'stream', name: 'in' };
  const chosen: Plan = random.chance(0.5)
    ? child
    : { op: 'filter', child, condition: truth(random, 2) };
  const query: Plan = { op: 'select', child: chosen, columns };
  return { streams: ['in'], query, outputModes: ['append', 'update'] };
}
