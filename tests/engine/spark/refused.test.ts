import { describe, expect, test } from 'vitest';
import {
  GroupStateTimeout,
  col,
  count,
  count_distinct,
  expr,
  session_window,
  simulateMicroBatches,
  window,
} from '#engine/spark';
import type { Dataset, SparkSession } from '#engine/spark';
import { ITEM, scenarioOf } from './batch-notation.ts';

type Start = (spark: SparkSession) => void;

const plain = (spark: SparkSession, log = 'in') => spark.readStream.schema(ITEM).load(log);
const marked = (spark: SparkSession, log = 'in') =>
  plain(spark, log).withWatermark('time', '5 seconds');
const windowed = (spark: SparkSession) =>
  marked(spark)
    .groupBy(window(col('time'), '10 seconds'), 'key')
    .count();

function refusal(start: Start): string {
  try {
    simulateMicroBatches(scenarioOf({ in: 'a@1', other: 'a@1' }, start));
  } catch (error) {
    return (error as Error).message;
  }
  return 'runs';
}

const written = (query: (spark: SparkSession) => Dataset<never>, mode: string): Start => {
  return (spark) => query(spark).writeStream.outputMode(mode).start();
};

/** Two streams joined by key, with a bound on their times if asked for. */
const joined = (type: string, isBound: boolean, mode = 'append'): Start =>
  written((spark) => {
    const right = marked(spark, 'other').select(col('key').as('k'), col('time').as('t'));
    const equal = col('key').equalTo(col('k'));
    const near = col('t').between(col('time'), col('time').plus(expr('INTERVAL 10 SECONDS')));
    return marked(spark).join(right, isBound ? equal.and(near) : equal, type) as never;
  }, mode);

describe('what Spark 4.2.0 refuses (UnsupportedOperationChecker)', () => {
  const cases: readonly (readonly [string, Start, RegExp])[] = [
    [
      'append of an aggregation without a watermark',
      written((s) => plain(s).groupBy('key').count() as never, 'append'),
      /append.*not supported for streaming aggregations without watermark/,
    ],
    [
      'append of an aggregation by another column than the event time',
      written((s) => marked(s).groupBy('key').count() as never, 'append'),
      /streaming aggregations without watermark/,
    ],
    [
      'update of one without a watermark',
      written((s) => plain(s).groupBy('key').count() as never, 'update'),
      /^runs$/,
    ],
    [
      'complete without an aggregation',
      written((s) => plain(s) as never, 'complete'),
      /no streaming aggregations/,
    ],
    [
      'update of session windows',
      written(
        (s) =>
          marked(s)
            .groupBy(session_window(col('time'), '5 seconds'), 'key')
            .count() as never,
        'update',
      ),
      /session window streaming aggregations/,
    ],
    [
      'a session window without another key',
      written(
        (s) =>
          marked(s)
            .groupBy(session_window(col('time'), '5 seconds'))
            .count() as never,
        'append',
      ),
      /Global aggregation with session window/,
    ],
    ['append of windows', written((s) => windowed(s) as never, 'append'), /^runs$/],
    [
      'an aggregation of an aggregation in update mode',
      written((s) => windowed(s).groupBy('key').agg(count().as('n')) as never, 'update'),
      /Detected pattern of possible 'correctness' issue/,
    ],
    [
      'distinct aggregates',
      written(
        (s) => plain(s).groupBy('key').agg(count_distinct('value').as('n')) as never,
        'update',
      ),
      /Distinct aggregations are not supported.*approx_count_distinct/,
    ],
    [
      'a sort without complete mode',
      written((s) => plain(s).orderBy('time') as never, 'append'),
      /Sorting is not supported/,
    ],
    [
      'a sort in complete mode',
      written((s) => plain(s).groupBy('key').count().orderBy('count') as never, 'complete'),
      /^runs$/,
    ],
    [
      'a limit in update mode',
      written((s) => windowed(s).limit(3) as never, 'update'),
      /Limits are not supported.*Update output mode/,
    ],
    [
      'dropDuplicatesWithinWatermark without a watermark',
      written((s) => plain(s).dropDuplicatesWithinWatermark('key') as never, 'append'),
      /dropDuplicatesWithinWatermark is not supported.*without watermark/,
    ],
    [
      'a second watermark',
      written((s) => marked(s).withWatermark('time', '1 second') as never, 'append'),
      /Redefining watermark is disallowed/,
    ],
    [
      'static data only',
      written((s) => s.createDataFrame([], ITEM) as never, 'append'),
      /without streaming sources/,
    ],
    [
      'a union of a stream and a table',
      written((s) => plain(s).union(s.createDataFrame([], ITEM)) as never, 'append'),
      /Union between streaming and batch/,
    ],
    ['an inner join without bounds', joined('inner', false), /^runs$/],
    ['an inner join in update mode', joined('inner', true, 'update'), /^runs$/],
    [
      'an outer join in update mode',
      joined('left', true, 'update'),
      /LeftOuter join.*only in Append output mode/,
    ],
    [
      'an outer join without bounds',
      joined('left', false),
      /not supported without a watermark in the join keys/,
    ],
    [
      'a full outer join without bounds',
      joined('full', false),
      /FullOuter join.*not supported without a watermark/,
    ],
    ['an outer join with bounds', joined('right', true), /^runs$/],
    ['an anti join of two streams', joined('left_anti', true), /LeftAnti joins with a streaming/],
  ];

  test.each(cases)('%s', (_, start, message) => {
    expect(refusal(start)).toMatch(message);
  });

  test.each([
    ['right', /RightOuter join with a streaming DataFrame\/Dataset on the left and a static/],
    ['full', /FullOuter join with a streaming/],
    ['left', /^runs$/],
    ['inner', /^runs$/],
  ])('a %s join of a stream with a table', (type, message) => {
    const start = written((spark) => {
      const table = spark.createDataFrame([{ id: 'a' }], { id: 'string' });
      return plain(spark).join(table, col('key').equalTo(col('id')), type) as never;
    }, 'append');
    expect(refusal(start)).toMatch(message);
  });

  test.each([
    ['update', 'append', 'NoTimeout', /in update mode is not supported with Append output mode/],
    ['append', 'update', 'NoTimeout', /in append mode is not supported with Update output mode/],
    ['append', 'append', 'EventTimeTimeout', /Watermark must be specified/],
    ['append', 'append', 'NoTimeout', /^runs$/],
  ] as const)('groups with state in %s mode, a query in %s, %s', (own, mode, timeout, message) => {
    const start = written((spark) => {
      const groups = plain(spark).groupByKey((row) => row.key);
      return groups.flatMapGroupsWithState(
        ['n'],
        own,
        GroupStateTimeout[timeout],
        () => [],
      ) as never;
    }, mode);
    expect(refusal(start)).toMatch(message);
  });
});

