import type { Random } from '../../../engine/core/random.ts';
import type { Expr, GroupProgram, Plan, Step, TransformProgram } from './scenario.ts';

/** What a random query brings along for its scenario. */
export interface DrawnQuery {
  readonly streams: readonly string[];
  readonly query: Plan;
  readonly outputModes: readonly ('append' | 'update' | 'complete')[];
  /** Whether keys may be null: a function's key may not. */
  readonly hasNullKeys?: boolean;
  /** Batches come without end while timeouts of processing time are in use. */
  readonly needsInterval?: boolean;
  readonly stateStore?: 'rocksdb';
  /** What a restart changes. */
  readonly changedTo?: Omit<Extract<Step, { type: 'restart' }>, 'type' | 'conf'>;
}

export const col = (name: string): Expr => ({ op: 'col', name });
export const lit = (value: string | number | boolean | null): Expr => ({ op: 'lit', value });
export const call = (name: string, ...args: readonly Expr[]): Expr => ({ op: 'call', name, args });
const as = (of: Expr, name: string): Expr => ({ op: 'as', of, name });
const aggregate = (name: string, of: Expr | null): Expr => ({ op: 'aggregate', name, of });
const interval = (text: string): Expr => ({ op: 'interval', text });

const DELAYS = ['0 seconds', '2 seconds', '5 seconds', '10 seconds', '2500 milliseconds'];
const ALL_MODES = ['append', 'update', 'complete'] as const;

const stream = (name: string): Plan => ({ op: 'stream', name });

/** A stream with a watermark. */
export function marked(random: Random, name = 'in', column = 'time'): Plan {
  return { op: 'watermark', child: stream(name), column, delay: random.pick(DELAYS) };
}

/** Tumbling or sliding, now and then with another start. */
export function drawWindow(random: Random, time: Expr): Expr {
  const sizeS = random.pick([5, 10, 10, 20]);
  const slideS = random.chance(0.6) ? sizeS : random.pick([5, 10, 4, 3].filter((s) => s <= sizeS));
  const startS = random.chance(0.8) ? 0 : random.between(-slideS + 1, slideS - 1);
  const seconds = (count: number): string => `${count} seconds`;
  return {
    op: 'window',
    time,
    size: seconds(sizeS),
    slide: seconds(slideS),
    start: seconds(startS),
  };
}

/** Some aggregates of the columns of a stream. */
export function drawAggregates(random: Random): readonly Expr[] {
  const value = col('value');
  const all: readonly Expr[] = [
    as(aggregate('count', null), 'n'),
    as(aggregate('count', value), 'values'),
    as(aggregate('sum', value), 'total'),
    as(aggregate('min', value), 'least'),
    as(aggregate('max', value), 'most'),
    as(aggregate('avg', value), 'mean'),
    as(aggregate('max', col('time')), 'latest'),
    as(call('+', aggregate('sum', value), aggregate('count', null)), 'both'),
    as(call('/', aggregate('sum', value), lit(2)), 'half'),
    as(aggregate('sum', call('/', value, lit(3))), 'thirds'),
    as(aggregate('avg', call('*', value, lit(1.1))), 'tenths'),
    as(aggregate('first', col('key')), 'first'),
    as(aggregate('last', value), 'last'),
    as(aggregate('collect_list', value), 'all'),
  ];
  return random.shuffle(all).slice(0, random.between(1, 3));
}

/** Counts by time windows and perhaps by key, with a watermark. */
export function windowed(random: Random): DrawnQuery {
  const hasKey = random.chance(0.5);
  const keys = [drawWindow(random, col('time')), ...(hasKey ? [col('key')] : [])];
  const child = before(random, marked(random));
  const query: Plan = { op: 'aggregate', child, keys, aggregates: drawAggregates(random) };
  return { streams: ['in'], query: after(random, query, hasKey), outputModes: ALL_MODES };
}

/** A step between the source and a stateful operator, now and then. */
function before(random: Random, plan: Plan): Plan {
  if (random.chance(0.75)) return plan;
  return {
    op: 'filter',
    child: plan,
    condition: call('>', col('value'), lit(random.between(0, 3))),
  };
}

/** A step behind an aggregation: a choice among its rows, by key if there is one. */
function after(random: Random, plan: Plan, hasKey: boolean): Plan {
  if (random.chance(0.85)) return plan;
  const onKey = call('=', col('key'), lit(random.pick(['a', 'b'])));
  return { op: 'filter', child: plan, condition: hasKey ? onKey : lit(true) };
}

