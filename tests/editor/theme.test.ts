import { expect, test } from 'vitest';
import { isDark, toHex } from '../../src/editor/theme.ts';

test.each([
  ['rgb(1, 2, 255)', '#0102ff'],
  ['rgba(253, 252, 248, 0.5)', '#fdfcf8'],
])('writes %s as %s', (color, hex) => {
  expect(toHex(color)).toBe(hex);
});

test.each([
  ['#162227', true],
  ['#fdfcf8', false],
])('knows whether %s needs light text', (hex, expected) => {
  expect(isDark(hex)).toBe(expected);
});
