import type { Random } from '../../../engine/core/random.ts';
import { call, col, drawAggregates, drawWindow, lit, marked } from './draw-plan.ts';
import type { DrawnQuery } from './draw-plan.ts';
import type { Expr, Plan } from './scenario.ts';

const as = (of: Expr, name: string): Expr => ({ op: 'as', of, name });

/** A step of a pipeline: takes and gives the columns `time`, `key` and `value`. */
type Stage = (random: Random, plan: Plan) => Plan;

const chosen: Stage = (random, child) => {
  const condition = random.pick([
    call('>', col('value'), lit(random.between(0, 2))),
    call('<>', col('key'), lit('b')),
    call('ISNOTNULL', col('value')),
    call('OR', call('=', col('key'), lit('a')), call('ISNULL', col('value'))),
  ]);
  return { op: 'filter', child, condition };
};

const renamed: Stage = (random, child) => {
  const value = random.pick([call('+', col('value'), lit(1)), call('%', col('value'), lit(3))]);
  const columns = [col('time'), col('key'), as(value, 'value')];
  return { op: 'select', child, columns };
};

const distinct: Stage = (random, child) => ({
  op: 'deduplicate',
  child,
  columns: random.pick([['key'], ['key', 'time'], ['key', 'value'], ['time']]),
  isWithinWatermark: random.chance(0.4),
});

const counted: Stage = (random, child) => ({
  op: 'select',
  child: {
    op: 'aggregate',
    child,
    keys: [drawWindow(random, col('time')), col('key')],
    aggregates: [as({ op: 'aggregate', name: 'sum', of: col('value') }, 'value')],
  },
  columns: [
    as({ op: 'window_time', of: col('window') }, 'time'),
    col('key'),
    as(col('value'), 'value'),
  ],
});

const limited: Stage = (random, child) => ({ op: 'limit', child, count: random.between(3, 9) });

const withOther: Stage = (random, left) => ({
  op: 'union',
  left,
  right: {
    op: 'select',
    child: marked(random, 'other', 'time2'),
    columns: [col('time2'), col('key2'), col('value2')],
  },
});

const matched: Stage = (random, left) => {
  const right: Plan = {
    op: 'select',
    child: marked(random, 'other', 'time2'),
    columns: [col('time2'), col('key2')],
  };
  const until = call('+', col('time'), { op: 'interval', text: `${random.between(1, 6)} seconds` });
  const terms = [
    call('=', col('key'), col('key2')),
    call('>=', col('time2'), col('time')),
    call('<=', col('time2'), until),
  ];
  const condition = terms.reduce((all, term) => call('AND', all, term));
  const joinType = random.pick(['inner', 'left_outer', 'left_semi']);
  return {
    op: 'select',
    child: { op: 'join', left, right, joinType, condition },
    columns: [col('time'), col('key'), col('value')],
  };
};

/** Which row is first depends on the shuffle before. */
function isSteady(aggregate: Expr): boolean {
  return aggregate.op !== 'as' || !['first', 'last'].includes(aggregate.name);
}

const rowCount = as({ op: 'aggregate', name: 'count', of: null }, 'rows');

/** The end of a pipeline: what comes out of it has other columns. */
const ENDS: readonly Stage[] = [
  (_random, child) => ({
    op: 'groups',
    child,
    isMap: false,
    outputMode: 'append',
    timeout: 'NoTimeout',
    limit: 3,
    timeoutMs: 1000,
    isTalkative: true,
    onTimeout: 'ignore',
  }),
  (random, child) => ({
    op: 'aggregate',
    child,
    keys: [
      col('key'),
      { op: 'session', time: col('time'), gap: random.pick(['3 seconds', '6 seconds']) },
    ],
    aggregates: [as({ op: 'aggregate', name: 'count', of: null }, 'n')],
  }),
  (random, child) => ({
    op: 'aggregate',
    child,
    keys: [drawWindow(random, col('time'))],
    aggregates: drawAggregates(random).filter(isSteady).concat(rowCount),
  }),
];

/** Several steps behind one another, in any order. */
export function pipelines(random: Random): DrawnQuery {
  const usesOther = random.chance(0.5);
  const withTwo = random.pick([withOther, matched]);
  const count = random.between(1, 3);
  const stages = Array.from({ length: count }, () =>
    random.pick([chosen, renamed, distinct, distinct, counted, counted, limited]),
  );
  if (usesOther) stages.splice(random.below(count + 1), 0, withTwo);
  const end = random.chance(0.35) ? random.pick(ENDS) : undefined;
  if (end !== undefined) stages.push(end);
  const start = random.chance(0.3) ? chosen(random, marked(random)) : marked(random);
  const query = stages.reduce((plan, stage) => stage(random, plan), start);
  return {
    streams: usesOther ? ['in', 'other'] : ['in'],
    query,
    outputModes: ['append', 'append', 'append', 'update'],
    hasNullKeys: end !== ENDS[0],
  };
}
