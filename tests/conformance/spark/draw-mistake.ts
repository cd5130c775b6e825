import type { Random } from '../../../engine/core/random.ts';
import { call, col, lit, marked } from './draw-plan.ts';
import type { DrawnQuery } from './draw-plan.ts';
import type { Expr, Plan } from './scenario.ts';

const input: Plan = { op: 'stream', name: 'in' };
const other: Plan = { op: 'stream', name: 'other' };

const windowOf = (size: string, slide = size, start = '0 seconds', time = 'time'): Expr => ({
  op: 'window',
  time: col(time),
  size,
  slide,
  start,
});

const count: Expr = { op: 'as', of: { op: 'aggregate', name: 'count', of: null }, name: 'n' };

const counted = (child: Plan, ...keys: readonly Expr[]): Plan => ({
  op: 'aggregate',
  child,
  keys,
  aggregates: [count],
});

const noInterval = (random: Random): string =>
  random.pick(['ten seconds', '5 lightyears', '', '5', 'seconds', '5 seconds 3', '1.5 minutes']);

const noColumn = (random: Random): Expr => col(random.pick(['nothing', 'window', 'key.a']));

/**
 * Uses that Spark refuses before anything runs, most of them. Left out is what Spark allows and the
 * engine does not: names in another case, two columns of one name, text in place of a time.
 */
const MISTAKES: readonly ((random: Random) => Plan)[] = [
  (random) => counted(input, windowOf(random.pick(['0 seconds', '-5 seconds']))),
  () => counted(input, windowOf('10 seconds', '20 seconds')),
  (random) => counted(input, windowOf('10 seconds', random.pick(['0 seconds', '-1 second']))),
  (random) =>
    counted(input, windowOf('10 seconds', '5 seconds', random.pick(['5 seconds', '-7 seconds']))),
  (random) => counted(input, windowOf(noInterval(random))),
  () => counted(input, windowOf('10 seconds', '10 seconds', '0 seconds', 'value')),
  (random) =>
    counted(input, { op: 'session', time: col('time'), gap: noInterval(random) }, col('key')),
  (random) => {
    const gap = random.pick(['0 seconds', '-1 second']);
    return counted(input, { op: 'session', time: col('time'), gap }, col('key'));
  },
  (random) => {
    const delay = random.pick(['-5 seconds', noInterval(random), '1 month', '1 year 2 months']);
    return { op: 'watermark', child: input, column: 'time', delay };
  },
  (random) => ({
    op: 'watermark',
    child: input,
    column: random.pick(['key', 'value', 'nothing']),
    delay: '1 second',
  }),
  (random) => ({ op: 'watermark', child: marked(random), column: 'time', delay: '1 second' }),
  (random) => ({ op: 'select', child: input, columns: [col('key'), noColumn(random)] }),
  (random) => ({ op: 'filter', child: input, condition: call('=', noColumn(random), lit(1)) }),
  (random) => counted(input, noColumn(random)),
  (random) => ({
    op: 'deduplicate',
    child: input,
    columns: ['key', random.pick(['nothing', 'Key2'])],
    isWithinWatermark: random.chance(0.5),
  }),
  (random) => ({ op: 'filter', child: input, condition: random.pick([col('value'), col('key')]) }),
  () => ({
    op: 'union',
    left: input,
    right: { op: 'select', child: other, columns: [col('key2')] },
  }),
  (random) => ({
    op: 'union',
    left: input,
    right: {
      op: 'select',
      child: other,
      columns: random.pick([
        [col('value2'), col('key2'), col('time2')],
        [col('time2'), col('key2'), col('value2')],
      ]),
    },
  }),
  (random) => ({
    op: 'join',
    left: input,
    right: other,
    joinType: random.pick(['sideways', 'outer inner', 'left', 'fullouter', 'anti']),
    condition: call('=', col('key'), col('key2')),
  }),
  () => counted(input, windowOf('10 seconds'), windowOf('5 seconds')),
  (random) => ({ op: 'limit', child: input, count: random.pick([-1, 2]) }),
  (random) => {
    const sides = random.pick([
      ['time', 1],
      ['value', true],
      ['time', true],
    ] as const);
    const name = random.pick(['=', '<', '<>', '<=>']);
    return { op: 'filter', child: input, condition: call(name, col(sides[0]), lit(sides[1])) };
  },
  (random) => {
    const name = random.pick(['+', '-', '*', '/', '%']);
    const sides = random.pick([
      [col('time'), lit(5)],
      [col('value'), lit(true)],
      [lit(true), lit(false)],
      [col('time'), col('time')],
    ]);
    // The difference of two times is an interval, which no sink here can show.
    const isInterval = name === '-' && JSON.stringify(sides[0]) === JSON.stringify(sides[1]);
    const of = call(isInterval ? '*' : name, ...sides);
    const columns: readonly Expr[] = [{ op: 'as', of, name: 'x' }];
    return { op: 'select', child: input, columns };
  },
  (random) => {
    const condition = random.pick([
      call('AND', col('value'), lit(true)),
      call('OR', lit(true), col('time')),
      call('NOT', col('value')),
      call('AND', lit(1), col('key')),
    ]);
    return { op: 'filter', child: input, condition };
  },
];

/** A mistake of somebody who writes a query. */
export function mistakes(random: Random): DrawnQuery {
  const query = random.pick(MISTAKES)(random);
  return { streams: ['in', 'other'], query, outputModes: ['append', 'update', 'complete'] };
}
