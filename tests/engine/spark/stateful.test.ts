import { describe, expect, test } from 'vitest';
import { col, count, expr, lit, simulateMicroBatches, timestamp_millis, when } from '#engine/spark';
import type { GroupState, Row, SparkSession, GroupStateTimeout } from '#engine/spark';
import {
  ITEM,
  dropped,
  runQuery,
  scenarioOf,
  stateRows,
  watermarks,
  written,
} from './batch-notation.ts';

const read = (spark: SparkSession, delay = '5 seconds', log = 'in') =>
  spark.readStream.schema(ITEM).load(log).withWatermark('time', delay);

describe('dropDuplicates', () => {
  test('keeps the first row of a key for all time', () => {
    const query = (spark: SparkSession): void =>
      spark.readStream
        .schema(ITEM)
        .load('in')
        .dropDuplicates('key')
        .select('key', 'time')
        .writeStream.start();
    const run = runQuery({ in: 'a@1 b@2 a@3 | b@100 c@4 | a@1000' }, query);
    expect(written(run)).toBe('0: a 1s, b 2s | 1: c 4s | 2: –');
    expect(stateRows(run)).toBe('2 3 3');
  });

  test('with the event time in the key, forgets what is over', () => {
    const query = (spark: SparkSession): void =>
      read(spark).dropDuplicates('key', 'time').select('key', 'time').writeStream.start();
    const run = runQuery({ in: 'a@1 a@1 a@2 | a@10 | a@5.001 | a@5' }, query);
    // The same key at another time is another key.
    expect(written(run)).toBe('0: a 1s, a 2s | 1: a 10s | 2: – | 3: a 5.001s | 4: –');
    expect(stateRows(run)).toBe('2 3 1 2 2');
    expect(dropped(run)).toBe('0 0 0 0 1');
  });

  test('within the watermark, forgets a key its delay after the first row', () => {
    const query = (spark: SparkSession): void =>
      read(spark).dropDuplicatesWithinWatermark('key').select('key', 'time').writeStream.start();
    // a@1 expires at 6; the duplicate at 4 does not extend that.
    const run = runQuery({ in: 'a@1 a@4 | b@10.999 | a@7 | b@11 | | a@8' }, query);
    expect(written(run)).toContain('0: a 1s');
    expect(written(run)).not.toContain('a 7s');
    expect(written(run)).toContain('a 8s');
  });
});

describe('several inputs', () => {
  const union = (spark: SparkSession): void =>
    read(spark, '0 seconds')
      .union(read(spark, '0 seconds', 'other'))
      .dropDuplicatesWithinWatermark('key')
      .writeStream.start();

  test('the slowest input holds the watermark; one that is silent holds it at 0', () => {
    const logs = { in: 'a@10 | a@20 | a@30', other: '| | b@7' };
    expect(watermarks(runQuery(logs, union))).toBe('0 0 0 7');
    expect(watermarks(runQuery({ ...logs, other: '' }, union))).toBe('0 0 0');
  });

  test('unless the policy is max', () => {
    const conf = { 'spark.sql.streaming.multipleWatermarkPolicy': 'max' } as const;
    const logs = { in: 'a@10 | a@20 | a@30', other: '| | b@7' };
    expect(watermarks(runQuery(logs, union, { conf }))).toBe('0 10 10 20 20 30');
  });
});

