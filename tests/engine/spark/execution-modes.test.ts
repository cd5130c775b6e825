import { describe, expect, test } from 'vitest';
import { EXECUTION_MODES, Trigger, col, count, simulateMicroBatches, window } from '#engine/spark';
import type { Dataset, RowOf, SparkSession, TriggerSpec } from '#engine/spark';
import { ITEM, scenarioOf } from './batch-notation.ts';

type Items = Dataset<RowOf<typeof ITEM>>;

/** Starts a query over the items with a trigger, and says why it is refused. */
function refusal(
  trigger: TriggerSpec,
  define: (items: Items, spark: SparkSession) => { readonly writeStream: Writer },
  options: { readonly mode?: string; readonly format?: string } = {},
): string {
  const query = (spark: SparkSession): void => {
    const items = spark.readStream.schema(ITEM).load('in').withWatermark('time', '0 seconds');
    const { mode = 'append', format = 'kafka' } = options;
    define(items, spark).writeStream.outputMode(mode).format(format).trigger(trigger).start();
  };
  try {
    simulateMicroBatches(scenarioOf({ in: 'a@1' }, query));
  } catch (error) {
    return String(error);
  }
  return 'it runs';
}

interface Writer {
  outputMode(mode: string): Writer;
  format(format: string): Writer;
  trigger(trigger: TriggerSpec): Writer;
  start(): void;
}

const CONTINUOUS = Trigger.Continuous('1 second');
const REAL_TIME = Trigger.RealTime('5 minutes');
const update = { mode: 'update' };

const counts = (items: Items) =>
  items.groupBy(window(col('time'), '10 seconds')).agg(count().as('count'));
const bare = (_: Items, spark: SparkSession) => spark.readStream.schema(ITEM).load('in');

describe('continuous processing', () => {
  test('is refused for what it does not support, by the name of the operation', () => {
    expect(refusal(CONTINUOUS, (items) => items)).toMatch(/not support EventTimeWatermark/);
    expect(refusal(CONTINUOUS, (items, spark) => bare(items, spark).dropDuplicates('key'))).toMatch(
      /not support Deduplicate/,
    );
    expect(refusal(CONTINUOUS, bare, { format: 'parquet' })).toMatch(/'file' is not supported/);
  });

  test('is refused for what it does, as a mode that is described', () => {
    expect(refusal(CONTINUOUS, (_, spark) => bare(_, spark).where(col('value').gt(1)))).toMatch(
      /described, not modelled.*at-least-once.*1000 ms/,
    );
  });
});

describe('real-time mode', () => {
  test('asks for update mode and batches of 5 s or more', () => {
    expect(refusal(REAL_TIME, (items) => items)).toMatch(/OUTPUT_MODE_NOT_SUPPORTED.*append/);
    expect(refusal(Trigger.RealTime('1 second'), (items) => items, update)).toMatch(
      /less than the 5000 ms minimum: got 1000/,
    );
  });

  test('has no operator with state, no join of two streams, and few sinks', () => {
    expect(refusal(REAL_TIME, counts, update)).toMatch(/ALLOWLIST.*operator.*Aggregate/);
    expect(
      refusal(
        REAL_TIME,
        (items) =>
          items.join(items.select(col('key').as('other')), col('key').equalTo(col('other'))),
        update,
      ),
    ).toMatch(/operator.*Join/);
    expect(refusal(REAL_TIME, (items) => items, { ...update, format: 'memory' })).toMatch(
      /described, not modelled/,
    );
  });

  test('joins a stream with a table', () => {
    const joined = (items: Items, spark: SparkSession) => {
      const names = spark.createDataFrame([{ id: 'a' }], { id: 'string' });
      return items.join(names, col('key').equalTo(col('id')));
    };
    expect(refusal(REAL_TIME, joined, update)).toMatch(/described, not modelled/);
  });
});

test('one mode is modelled, the others say what they guarantee', () => {
  const modelled = Object.values(EXECUTION_MODES).filter(({ isModelled }) => isModelled);
  expect(modelled.map(({ name }) => name)).toEqual(['micro-batch']);
  expect(EXECUTION_MODES.continuous.guarantee).toBe('at-least-once');
});
