import { describe, expect, test } from 'vitest';
import {
  backlogAfterCrash,
  catchUpSeconds,
  partitionsNeeded,
  reviewDesign,
  saltsNeeded,
  simulateDay,
} from '../../../engine/capacity/index.ts';
import type { Design, DayLoad } from '../../../engine/capacity/index.ts';
import { ConfigError } from '../../../engine/core/errors.ts';
import { anchorDesign, scenario } from './anchor-scenario.ts';

describe('a design that can not be run', () => {
  test.each<[string, Partial<Design>, string]>([
    ['negative partitions', { partitions: -1 }, 'partitions'],
    ['NaN for the watermark delay', { watermarkDelaySeconds: Number.NaN }, 'watermarkDelaySeconds'],
    ['half a subtask', { parallelism: 2.5 }, 'parallelism'],
    ['an endless trigger', { triggerIntervalSeconds: Infinity }, 'triggerIntervalSeconds'],
    ['an unknown sink', { sink: 'tape' as never }, 'sink'],
    ['transactions without exactly-once', { sink: 'transactional', guarantee: 'none' }, 'sink'],
    ['Spark without a checkpoint', { engine: 'micro-batch', guarantee: 'none' }, 'guarantee'],
  ])('is refused with its field and a remedy: %s', (_, change, field) => {
    const design = { ...anchorDesign, ...change };
    expect(reviewDesign(design)).toMatchObject([{ field, severity: 'error' }]);
    expect(() => simulateDay(scenario({ design }))).toThrow(ConfigError);
    expect(() => simulateDay(scenario({ design }))).toThrow(field);
  });
});

describe('a design that wastes something', () => {
  test('runs, with a warning about idle subtasks', () => {
    const problems = reviewDesign({ ...anchorDesign, partitions: 5 });
    expect(problems).toMatchObject([{ field: 'parallelism', severity: 'warning' }]);
    expect(problems[0]?.message).toContain('3 of 8 subtasks');
  });

  test('says nothing about a design without waste', () => {
    expect(reviewDesign(anchorDesign)).toEqual([]);
  });
});

describe('a world that can not be', () => {
  test.each<[string, Partial<DayLoad>, string]>([
    ['negative records', { recordsPerDay: -5 }, 'recordsPerDay'],
    ['a share over 1', { hotKeyShare: 1.5 }, 'hotKeyShare'],
    ['23 hours', { hourlyWeights: new Array<number>(23).fill(1) }, 'hourlyWeights'],
    [
      'lateness that falls',
      {
        lateness: [
          { share: 0, seconds: 9 },
          { share: 1, seconds: 1 },
        ],
      },
      'lateness',
    ],
  ])('is refused with its field: %s', (_, load, field) => {
    expect(() => simulateDay(scenario({ load }))).toThrow(field);
  });

  test('refuses a twist outside the day', () => {
    const late = { type: 'crash', title: 'too late', atSecond: 86_400 } as const;
    expect(() => simulateDay(scenario({ twists: [late] }))).toThrow('too late');
  });
});

describe('formulas', () => {
  test('partitions follow the scarcer of bytes and records, with growth', () => {
    const input = {
      bytesPerSecond: 46e6,
      bytesPerSecondPerPartition: 10e6,
      recordsPerSecond: 20_000,
      recordsPerSecondPerConsumer: 2_500,
      growthFactor: 1.5,
    };
    expect(partitionsNeeded(input)).toBe(12);
  });

  test('130 s down and 60 s to replay at 50,000/s take 317 s to catch up with 80,000/s', () => {
    const backlog = backlogAfterCrash(50_000, 130, 60);
    expect(backlog).toBe(9_500_000);
    expect(Math.round(catchUpSeconds(backlog, 80_000, 50_000))).toBe(317);
  });

  test('without spare capacity there is no catching up', () => {
    expect(catchUpSeconds(1, 10, 10)).toBe(Infinity);
    expect(catchUpSeconds(0, 10, 10)).toBe(0);
  });

  test('80,000/s of one key on 30,000/s subtasks need four salts', () => {
    expect(saltsNeeded(80_000, 30_000, 0.7)).toBe(4);
  });
});
