import { describe, expect, test } from 'vitest';
import { layoutKnee, percentText, resultText } from '../../../src/figures/knee/knee-layout.ts';

const MINUTE_MS = 60_000;
const POINTS = [
  { delayMs: 0, droppedShare: 0.5, resultDelayMs: 5 * MINUTE_MS },
  { delayMs: 30 * MINUTE_MS, droppedShare: 0.1, resultDelayMs: 30 * MINUTE_MS },
  { delayMs: 60 * MINUTE_MS, droppedShare: 0, resultDelayMs: 60 * MINUTE_MS },
];
const SIZE = { width: 500, height: 260 };

describe('the knee curve', () => {
  test('falls on the one side and rises on the other', () => {
    const { marks } = layoutKnee(POINTS, undefined, SIZE);
    expect(marks.map(({ x }) => x)).toEqual([46, 244, 442]);
    expect(marks[2].droppedY).toBeGreaterThan(marks[0].droppedY);
    expect(marks[2].resultY).toBeLessThan(marks[0].resultY);
  });

  test('marks the point nearest to the current setting', () => {
    expect(layoutKnee(POINTS, 40 * MINUTE_MS, SIZE).current?.point).toBe(POINTS[1]);
    expect(layoutKnee(POINTS, undefined, SIZE).current).toBeUndefined();
  });

  test('keeps a result that came before its window ended inside the plot', () => {
    const early = { delayMs: 0, droppedShare: 0.9, resultDelayMs: -16 * MINUTE_MS };
    const { marks, plot } = layoutKnee([early, ...POINTS.slice(1)], undefined, SIZE);
    expect(marks[0].resultY).toBe(plot.bottom);
    expect([resultText(-16 * MINUTE_MS), resultText(38 * MINUTE_MS)]).toEqual([
      '16 min early',
      '38 min late',
    ]);
  });

  test('is empty, not broken, without points', () => {
    const layout = layoutKnee([], 0, SIZE);
    expect(layout.current).toBeUndefined();
    expect(JSON.stringify(layout)).not.toContain('null');
  });
});

test.each([
  [0, '0 %'],
  [0.0004, '<0.1 %'],
  [0.034, '3.4 %'],
  [0.238, '24 %'],
])('a share of %d is said as %s', (share, text) => {
  expect(percentText(share)).toBe(text);
});