describe('joins of two streams', () => {
  const joined =
    (type: string, bound = '10 seconds', mode = 'append') =>
    (spark: SparkSession): void => {
      const ads = read(spark, '0 seconds', 'ads').select(
        col('key').as('ad'),
        col('time').as('adTime'),
      );
      const clicks = read(spark, '0 seconds', 'clicks').select(
        col('key').as('clicked'),
        col('time').as('clickTime'),
      );
      const condition = col('ad')
        .equalTo(col('clicked'))
        .and(col('clickTime').geq(col('adTime')))
        .and(col('clickTime').leq(col('adTime').plus(expr(`INTERVAL ${bound}`))));
      ads.join(clicks, condition, type).writeStream.outputMode(mode).start();
    };
  const LOGS = { ads: 'a@1 b@2 | c@30 | d@60', clicks: 'a@5 | b@12 a@11 | z@31 | z@60' };

  test('inner: pairs within the bounds, each once', () => {
    const run = runQuery(LOGS, joined('inner'));
    const pairs = run.rows.map((row) => `${row['ad']} ${Number(row['clickTime']) / 1000}`);
    expect(pairs.sort()).toEqual(['a 11', 'a 5', 'b 12']);
  });

  test('left outer: an ad without a click comes out when none can follow', () => {
    const run = runQuery(LOGS, joined('left'));
    expect(written(run)).toContain('c 30s null null');
    expect(run.rows.filter((row) => row['ad'] === 'c')).toHaveLength(1);
    // a, b and the one that may still be clicked are not among them.
    expect(run.rows.filter((row) => row['clicked'] === null).map((row) => row['ad'])).toEqual([
      'c',
    ]);
  });

  test('right and full outer: clicks without an ad', () => {
    const nulls = (type: string): unknown[] =>
      runQuery(LOGS, joined(type))
        .rows.filter((row) => row['ad'] === null || row['clicked'] === null)
        .map((row) => row['ad'] ?? row['clicked']);
    expect(nulls('right')).toEqual(['z']);
    expect(nulls('full').sort()).toEqual(['c', 'z']);
  });

  test('left semi: an ad once, however often it is clicked', () => {
    const run = runQuery(LOGS, joined('left_semi'));
    expect(run.rows.map((row) => row['ad'])).toEqual(['a', 'b']);
  });

  test('state is removed when nothing can match any more', () => {
    const rows = stateRows(runQuery(LOGS, joined('inner')))
      .split(' ')
      .map(Number);
    expect(Math.max(...rows)).toBeLessThanOrEqual(6);
    expect(rows.at(-1)).toBeLessThan(Math.max(...rows));
  });

  test('a stream that has never produced holds everything back', () => {
    const run = runQuery({ ads: 'a@1 | b@50 | c@100', clicks: '' }, joined('left'));
    expect([written(run), watermarks(run)]).toEqual(['0: – | 1: – | 2: –', '0 0 0']);
  });

  test('the pairs of every split into batches are the same', () => {
    const ads = 'a@1 b@2 a@3 c@9 b@20 a@21'.split(' ');
    const clicks = 'a@4 a@9 b@5 c@19 c@20 b@25 a@40'.split(' ');
    const pairs = (adCut: number, clickCut: number): string[] => {
      const cut = (words: readonly string[], at: number): string =>
        `${words.slice(0, at).join(' ')} | ${words.slice(at).join(' ')}`;
      const delayed = (spark: SparkSession): void => {
        const left = read(spark, '1 minute', 'ads').select(
          col('key').as('ad'),
          col('time').as('t'),
        );
        const right = read(spark, '1 minute', 'clicks').select(
          col('key').as('clicked'),
          col('time').as('u'),
        );
        const near = col('u').between(col('t'), col('t').plus(expr('INTERVAL 10 SECONDS')));
        left.join(right, col('ad').equalTo(col('clicked')).and(near)).writeStream.start();
      };
      const run = runQuery({ ads: cut(ads, adCut), clicks: cut(clicks, clickCut) }, delayed);
      return run.rows.map((row) => JSON.stringify(row)).sort();
    };
    const whole = pairs(6, 7);
    expect(whole).toHaveLength(7);
    for (let adCut = 0; adCut <= 6; adCut += 1) {
      for (let clickCut = 0; clickCut <= 7; clickCut += 1) {
        expect([adCut, clickCut, ...pairs(adCut, clickCut)]).toEqual([adCut, clickCut, ...whole]);
      }
    }
  });
});

describe('a join with a table', () => {
  const query = (type: string) => (spark: SparkSession) => {
    const names = spark.createDataFrame(
      [
        { id: 'a', name: 'Anna' },
        { id: 'b', name: 'Ben' },
      ],
      { id: 'string', name: 'string' },
    );
    read(spark)
      .join(names, col('key').equalTo(col('id')), type)
      .select('key', type.startsWith('left_') ? 'value' : 'name')
      .writeStream.start();
  };

  test('keeps no state', () => {
    expect(written(runQuery({ in: 'a@1 c@2 | b@3' }, query('inner')))).toBe('0: a Anna | 1: b Ben');
    expect(written(runQuery({ in: 'a@1 c@2' }, query('left')))).toBe('0: a Anna, c null');
    expect(written(runQuery({ in: 'a@1 c@2' }, query('left_anti')))).toBe('0: c 2');
  });
});