/** Aggregates by key, or of everything, without event time. */
export function keyed(random: Random): DrawnQuery {
  const child = before(random, random.chance(0.3) ? marked(random) : stream('in'));
  const keys = random.pick([
    [],
    [col('key')],
    [col('key'), col('value')],
    [as(call('%', col('value'), lit(2)), 'parity')],
    [as(call('/', col('value'), lit(2)), 'halves'), as(call('ISNULL', col('key')), 'isNull')],
    [as(call('LENGTH', col('key')), 'size'), col('time')],
    [drawWindow(random, col('time')), col('key')],
  ]);
  const query: Plan = { op: 'aggregate', child, keys, aggregates: drawAggregates(random) };
  return { streams: ['in'], query, outputModes: ['update', 'complete'] };
}

/** Aggregates by the event time itself. */
export function byTime(random: Random): DrawnQuery {
  const keys = [col('time'), ...(random.chance(0.5) ? [col('key')] : [])];
  const aggregates = drawAggregates(random);
  const query: Plan = { op: 'aggregate', child: marked(random), keys, aggregates };
  return { streams: ['in'], query, outputModes: ALL_MODES };
}

/** A gap that depends on the key, written as text; as intervals, Spark refuses it. */
function drawGap(random: Random): Expr {
  const length = random.chance(0.1) ? interval : lit;
  return call(
    'CASE',
    call('=', col('key'), lit('a')),
    length('5 seconds'),
    call('=', col('key'), lit('b')),
    length(random.pick(['0 seconds', '1 second'])),
    length('2 seconds'),
  );
}

/** Sessions with a gap that is fixed, or depends on the row. */
export function sessions(random: Random): DrawnQuery {
  const gap: string | Expr = random.chance(0.6)
    ? random.pick(['2 seconds', '5 seconds', '3 seconds'])
    : drawGap(random);
  const session: Expr = { op: 'session', time: col('time'), gap };
  const keys = random.chance(0.5) ? [session, col('key')] : [col('key'), session];
  const aggregates = drawAggregates(random);
  const query: Plan = {
    op: 'aggregate',
    child: before(random, marked(random)),
    keys,
    aggregates,
  };
  return { streams: ['in'], query, outputModes: ['append', 'append', 'complete'] };
}

/** De-duplication, for ever, with event time, or within the watermark. */
export function deduplicated(random: Random): DrawnQuery {
  const isWithinWatermark = random.chance(0.5);
  const isMarked = isWithinWatermark || random.chance(0.7);
  const columns = random.pick([['key'], ['key', 'time'], ['key', 'value'], ['time'], ['value']]);
  const child = isMarked ? marked(random) : stream('in');
  const query: Plan = { op: 'deduplicate', child, columns, isWithinWatermark };
  const selected: Plan = { op: 'select', child: query, columns: columns.map(col) };
  const outputModes = ['append', 'update'] as const;
  return { streams: ['in'], query: random.chance(0.5) ? query : selected, outputModes };
}

function drawTable(random: Random): Plan {
  const names = [...random.shuffle(['a', 'b', 'c', 'd']).slice(0, 3), 'a', null];
  const rows = random
    .shuffle(names)
    .slice(0, random.between(1, 5))
    .map((name, at) => [name, random.chance(0.2) ? null : at] as const);
  return { op: 'table', rows };
}

/** A join with a table. */
export function staticJoin(random: Random): DrawnQuery {
  const isStreamLeft = random.chance(0.6);
  const table = drawTable(random);
  const isMarked = random.chance(0.4);
  const left = isMarked ? marked(random) : stream('in');
  const joinType = isStreamLeft
    ? random.pick(['inner', 'left_outer', 'left_semi', 'left_anti'])
    : random.pick(['inner', 'right_outer']);
  const equal = call('=', col('key'), col('name'));
  const condition = random.chance(0.3)
    ? call('AND', equal, call(random.pick(['>', '<=']), col('value'), col('rank')))
    : equal;
  const join: Plan = isStreamLeft
    ? { op: 'join', left, right: table, joinType, condition }
    : { op: 'join', left: table, right: left, joinType, condition };
  if (!isMarked || random.chance(0.4) || joinType.startsWith('left_')) {
    return { streams: ['in'], query: join, outputModes: ['append', 'update'] };
  }
  const keys = [drawWindow(random, col('time')), col('name')];
  const aggregates = [as(aggregate('count', null), 'n')];
  const query: Plan = { op: 'aggregate', child: join, keys, aggregates };
  return { streams: ['in'], query, outputModes: ALL_MODES };
}

