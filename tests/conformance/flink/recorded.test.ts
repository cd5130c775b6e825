import { describe, expect, test } from 'vitest';
import { FEATURES } from './generate.ts';
import { readRecording, recordedFeatures } from './recordings.ts';
import { differenceFrom } from './replay-all.ts';

test('every feature was recorded', () => {
  expect(recordedFeatures()).toEqual([...FEATURES].sort());
});

describe("the engine's operators do what Flink's did", () => {
  test.each(recordedFeatures())('%s', (feature) => {
    const { head, scenarios } = readRecording(feature);
    const differences = scenarios.flatMap(({ scenario, flink }) => {
      const found = differenceFrom(flink, scenario);
      return found === undefined ? [] : [`seed ${scenario.seed} on Flink ${head.flink}: ${found}`];
    });
    expect(scenarios.length).toBeGreaterThan(0);
    expect(differences).toEqual([]);
  });
});
