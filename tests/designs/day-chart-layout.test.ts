import { describe, expect, test } from 'vitest';
import { DAY_SECONDS, simulateDay } from '#engine';
import {
  modelDesign,
  scenario,
  weakDesign,
} from '../../content/designs/live-departures-board/scenario.ts';
import { layoutDay } from '../../src/designs/day-chart-layout.ts';
import { extentsOf } from '../../src/designs/day-series.ts';

const day = simulateDay({ ...scenario, design: modelDesign });
const size = { freshnessLimitSeconds: 60, width: 480, height: 80 };

describe('extentsOf', () => {
  test('keeps a spike of one second', () => {
    const column = new Float64Array(DAY_SECONDS);
    column[50_000] = 7;
    expect(extentsOf(column, 100).filter(({ high }) => high === 7)).toHaveLength(1);
  });

  test('covers every second once, also when buckets do not divide the day', () => {
    const column = Float64Array.from({ length: DAY_SECONDS }, (_, second) => second);
    const extents = extentsOf(column, 333);
    expect(extents[0]?.low).toBe(0);
    expect(extents.at(-1)?.high).toBe(DAY_SECONDS - 1);
    for (const [index, { low }] of extents.entries()) {
      if (index > 0) expect(low).toBe((extents[index - 1]?.high ?? Number.NaN) + 1);
    }
  });
});

describe('layoutDay', () => {
  test('places the twists where they happen, numbered in their order', () => {
    const { twists } = layoutDay({ day, previousDay: undefined, ...size });
    expect(twists.map(({ number, x }) => [number, Math.round(x)])).toEqual([
      [1, 185],
      [2, 260],
      [3, 350],
    ]);
  });

  test('finds the second under a place, and stays inside the day', () => {
    const { xOf, secondAt } = layoutDay({ day, previousDay: undefined, ...size });
    expect(secondAt(xOf(43_200))).toBe(43_200);
    expect(secondAt(-50)).toBe(0);
    expect(secondAt(9_999)).toBe(DAY_SECONDS - 1);
  });

  test('draws the run before only when there is one', () => {
    const previousDay = simulateDay({ ...scenario, design: weakDesign });
    const alone = layoutDay({ day, previousDay: undefined, ...size });
    const both = layoutDay({ day, previousDay, ...size });
    expect(alone.charts.every(({ ghostPath }) => ghostPath === '')).toBe(true);
    expect(both.charts.every(({ ghostPath }) => ghostPath.startsWith('M'))).toBe(true);
  });

  test('reads the value and its limit in words', () => {
    const { charts } = layoutDay({ day, previousDay: undefined, ...size });
    const freshness = charts.find(({ id }) => id === 'freshness');
    expect(freshness?.readAt(43_200)).toEqual({ value: '31 s', limit: 'promised 60 s' });
  });

  test('labels the axes in thousands and millions', () => {
    const { charts } = layoutDay({ day, previousDay: undefined, ...size });
    const load = charts.find(({ id }) => id === 'load');
    expect(load?.ticks.map(({ label }) => label)).toContain('20k');
  });

  test('keeps every mark inside its chart', () => {
    const { charts } = layoutDay({ day, previousDay: undefined, ...size });
    for (const { id, ticks, bandPath } of charts) {
      expect(
        ticks.every(({ at }) => at >= 0 && at <= size.height),
        id,
      ).toBe(true);
      expect(bandPath, id).not.toContain('NaN');
    }
  });

  test('leaves the checkpoints out when there are none', () => {
    const design = { ...modelDesign, guarantee: 'none' } as const;
    const { charts } = layoutDay({
      day: simulateDay({ ...scenario, design }),
      previousDay: undefined,
      ...size,
    });
    expect(charts.map(({ id }) => id)).not.toContain('snapshot');
  });
});
