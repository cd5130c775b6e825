import { describe, expect, test } from 'vitest';
import { judgeGuess, readGuess } from '../../src/lessons/judge-guess.ts';

describe('a guess', () => {
  test.each([
    [100, 100, true, 'Exactly.'],
    [92, 100, true, 'Close enough: within a tenth.'],
    [110, 100, true, 'Close enough: within a tenth.'],
    [111, 100, false, 'Too high, by a factor of 1.1.'],
    [100, 1728, false, 'Too low, by a factor of 17.'],
    [0, 1728, false, 'Too low.'],
    [5, 0, false, 'Too high.'],
  ])('of %i against %i', (guess, value, isClose, text) => {
    expect(judgeGuess(guess, value)).toEqual({ isClose, text });
  });

  test.each([
    ['1728', 1728],
    [' 1,728 ', 1728],
    ['1 728', 1728],
    ['0', 0],
    ['', undefined],
    ['about 5', undefined],
    ['-3', undefined],
    ['1e3', undefined],
    ['1234567890', undefined],
  ])('written as “%s” is read as %s', (text, value) => {
    expect(readGuess(text)).toBe(value);
  });
});
