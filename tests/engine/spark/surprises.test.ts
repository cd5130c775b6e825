import { describe, expect, test } from 'vitest';
import { col, expr, first, last, session_window, window } from '#engine/spark';
import type { AnyColumn, SparkSession } from '#engine/spark';
import { ITEM, runQuery, stateRows, written } from './batch-notation.ts';

// What a running Spark 4.2.0 did, and nobody had expected.

const marked = (spark: SparkSession, log = 'in', delay = '0 seconds') =>
  spark.readStream.schema(ITEM).load(log).withWatermark('time', delay);

/** A time that is the key of `value` on the other side, or up to 5 s later. */
const joined = (type: string, ...more: readonly AnyColumn[]) => {
  return (spark: SparkSession): void => {
    const right = marked(spark, 'other').select(col('key').as('k'), col('time').as('t'));
    const near = col('key')
      .equalTo(col('k'))
      .and(col('t').geq(col('time')))
      .and(col('t').leq(col('time').plus(expr('INTERVAL 5 SECONDS'))));
    const condition = more.reduce((left, right) => left.and(right), near as AnyColumn as never);
    marked(spark)
      .select('time', 'key', 'value')
      .join(right, condition, type)
      .select('time', 't')
      .writeStream.start();
  };
};

describe('joins', () => {
  const logs = { in: '1 | 30', other: 'b@2 | b@31' };

  test('an outer join forgets rows by its bounds on time', () => {
    expect(stateRows(runQuery(logs, joined('left_outer')))).toBe('2 2 4 2');
  });

  test('unless it compares a number: it is taken for seconds, and nothing is ever over', () => {
    const positive = col('value').gt(0) as AnyColumn;
    const run = runQuery(logs, joined('left_outer', positive));
    expect(stateRows(run)).toBe('2 2 4 3');
    expect(written(run)).not.toContain('null');
  });
});

describe('aggregates', () => {
  const query = (spark: SparkSession): void =>
    spark.readStream
      .schema({ key: 'string', value: 'string' })
      .load('in')
      .groupBy('key')
      .agg(first('value').as('first'), last('value').as('last'))
      .writeStream.outputMode('update')
      .start();

  test('the first value may be null, and stays the first', () => {
    const row = (value: string | null, arrivalMs: number) => ({
      value: { key: 'k', value },
      arrivalMs,
    });
    const partitions = [[row(null, 0), row('x', 1000)]];
    const run = runQuery({ in: '' }, query, { logs: { in: { partitions } } });
    expect(written(run)).toBe('0: k null null | 1: k null x');
  });
});

describe('sessions', () => {
  test('one that begins earlier than before is another row: the old one is removed', () => {
    const query = (spark: SparkSession): void =>
      marked(spark, 'in', '9 seconds')
        .groupBy(session_window(col('time'), '5 seconds'), 'key')
        .count()
        .writeStream.start();
    const run = runQuery({ in: '12 | 9' }, query);
    const removed = run.progress.map(({ stateOperators }) => stateOperators[0]?.numRowsRemoved);
    expect(removed).toEqual([0, 0, 1]);
  });
});

describe('columns of a union', () => {
  test('go by their place, and must be of the same types', () => {
    const query = (spark: SparkSession): void => {
      const left = marked(spark).select('time', 'key');
      left
        .union(marked(spark).select('key', 'time') as never)
        .groupBy(window(col('time'), '5 seconds'))
        .count()
        .writeStream.start();
    };
    expect(() => runQuery({ in: '1' }, query)).toThrow(/INCOMPATIBLE_COLUMN_TYPE.*timestamp/);
  });
});
