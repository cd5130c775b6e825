import type { Random } from '../../../engine/core/random.ts';
import { call, col, drawAggregates, drawWindow, lit, marked } from './draw-plan.ts';
import type { DrawnQuery } from './draw-plan.ts';
import type { Expr, Plan } from './scenario.ts';

interface Kind {
  readonly outputModes: DrawnQuery['outputModes'];
  readonly streams: readonly string[];
  readonly draw: (random: Random) => Plan;
}

const time = col('time');

const windowed = (random: Random): Plan => ({
  op: 'aggregate',
  child: marked(random),
  keys: [drawWindow(random, time), random.pick([col('key'), col('value'), as(col('key'), 'k')])],
  aggregates: drawAggregates(random).slice(0, 1),
});

const distinct = (random: Random): Plan => ({
  op: 'deduplicate',
  child: random.chance(0.8) ? marked(random) : { op: 'stream', name: 'in' },
  columns: random.pick([['key'], ['key', 'time'], ['value'], ['key', 'value']]),
  isWithinWatermark: false,
});

const plain = (random: Random): Plan => ({
  op: 'filter',
  child: marked(random),
  condition: call('>', col('value'), lit(random.below(3))),
});

const joined = (random: Random): Plan => {
  const until = call('+', time, { op: 'interval', text: `${random.between(1, 6)} seconds` });
  const terms = [
    call('=', col('key'), col('key2')),
    call('>=', col('time2'), time),
    call('<=', col('time2'), until),
    ...(random.chance(0.3) ? [call('=', col('value'), col('value2'))] : []),
  ];
  return {
    op: 'join',
    left: marked(random),
    right: marked(random, 'other', 'time2'),
    joinType: random.pick(['inner', 'left_outer']),
    condition: terms.reduce((all, term) => call('AND', all, term)),
  };
};

const KINDS: readonly Kind[] = [
  { outputModes: ['append', 'update', 'complete'], streams: ['in'], draw: windowed },
  { outputModes: ['append'], streams: ['in'], draw: distinct },
  { outputModes: ['append'], streams: ['in'], draw: plain },
  { outputModes: ['append'], streams: ['in', 'other'], draw: joined },
];

function as(of: Expr, name: string): Expr {
  return { op: 'as', of, name };
}

/** A query that is started again as another: mostly one of the same kind. */
export function changes(random: Random): DrawnQuery {
  const kind = random.pick(KINDS);
  const other = random.chance(0.75) ? kind : random.pick(KINDS);
  const changed = random.chance(0.2) ? undefined : other.draw(random);
  return {
    // A stream that is not read yet is there nevertheless.
    streams: ['in', 'other'],
    query: kind.draw(random),
    outputModes: kind.outputModes,
    changedTo: {
      ...(changed === undefined ? {} : { query: changed }),
      ...(other === kind ? {} : { outputMode: other.outputModes[0] }),
    },
  };
}
