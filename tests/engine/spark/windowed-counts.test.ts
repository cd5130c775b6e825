import { describe, expect, test } from 'vitest';
import { col, count, session_window, window, window_time } from '#engine/spark';
import type { SparkSession } from '#engine/spark';
import { ITEM, dropped, runQuery, stateRows, watermarks, written } from './batch-notation.ts';
import type { Pace } from './batch-notation.ts';

const counts =
  (mode: string, delay = '5 seconds', size = '10 seconds', slide = size) =>
  (spark: SparkSession): void =>
    spark.readStream
      .schema(ITEM)
      .load('in')
      .withWatermark('time', delay)
      .groupBy(window(col('time'), size, slide))
      .count()
      .writeStream.outputMode(mode)
      .start();

const run = (text: string, mode: string, pace: Pace = 'on time') =>
  runQuery({ in: text }, counts(mode), { pace });

describe('questions of an interview (10 s windows, a delay of 5 s)', () => {
  // Spark 4.2.0: the late filter of a batch is the watermark of the batch before, what is handed
  // out and removed goes by its own (WatermarkPropagator.scala).
  test('append: 8 and 9 still count, since the late filter lags a batch behind', () => {
    const result = run('1 4 12 | 16 8 | 9 17', 'append', 'always waiting');
    expect(written(result)).toMatch(/^0: – \| 1: – \| 2: \[0,10\) 4 \|/);
    expect(watermarks(result)).toMatch(/^0 7 11/);
    expect(dropped(result)).toMatch(/^0 0 0/);
  });

  test('append, with a batch without data in between: 9 is late', () => {
    const result = run('1 4 12 | 16 8 | 9 17', 'append');
    // Batch 1 and 3 have no data: the watermark had moved.
    expect(written(result)).toBe('0: – | 1: – | 2: – | 3: [0,10) 3 | 4: – | 5: –');
    expect(dropped(result)).toBe('0 0 0 0 1 0');
  });

  test('update: every change is handed out, at once', () => {
    const result = run('1 4 12 | 16 8 | 9 17', 'update', 'always waiting');
    expect(written(result)).toMatch(
      /^0: \[0,10\) 2, \[10,20\) 1 \| 1: \[0,10\) 3, \[10,20\) 2 \| 2: \[0,10\) 4, \[10,20\) 3/,
    );
  });

  test('complete: everything each time, and nothing leaves the state', () => {
    const result = run('1 4 12 | 16 8 | 9 17', 'complete', 'always waiting');
    expect(written(result)).toBe(
      '0: [0,10) 2, [10,20) 1 | 1: [0,10) 3, [10,20) 2 | 2: [0,10) 4, [10,20) 3',
    );
    expect(stateRows(result)).toBe('2 2 2');
  });

  test('one batch 30 1 4: nothing is dropped, the watermark moves at its end', () => {
    const result = run('30 1 4', 'append');
    expect(dropped(result)).toBe('0 0');
    expect(written(result)).toBe('0: – | 1: [0,10) 2');
  });
});

describe('boundaries', () => {
  test('a window that ends at the watermark is over', () => {
    expect(written(run('1 15', 'append'))).toBe('0: – | 1: [0,10) 1');
    expect(written(run('1 14.999', 'append'))).toBe('0: – | 1: –');
  });

  test('a row is late when its window ends at the watermark of the batch before', () => {
    const at = (second: string): string =>
      dropped(runQuery({ in: `1 15 | | ${second}` }, counts('update')));
    expect(at('9.999')).toBe('0 0 1');
    expect(at('10')).toBe('0 0 0');
  });

  test('a row without a time is in no window', () => {
    expect(written(run('1 null 15', 'append'))).toBe('0: – | 1: [0,10) 1');
  });

  test('times before 1970 have windows too, but are late from the start', () => {
    const result = run('-3 1 15', 'update');
    expect(written(result)).toMatch(/^0: \[0,10\) 1, \[10,20\) 1/);
    expect(dropped(result)).toBe('1 0');
  });

  test('sliding windows: a row counts in each; late for some only', () => {
    const result = runQuery(
      { in: '1 7 | 12 | | 8 | 21 |' },
      counts('append', '0 seconds', '10 seconds', '5 seconds'),
    );
    expect(result.rows.map((row) => JSON.stringify(row['window'])).length).toBe(4);
    // 8 is late for [0,10) and counts in [5,15).
    expect(written(result)).toContain('[5,15) 3');
    expect(written(result)).toContain('[0,10) 2');
    expect(dropped(result)).toContain('1');
  });

  test('the start of windows can be moved', () => {
    const query = (spark: SparkSession): void =>
      spark.readStream
        .schema(ITEM)
        .load('in')
        .withWatermark('time', '0 seconds')
        .groupBy(window(col('time'), '10 seconds', '10 seconds', '3 seconds'))
        .count()
        .writeStream.start();
    expect(written(runQuery({ in: '1 4 30' }, query))).toBe('0: – | 1: [-7,3) 1, [3,13) 1');
  });
});

describe('several stateful operators', () => {
  const chained = (spark: SparkSession): void =>
    spark.readStream
      .schema(ITEM)
      .load('in')
      .withWatermark('time', '0 seconds')
      .groupBy(window(col('time'), '5 seconds'), 'key')
      .count()
      .groupBy(window(window_time(col('window')), '10 seconds'))
      .agg(count().as('groups'))
      .writeStream.start();

  test('windows of windows, in one batch', () => {
    const result = runQuery({ in: 'a@1 b@2 a@7 | 30' }, chained);
    // Both levels hand out what is over at watermark 30 in the batch without data.
    expect(written(result)).toBe('0: – | 1: – | 2: – | 3: [0,10) 3');
  });
});

describe('session windows', () => {
  const sessions =
    (mode = 'append', gap = '5 seconds') =>
    (spark: SparkSession): void =>
      spark.readStream
        .schema(ITEM)
        .load('in')
        .withWatermark('time', '3 seconds')
        .groupBy(session_window(col('time'), gap), 'key')
        .count()
        .writeStream.outputMode(mode)
        .start();

  test('sessions that touch are one', () => {
    expect(written(runQuery({ in: '1 6 30' }, sessions()))).toBe('0: – | 1: [1,11) a 2');
    expect(written(runQuery({ in: '1 6.001 30' }, sessions()))).toBe(
      '0: – | 1: [1,6) a 1, [6.001,11.001) a 1',
    );
  });

  test('a row between two sessions of the state makes them one', () => {
    const result = runQuery({ in: '1 9 | 5 | 30' }, sessions('complete'));
    expect(written(result)).toBe(
      '0: [1,6) a 1, [9,14) a 1 | 1: [1,14) a 3 | 2: [1,14) a 3, [30,35) a 1',
    );
    expect(stateRows(result)).toBe('2 1 2');
  });

  test('late is judged by the session that a row would open alone, unlike in Flink', () => {
    // At watermark 9, the session [4,9) of a late 4 is over, although [5,14) is still open.
    const result = runQuery({ in: '5 9 12 | | 4 |' }, sessions());
    expect(dropped(result)).toBe('0 0 1');
  });
});