/** Bounds on the times of two rows that match. */
function drawBounds(random: Random): Expr {
  const time = col('time');
  const time2 = col('time2');
  const plus = (of: Expr): Expr => call('+', of, interval(`${random.between(1, 8)} seconds`));
  const minus = (of: Expr): Expr => call('-', of, interval(`${random.between(1, 4)} seconds`));
  const [less, more] = random.chance(0.5) ? ['<', '>'] : ['<=', '>='];
  const lower = call(more, time2, random.chance(0.5) ? time : minus(time));
  const upper = call(less, time2, plus(time));
  return random.pick([
    call('AND', lower, upper),
    call('AND', lower, upper),
    call('AND', call(less, time, plus(time2)), call(more, time, minus(time2))),
    lower,
    upper,
  ]);
}

/** Two streams joined by key, by windows or by bounds on their times. */
export function streamJoin(random: Random): DrawnQuery {
  const side = (name: string, column: string): Plan =>
    random.chance(0.9) ? marked(random, name, column) : stream(name);
  const joinType = random.pick(['inner', 'left_outer', 'right_outer', 'full_outer', 'left_semi']);
  const streams = ['in', 'other'];
  const outputModes =
    joinType === 'inner' ? (['append', 'update'] as const) : (['append'] as const);
  if (random.chance(0.25)) return { ...windowJoin(random, joinType), streams, outputModes };
  const equal = call('=', col('key'), col('key2'));
  const terms = [equal];
  if (random.chance(0.85)) terms.push(drawBounds(random));
  const isStrict = JSON.stringify(terms).match(/"[<>]"/) !== null;
  // With a strict bound the condition would contradict itself: Spark then reads nothing at all.
  if (!isStrict && random.chance(0.2)) terms.push(call('=', col('time'), col('time2')));
  if (random.chance(0.15)) terms.push(call('>', col('value'), lit(random.between(0, 2))));
  if (random.chance(0.15)) terms.push(call('<', col('value'), col('value2')));
  const condition = terms.reduce((left, right) => call('AND', left, right));
  const left = side('in', 'time');
  const right = side('other', 'time2');
  return { streams, query: { op: 'join', left, right, joinType, condition }, outputModes };
}

function windowJoin(random: Random, joinType: string): { readonly query: Plan } {
  const of = (name: string, suffix: string, length: Expr): Plan => ({
    op: 'select',
    child: marked(random, name, `time${suffix}`),
    columns: [as(length, `w${suffix}`), col(`key${suffix}`), col(`value${suffix}`)],
  });
  const sizeS = random.pick([5, 10]);
  const tumbling = (time: string): Expr => ({
    op: 'window',
    time: col(time),
    size: `${sizeS} seconds`,
    slide: `${sizeS} seconds`,
    start: '0 seconds',
  });
  const condition = call('AND', call('=', col('w'), col('w2')), call('=', col('key'), col('key2')));
  return {
    query: {
      op: 'join',
      left: of('in', '', tumbling('time')),
      right: of('other', '2', tumbling('time2')),
      joinType,
      condition,
    },
  };
}

/** Stateful operators behind one another. */
export function chained(random: Random): DrawnQuery {
  const count = as(aggregate('count', null), 'n');
  const first: Plan = {
    op: 'aggregate',
    child: marked(random),
    keys: [drawWindow(random, col('time')), col('key')],
    aggregates: [count, as(aggregate('sum', col('value')), 'total')],
  };
  const second = (child: Plan, time: Expr): Plan => ({
    op: 'aggregate',
    child,
    keys: [drawWindow(random, time)],
    aggregates: [as(aggregate('count', null), 'groups')],
  });
  const outputModes = ['append'] as const;
  const windowTime: Expr = { op: 'window_time', of: col('window') };
  switch (random.below(5)) {
    case 0:
      return { streams: ['in'], query: second(first, windowTime), outputModes };
    case 1: {
      const isWithinWatermark = random.chance(0.5);
      const columns = ['key', 'time'];
      const distinct: Plan = {
        op: 'deduplicate',
        child: marked(random),
        columns,
        isWithinWatermark,
      };
      return { streams: ['in'], query: second(distinct, col('time')), outputModes };
    }
    case 2: {
      const joinType = random.pick(['inner', 'left_outer']);
      const condition = call(
        'AND',
        call('=', col('key'), col('key2')),
        call(
          'AND',
          call('>=', col('time2'), col('time')),
          call('<=', col('time2'), call('+', col('time'), interval('4 seconds'))),
        ),
      );
      const join: Plan = {
        op: 'join',
        left: marked(random),
        right: marked(random, 'other', 'time2'),
        joinType,
        condition,
      };
      return { streams: ['in', 'other'], query: second(join, col('time')), outputModes };
    }
    case 3: {
      const columns = ['key'];
      const isWithinWatermark = false;
      const query: Plan = { op: 'deduplicate', child: first, columns, isWithinWatermark };
      const selected: Plan = { op: 'select', child: query, columns: [col('key')] };
      return { streams: ['in'], query: selected, outputModes };
    }
    default: {
      const child: Plan = {
        op: 'select',
        child: first,
        columns: [as(windowTime, 'time'), col('key'), col('n')],
      };
      const columns = ['key', 'time'];
      const query: Plan = { op: 'deduplicate', child, columns, isWithinWatermark: false };
      return { streams: ['in'], query, outputModes };
    }
  }
}

