import { describe, expect, test } from 'vitest';
import { difference } from './compare.ts';
import { FEATURES } from './generate.ts';
import { readRecording, recordedFeatures } from './recordings.ts';
import { replay } from './replay.ts';

test('every feature was recorded', () => {
  expect(recordedFeatures()).toEqual([...FEATURES].sort());
});

describe('the engine does what Spark did', () => {
  test.each(recordedFeatures())('%s', (feature) => {
    const { head, scenarios } = readRecording(feature);
    const differences = scenarios.flatMap(({ scenario, spark }) => {
      const found = difference(scenario, spark, replay(scenario));
      return found === undefined ? [] : [`seed ${scenario.seed} on Spark ${head.spark}: ${found}`];
    });
    expect(scenarios.length).toBeGreaterThan(0);
    expect(differences).toEqual([]);
  });
});
