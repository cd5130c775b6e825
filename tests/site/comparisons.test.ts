import { expect, test } from 'vitest';
import { readComparisons, readExceptions } from '../../src/site/comparisons.ts';
import { readRecording, recordedFeatures } from '../conformance/spark/recordings.ts';

test('the model page counts what the tests replay', () => {
  const comparisons = readComparisons(process.cwd());
  const spark = comparisons.filter(({ engine }) => engine.includes('Spark'));
  expect(spark).toHaveLength(recordedFeatures().length);
  const counted = spark.reduce((sum, { scenarioCount }) => sum + scenarioCount, 0);
  const replayed = recordedFeatures().map((feature) => readRecording(feature).scenarios.length);
  expect(counted).toBe(replayed.reduce((sum, count) => sum + count, 0));
  expect(comparisons.some(({ engine }) => engine.includes('batch mode'))).toBe(true);
});

test('and says where the comparison looks away', () => {
  const exceptions = readExceptions(process.cwd());
  expect(exceptions.length).toBeGreaterThan(3);
  expect(exceptions).toContainEqual(expect.stringContaining('counts the state twice'));
  expect(exceptions).toContainEqual(expect.stringContaining('hash set of windows'));
});
