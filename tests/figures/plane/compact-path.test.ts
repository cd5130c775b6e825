import { describe, expect, test } from 'vitest';
import { CompactPath, short } from '../../../src/figures/plane/compact-path.ts';
import { glyphOutline } from '../../../src/figures/plane/glyphs.ts';

describe('a compact path', () => {
  test('writes relative tenths without leading zeros', () => {
    const path = new CompactPath().moveTo(10.04, 20).lineTo(10.5, 19.7).verticalTo(30);
    expect(path.toString()).toBe('m10 20l.5-.3v10.3');
  });

  test('does not add rounding up over many points', () => {
    const path = new CompactPath();
    for (let index = 0; index <= 1_000; index += 1) path.moveTo(index * 0.333, 0).zeroLine();
    const steps = [...path.toString().matchAll(/m([-.\d]+) /g)].map(([, dx]) => Number(dx));
    expect(steps.reduce((sum, dx) => sum + dx, 0)).toBeCloseTo(333, 5);
  });

  test('leaves out moves of no length', () => {
    expect(new CompactPath().moveTo(1, 1).verticalTo(1.01).horizontalTo(1).toString()).toBe('m1 1');
  });

  test.each([
    [5, '.5'],
    [-12, '-1.2'],
    [30, '3'],
    [-5, '-.5'],
    [0, '0'],
  ])('%i tenths are written as %s', (inTenths, text) => {
    expect(short(inTenths)).toBe(text);
  });
});

test('every key style has a shape of its own', () => {
  const shapes = ([1, 2, 3, 4, 5, 6, 7, 8] as const).map((style) => glyphOutline(style, 4).rest);
  expect(new Set(shapes).size).toBe(8);
  for (const shape of shapes) expect(shape).toMatch(/z$/);
});
