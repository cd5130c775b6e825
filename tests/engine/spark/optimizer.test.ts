import { describe, expect, test } from 'vitest';
import { col, expr, lit, session_window, timestamp_millis, when, window } from '#engine/spark';
import type { SparkSession } from '#engine/spark';
import { ITEM, dropped, runQuery, stateRows, watermarks, written } from './batch-notation.ts';

const marked = (spark: SparkSession, log = 'in', delay = '0 seconds') =>
  spark.readStream.schema(ITEM).load(log).withWatermark('time', delay);

describe('filters move below a watermark (PushPredicateThroughNonJoin)', () => {
  const counted = (spark: SparkSession, condition: ReturnType<typeof col>) =>
    marked(spark)
      .filter(condition)
      .groupBy(window(col('time'), '10 seconds'))
      .count()
      .writeStream.start();

  test('rows that a filter drops do not move the watermark', () => {
    const onKey = (spark: SparkSession): void => counted(spark, col('key').equalTo('a') as never);
    expect(watermarks(runQuery({ in: 'a@1 b@30 | a@2' }, onKey))).toBe('0 1 1 2');
  });

  test('unless the filter reads the event time', () => {
    const early = (spark: SparkSession): void =>
      counted(spark, col('time').lt(timestamp_millis(lit(20_000))) as never);
    expect(watermarks(runQuery({ in: 'a@1 b@30 | a@2' }, early))).toBe('0 30 30');
  });

  test('a filter on a key passes the aggregation: other groups are in no state', () => {
    const query = (spark: SparkSession): void =>
      marked(spark)
        .groupBy(window(col('time'), '10 seconds'), 'key')
        .count()
        .filter(col('key').equalTo('a'))
        .writeStream.outputMode('update')
        .start();
    const run = runQuery({ in: 'a@1 b@2 c@3' }, query);
    expect(written(run)).toMatch(/^0: \[0,10\) a 1 \|/);
    expect(stateRows(run)).toMatch(/^1 /);
  });
});

describe('columns that nobody asks for take the event time along (ColumnPruning)', () => {
  const distinct = (...selected: readonly ('key' | 'time')[]) => {
    return (spark: SparkSession): void =>
      marked(spark)
        .dropDuplicates('key')
        .select(...selected)
        .writeStream.start();
  };
  const rows = { in: 'a@1 b@30 | | c@3' };

  test('a de-duplication drops late rows while its event time is asked for', () => {
    expect(dropped(runQuery(rows, distinct('key', 'time')))).toBe('0 0 1');
  });

  test('and drops none when it is not', () => {
    const run = runQuery(rows, distinct('key'));
    expect(dropped(run)).not.toContain('1');
    expect(written(run)).toMatch(/c$/);
  });
});

describe('what a join asks of one side (InferFiltersFromConstraints)', () => {
  const joined = (type: string) => (spark: SparkSession) => {
    const right = marked(spark, 'other').select(col('key').as('k'), col('time').as('t'));
    const condition = col('key')
      .equalTo(col('k'))
      .and(col('t').geq(col('time')))
      .and(col('t').leq(col('time').plus(expr('INTERVAL 5 SECONDS'))));
    marked(spark).join(right, condition, type).writeStream.start();
  };
  // A row without a key can match nothing.
  const nullKey = (spark: SparkSession): void => {
    const other = spark.readStream.schema(ITEM).load('other');
    const right = other
      .select(lit(null).as('k'), col('time').as('t'))
      .withWatermark('t', '0 seconds');
    const condition = col('key')
      .equalTo(col('k'))
      .and(col('t').geq(col('time')))
      .and(col('t').leq(col('time').plus(expr('INTERVAL 5 SECONDS'))));
    marked(spark).join(right, condition).writeStream.start();
  };

  test('rows without a time are held only where they come out by themselves', () => {
    const logs = { in: 'a@null a@1', other: 'b@null' };
    expect(stateRows(runQuery(logs, joined('inner')))).toBe('1');
    expect(stateRows(runQuery(logs, joined('left_outer')))).toBe('2');
    expect(stateRows(runQuery(logs, joined('full_outer')))).toBe('3');
  });

  test('rows without a key neither wait nor move the watermark', () => {
    const run = runQuery({ in: 'a@9', other: 'b@9' }, nullKey);
    expect(stateRows(run)).toBe('1');
    expect(watermarks(run)).toBe('0');
  });
});

test('the first rows of a stream, over all batches', () => {
  const query = (spark: SparkSession): void =>
    spark.readStream.schema(ITEM).load('in').limit(3).select('key').writeStream.start();
  const run = runQuery({ in: 'a@1 b@2 | c@3 d@4 | e@5' }, query);
  expect(written(run)).toBe('0: a, b | 1: c | 2: –');
  expect(stateRows(run)).toBe('1 1 1');
});

describe('a session gap that a row gives', () => {
  const sessions = (length: (text: string) => unknown) => (spark: SparkSession) => {
    const gap = when(col('key').equalTo('a'), length('5 seconds') as string).otherwise(
      length('1 second') as string,
    );
    marked(spark)
      .groupBy(session_window(col('time'), gap), 'key')
      .count()
      .writeStream.start();
  };

  test('is text', () => {
    const run = runQuery({ in: 'a@1 a@5 b@1 b@5 | a@30' }, sessions(String));
    expect(written(run)).toContain('[1,10) a 2, [5,6) b 1');
  });

  test('is refused as an interval', () => {
    const ofIntervals = sessions((text) => expr(`INTERVAL ${text}`));
    expect(() => runQuery({ in: 'a@1' }, ofIntervals)).toThrow(/must be CalendarIntervalType/);
  });
});
