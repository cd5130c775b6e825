import { describe, expect, test } from 'vitest';
import { difference } from './compare.ts';
import { FEATURES, drawScenario } from './generate.ts';
import { replay } from './replay.ts';
import type { BatchOutcome, Outcome, SparkScenario } from './scenario.ts';
import { shrink } from './shrink.ts';

describe('scenarios drawn from a seed', () => {
  test.each(FEATURES)('%s: the same again, and the engine can run them', (feature) => {
    for (let seed = 0; seed < 20; seed += 1) {
      const scenario = drawScenario(feature, seed);
      expect(drawScenario(feature, seed), `seed ${seed}`).toEqual(scenario);
      expect(replay(scenario), `seed ${seed}`).toEqual(replay(scenario));
    }
  });
});

/** A windowed count that hands rows out and drops some: what the tests below change. */
const SCENARIO: SparkScenario = {
  feature: 'windowed',
  seed: 0,
  conf: {
    shufflePartitions: 1,
    watermarkPolicy: 'min',
    hasNoDataBatches: true,
    stateStore: 'hdfs',
  },
  trigger: 'default',
  outputMode: 'append',
  streams: ['in'],
  inputPartitions: 1,
  query: {
    op: 'aggregate',
    child: {
      op: 'watermark',
      child: { op: 'stream', name: 'in' },
      column: 'time',
      delay: '0 seconds',
    },
    keys: [
      {
        op: 'window',
        time: { op: 'col', name: 'time' },
        size: '10 seconds',
        slide: '10 seconds',
        start: '0 seconds',
      },
      { op: 'col', name: 'key' },
    ],
    aggregates: [{ op: 'as', of: { op: 'aggregate', name: 'count', of: null }, name: 'n' }],
  },
  steps: [
    {
      type: 'add',
      rows: {
        in: [
          [1000, 'a', 1],
          [2000, 'b', 1],
          [12_000, 'a', 1],
        ],
      },
    },
    {
      type: 'add',
      rows: {
        in: [
          [3000, 'c', 1],
          [25_000, 'b', 1],
        ],
      },
    },
  ],
  crashes: [],
};

const truth = replay(SCENARIO);
const told = (engine: Outcome): string | undefined => difference(SCENARIO, truth, engine);

/** The outcome with its first committed batch changed. */
const withBatch = (change: Partial<BatchOutcome>): Outcome => ({
  ...truth,
  batches: truth.batches.map((batch, at) => (at === 0 ? { ...batch, ...change } : batch)),
});

describe('a difference is told in words', () => {
  test('there is none between equals, whatever the order of rows', () => {
    const turned = truth.sink.map(({ batchId, rows }) => ({ batchId, rows: [...rows].reverse() }));
    expect(told({ ...truth, sink: turned })).toBeUndefined();
  });

  test('rows', () => {
    const fewer = truth.sink.map(({ batchId, rows }) => ({ batchId, rows: rows.slice(1) }));
    expect(told({ ...truth, sink: fewer })).toMatch(/write 1 .* batch 1: Spark wrote .*"b",1/);
  });

  test('a batch handed over once more', () => {
    expect(told({ ...truth, sink: [...truth.sink, ...truth.sink.slice(-1)] })).toMatch(
      /only the engine has a batch 3/,
    );
  });

  test('numbers of a batch', () => {
    expect(told(withBatch({ nextWatermarkMs: 7 }))).toBe(
      'batch 0: the watermark for the next batch: 12000 in Spark, 7 in the engine',
    );
    const state = truth.batches[0]!.state.map((numbers) => ({ ...numbers, droppedLate: 9 }));
    expect(told(withBatch({ state }))).toMatch(/rows dropped as late by stateStoreSave: 0 .* 9/);
  });

  test('errors: by their condition, or by their words when they have none', () => {
    const refused = (condition: string, message: string): Outcome => {
      return { columns: [], sink: [], batches: [], refused: { condition, message } };
    };
    const between = (spark: Outcome, engine: Outcome) => difference(SCENARIO, spark, engine);
    const legacy = refused('_LEGACY_ERROR_TEMP_3102', 'Sorting is not supported; plan');
    expect(between(legacy, refused('', 'Sorting is not supported'))).toBeUndefined();
    expect(between(legacy, refused('', 'Limits are not'))).toMatch(/the error differs/);
    const division = refused('DIVIDE_BY_ZERO', '[DIVIDE_BY_ZERO] Division by zero');
    expect(between(division, refused('REMAINDER_BY_ZERO', 'x'))).toMatch(/the error differs/);
    const nothing: Outcome = { columns: [], sink: [], batches: [] };
    expect(between(division, nothing)).toMatch(/Spark refuses, the engine does not/);
  });
});

test('a difference is made small: one row of the key that goes wrong', () => {
  // A Spark that never hands out b.
  const wrong = (scenarios: readonly SparkScenario[]): readonly Outcome[] =>
    scenarios.map((scenario) => {
      const right = replay(scenario);
      const sink = right.sink.map(({ batchId, rows }) => ({
        batchId,
        rows: rows.filter(([, key]) => key !== 'b'),
      }));
      return { ...right, sink };
    });
  const found = difference(SCENARIO, wrong([SCENARIO])[0]!, truth) as string;
  const { scenario } = shrink({ scenario: SCENARIO, difference: found }, wrong);
  // Something has to come later, or nothing is over.
  expect(scenario.steps).toHaveLength(1);
  const rows = scenario.steps.flatMap((step) => (step.type === 'add' ? step.rows['in'] : []));
  expect(rows).toEqual([
    [2000, 'b', 1],
    [12_000, 'a', 1],
  ]);
});
