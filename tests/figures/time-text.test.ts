import { describe, expect, test } from 'vitest';
import {
  clockText,
  durationText,
  exactClockText,
  exactMomentText,
  precisionFor,
  timeTicks,
} from '../../src/figures/time-text.ts';

const MINUTE_MS = 60_000;

describe('a clock time', () => {
  const ms = Date.UTC(2001, 5, 22, 7, 5, 9, 250);

  test('has the digits that are asked for', () => {
    expect(clockText(ms, 'minutes')).toBe('07:05');
    expect(clockText(ms, 'seconds')).toBe('07:05:09');
    expect(clockText(ms, 'milliseconds')).toBe('07:05:09.250');
  });

  test('is a word where a watermark has no time', () => {
    expect(clockText(Number.MAX_SAFE_INTEGER, 'minutes')).toBe('the end');
    expect(clockText(Number.MIN_SAFE_INTEGER, 'minutes')).toBe('no time yet');
  });

  test('has its day in front when it is far from now', () => {
    expect(exactMomentText(ms, ms + MINUTE_MS)).toBe('07:05:09.250');
    expect(exactMomentText(ms, Date.UTC(2002, 5, 22))).toBe('2001-06-22 07:05:09.250');
    expect(exactMomentText(Number.MAX_SAFE_INTEGER, ms)).toBe('the end');
  });

  test('never rounds a millisecond away when it must be exact', () => {
    expect(exactClockText(Date.UTC(2001, 0, 1, 7, 15) - 1)).toBe('07:14:59.999');
    expect(exactClockText(Date.UTC(2001, 0, 1, 7, 15))).toBe('07:15');
  });
});

test.each([
  [250, '250 ms'],
  [30_000, '30 s'],
  [12 * MINUTE_MS, '12 min'],
  [65 * MINUTE_MS, '1 h 05 min'],
  [-120 * MINUTE_MS, '2 h'],
])('%i ms is said as "%s"', (lengthMs, text) => {
  expect(durationText(lengthMs)).toBe(text);
});

test('ticks stand at round times within the span', () => {
  const from = Date.UTC(2001, 0, 1, 7, 3);
  const ticks = timeTicks([from, from + 60 * MINUTE_MS], 4);
  expect(ticks.map((tick) => clockText(tick, 'minutes'))).toEqual([
    '07:15',
    '07:30',
    '07:45',
    '08:00',
  ]);
});

test('precision follows the span', () => {
  expect(precisionFor([0, 3_600_000])).toBe('minutes');
  expect(precisionFor([0, 60_000])).toBe('seconds');
  expect(precisionFor([0, 900])).toBe('milliseconds');
});