/** Two inputs with watermarks of their own, as one. */
export function unions(random: Random): DrawnQuery {
  const left = random.chance(0.9) ? marked(random) : stream('in');
  const right = random.chance(0.9) ? marked(random, 'other', 'time2') : stream('other');
  const child: Plan = { op: 'union', left, right };
  const streams = ['in', 'other'];
  if (random.chance(0.3)) return { streams, query: child, outputModes: ['append', 'update'] };
  const keys = [drawWindow(random, col('time'))];
  const aggregates = drawAggregates(random);
  const query: Plan = { op: 'aggregate', child, keys, aggregates };
  return { streams, query, outputModes: ALL_MODES };
}

/** A function with state of its own. */
export function groups(random: Random): DrawnQuery {
  const timeout = random.pick([
    'NoTimeout',
    'ProcessingTimeTimeout',
    'EventTimeTimeout',
    'EventTimeTimeout',
  ] as const);
  const isMap = random.chance(0.25);
  const outputMode = isMap ? 'update' : random.pick(['append', 'update'] as const);
  const program: GroupProgram = {
    isMap,
    outputMode,
    timeout,
    limit: random.pick([2, 3, 5, 100]),
    timeoutMs: random.pick([500, 1000, 2000, 5000]),
    isTalkative: random.chance(0.6),
    onTimeout: random.pick(['remove', 'remove', 'rearm', 'ignore'] as const),
  };
  const child =
    timeout === 'EventTimeTimeout' || random.chance(0.3) ? marked(random) : stream('in');
  const query: Plan = { op: 'groups', child, ...program };
  return {
    streams: ['in'],
    query,
    outputModes: [outputMode],
    hasNullKeys: false,
    needsInterval: timeout === 'ProcessingTimeTimeout',
  };
}

/** A processor with a state variable and timers. */
export function transforms(random: Random): DrawnQuery {
  const timeMode = random.pick(['None', 'ProcessingTime', 'EventTime', 'EventTime'] as const);
  const outputMode = random.pick(['append', 'update'] as const);
  const hasTimers = timeMode !== 'None' && random.chance(0.8);
  const program: TransformProgram = {
    timeMode,
    outputMode,
    variable: random.pick(['value', 'list', 'map'] as const),
    ttlMs:
      timeMode === 'ProcessingTime' && random.chance(0.5) ? random.pick([1000, 1500, 2500]) : 0,
    timerMs: hasTimers ? random.pick([500, 1000, 2000, 5000]) : 0,
    isSingleTimer: random.chance(0.4),
    limit: random.pick([2, 3, 5, 100]),
    isTalkative: random.chance(0.7),
    onTimer: random.pick(['remove', 'remove', 'rearm', 'ignore'] as const),
    initial: random.chance(0.2)
      ? [
          ['a', 1],
          ['z', 2],
        ]
      : [],
  };
  const child = timeMode === 'EventTime' || random.chance(0.3) ? marked(random) : stream('in');
  return {
    streams: ['in'],
    query: { op: 'transform', child, ...program },
    outputModes: [outputMode],
    hasNullKeys: false,
    needsInterval: timeMode === 'ProcessingTime',
    stateStore: 'rocksdb',
  };
}

/** Order and limits, where they are allowed. */
export function ordered(random: Random): DrawnQuery {
  if (random.chance(0.3)) {
    const query: Plan = { op: 'limit', child: stream('in'), count: random.between(1, 5) };
    return { streams: ['in'], query, outputModes: ['append'] };
  }
  const keys = [col('key')];
  const aggregates = [as(aggregate('count', null), 'n')];
  const counted: Plan = { op: 'aggregate', child: stream('in'), keys, aggregates };
  const columns = ['n', 'key'];
  const isDescending = random.chance(0.5);
  const sorted: Plan = { op: 'sort', child: counted, columns, isDescending };
  const query: Plan = random.chance(0.5)
    ? sorted
    : { op: 'limit', child: sorted, count: random.between(1, 3) };
  return { streams: ['in'], query, outputModes: ['complete'] };
}
