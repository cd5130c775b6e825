import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync('src/styles/tokens.css', 'utf8');

const THEMES = ['light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const TEXT = ['ink', 'ink-soft', 'ink-faint', 'accent', 'good', 'bad', 'warn', 'late'];
const MARKS = [
  ...['watermark', 'ideal', 'barrier', 'failure', 'replay', 'focus', 'now'],
  ...Array.from({ length: 8 }, (_, index) => `key-${index + 1}`),
];

function colour(token: string, theme: Theme): string {
  const match = new RegExp(`--${token}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css);
  const value = theme === 'light' ? match?.[1] : match?.[2];
  if (value === undefined) throw new Error(`--${token} has no pair of colours in tokens.css`);
  return value;
}

/** Relative luminance, as WCAG 2.2 defines it. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = parseInt(hex.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(left: string, right: string): number {
  const [dark = 0, light = 0] = [luminance(left), luminance(right)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function weakest(tokens: readonly string[], grounds: readonly string[], theme: Theme): number {
  const ratios = tokens.flatMap((token) =>
    grounds.map((ground) => contrast(colour(token, theme), colour(ground, theme))),
  );
  return Math.min(...ratios);
}

describe.each(THEMES)('the %s theme', (theme) => {
  test.each(TEXT)('%s is readable as text on paper, panel and well', (token) => {
    expect(weakest([token], ['paper', 'panel', 'well'], theme)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(MARKS)('%s is visible as a mark on paper and panel', (token) => {
    expect(weakest([token], ['paper', 'panel'], theme)).toBeGreaterThanOrEqual(3);
  });

  test('ink is readable on every window fill', () => {
    const fills = ['window', 'window-early', 'window-on-time', 'window-late'];
    expect(weakest(['ink'], fills, theme)).toBeGreaterThanOrEqual(4.5);
  });

  test('text on the accent and on the washes is readable', () => {
    expect(weakest(['accent-ink'], ['accent'], theme)).toBeGreaterThanOrEqual(4.5);
    for (const [text, wash] of [
      ['good', 'good-wash'],
      ['bad', 'bad-wash'],
      ['warn', 'warn-wash'],
    ]) {
      expect(weakest([text ?? ''], [wash ?? ''], theme)).toBeGreaterThanOrEqual(4.5);
    }
  });
});