describe('flatMapGroupsWithState', () => {
  interface Out extends Row {
    readonly who: string;
    readonly what: number;
  }

  const query =
    (timeout: GroupStateTimeout, onState: (state: GroupState<number>) => void) =>
    (spark: SparkSession): void =>
      read(spark, '0 seconds')
        .groupByKey((row) => row.key)
        .flatMapGroupsWithState<number, Out>(
          ['who', 'what'],
          'append',
          timeout,
          (key, rows, state) => {
            const total = (state.getOption() ?? 0) + rows.length;
            if (state.hasTimedOut) {
              state.remove();
              return [{ who: `${key} done`, what: total }];
            }
            state.update(total);
            onState(state);
            return [{ who: String(key), what: total }];
          },
        )
        .writeStream.start();

  test('calls once a key and batch', () => {
    const run = runQuery(
      { in: 'a@1 b@2 a@3 | a@4' },
      query('NoTimeout', () => undefined),
    );
    expect(written(run)).toBe('0: a 2, b 1 | 1: a 3');
  });

  test('event time: times out when the watermark is past it, in a batch without data', () => {
    const run = runQuery(
      { in: 'a@1 | b@11 | b@12' },
      query('EventTimeTimeout', (state) => state.setTimeoutTimestamp(11_000)),
    );
    // Strictly before the watermark: 11 s is not enough.
    expect(written(run)).toMatch(/a 1 .*b 1 .*a done 1/);
    expect(watermarks(run)).toBe('0 1 1 11 11 12');
  });

  test('processing time: times out later, without any row', () => {
    const run = runQuery(
      { in: 'a@1' },
      query('ProcessingTimeTimeout', (state) => state.setTimeoutDuration('7 seconds')),
    );
    expect(written(run)).toBe('0: a 1 | 1: a done 1');
    expect(run.progress[1]?.timestampMs).toBe(7001);
  });

  test.each([
    [
      'NoTimeout',
      (s: GroupState<number>) => s.setTimeoutDuration(1),
      /without ProcessingTimeTimeout/,
    ],
    ['EventTimeTimeout', (s: GroupState<number>) => s.setTimeoutTimestamp(-1), /must be positive/],
    ['NoTimeout', (s: GroupState<number>) => s.update(null as never), /not a valid state value/],
  ] as const)('%s: a misuse fails the query with the reason', (timeout, act, message) => {
    const run = simulateMicroBatches(scenarioOf({ in: 'a@1' }, query(timeout, act)));
    expect([run.outcome, run.failure?.message]).toEqual(['failed', expect.stringMatching(message)]);
  });
});

describe('rows and columns', () => {
  test('null is neither equal nor different; only what is true is kept', () => {
    const kept = (condition: Parameters<ReturnType<typeof read>['filter']>[0]): string =>
      written(
        runQuery({ in: 'a@1 a@null a@3' }, (spark) =>
          spark.readStream
            .schema(ITEM)
            .load('in')
            .filter(condition)
            .select('time')
            .writeStream.start(),
        ),
      );
    const second = timestamp_millis(lit(1000));
    expect(kept(col('time').notEqual(second))).toBe('0: 3s');
    expect(kept(col('time').equalTo(second).or(col('time').isNull()))).toBe('0: 1s, null');
    expect(kept(col('time').eqNullSafe(null))).toBe('0: null');
  });

  test('types follow the columns', () => {
    runQuery({ in: 'a@1' }, (spark) => {
      const rows = read(spark)
        .withColumn('late', when(col('value').lt(1000), true).otherwise(false))
        .select('key', 'late', col('value').plus(1).as('next'));
      const typed: { key: string | null; late: boolean; next: number | null } | undefined =
        undefined as unknown as (typeof rows)['rowType'];
      expect(typed).toBeUndefined();
      expect(rows.columns).toEqual(['key', 'late', 'next']);
      rows.groupBy('key').agg(count().as('n'));
      rows.writeStream.start();
    });
  });

  test('a column that is not there is named, with those that are', () => {
    expect(() =>
      runQuery({ in: 'a@1' }, (spark) => read(spark).select(col('tme')).writeStream.start()),
    ).toThrow(/UNRESOLVED_COLUMN.*tme; use one of time, key, value/);
  });
});