describe('what can not be written', () => {
  test.each([
    [
      'a slide longer than the window',
      () => window(col('t'), '5 seconds', '10 seconds'),
      /slideDuration must be ≤/,
    ],
    ['a window of no length', () => window(col('t'), '0 seconds'), /must be > 0/],
    [
      'a start time of a slide',
      () => window(col('t'), '10 seconds', '5 seconds', '5 seconds'),
      /abs\(startTime\)/,
    ],
    [
      'a length that is none',
      () => window(col('t'), 'ten minutes'),
      /INVALID_INTERVAL_FORMAT.UNRECOGNIZED_NUMBER.*ten minutes/,
    ],
    ['SQL in expr', () => expr('a + 1'), /knows intervals only/],
  ] as const)('%s', (_, act, message) => {
    expect(act).toThrow(message);
  });

  test.each([
    [
      'a negative delay',
      (s: SparkSession) => plain(s).withWatermark('time', '-1 seconds'),
      /should not be negative/,
    ],
    [
      'a watermark on a number',
      (s: SparkSession) => plain(s).withWatermark('value', '1 second'),
      /EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE/,
    ],
    [
      'a time compared with a number',
      (s: SparkSession) => plain(s).filter(col('time').gt(1000)),
      /BINARY_OP_DIFF_TYPES.*timestamp and integer.*timestamp_millis/,
    ],
    [
      'a number in place of a condition',
      (s: SparkSession) => plain(s).filter(col('value')),
      /FILTER_NOT_BOOLEAN/,
    ],
    [
      'windows over a number',
      (s: SparkSession) =>
        plain(s)
          .groupBy(window(col('value'), '10 seconds'))
          .count(),
      /UNEXPECTED_INPUT_TYPE/,
    ],
    [
      'two windows in a group',
      (s: SparkSession) =>
        plain(s)
          .groupBy(window(col('time'), '10 seconds'), session_window(col('time'), '1 second'))
          .count(),
      /Multiple time\/session window expressions/,
    ],
    ['a negative limit', (s: SparkSession) => plain(s).limit(-1), /IS_NEGATIVE/],
    [
      'another output mode',
      (s: SparkSession) => plain(s).writeStream.outputMode('retract'),
      /OUTPUT_MODE.INVALID/,
    ],
    [
      'a log that is not there',
      (s: SparkSession) => plain(s, 'nowhere'),
      /must read a log.*in, other/,
    ],
    [
      'no schema',
      (s: SparkSession) => s.readStream.load('in'),
      /must have a column|Schema must be specified/,
    ],
    ['nothing started', () => undefined, /must start its query/],
  ] as const)('%s', (_, act, message) => {
    expect(refusal((spark) => void act(spark))).toMatch(message);
  });
});
