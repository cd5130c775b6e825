import { describe, expect, test } from 'vitest';
import { checkEstimate, readNumber } from '../../src/designs/estimate-check.ts';

const estimate = {
  id: 'rate',
  prompt: 'Rate',
  unit: 'updates/s',
  formula: '2 × 10,000',
  value: 20_000,
  toleranceFactor: 1.5,
  consequence: 'So it is.',
};

describe('readNumber', () => {
  test.each([
    ['20000', 20_000],
    ['20,000', 20_000],
    ['20 000', 20_000],
    ['18.6k', 18_600],
    ['2e4', 20_000],
    ['1.5 M', 1_500_000],
    ['1b', 1e9],
  ])('reads %s', (text, value) => expect(readNumber(text)).toBe(value));

  test.each(['', 'lots', '1.2.3', '-5', 'k', '1e999'])('does not read "%s"', (text) =>
    expect(readNumber(text)).toBeUndefined(),
  );
});

describe('checkEstimate', () => {
  test.each([
    ['20k', 'right'],
    ['13400', 'right'],
    ['13300', 'off'],
    ['30000', 'right'],
    ['30001', 'off'],
    ['', 'empty'],
    ['0', 'unreadable'],
    ['a few', 'unreadable'],
  ])('finds %s %s', (text, type) => expect(checkEstimate(estimate, text).type).toBe(type));

  test('says by how much and which way', () => {
    expect(checkEstimate(estimate, '100k').words).toBe('5.0 times too high.');
    expect(checkEstimate(estimate, '20').words).toBe('1,000 times too low.');
    expect(checkEstimate(estimate, '20').computed).toBe('20,000 updates/s');
  });
});
