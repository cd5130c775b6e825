import { expect, test } from 'vitest';
import { Random } from '#engine';
import type { Configuration } from '#engine';
import { DEFAULT_CONFIGURATION } from '../../../engine/datastream/configuration.ts';
import { RestartBackoff } from '../../../engine/datastream/restart-backoff.ts';

const exponential = 'restart-strategy.exponential-delay';

/** The pauses that follow failures at these moments, in ms. */
const backoffs = (failuresMs: readonly number[], options: Partial<Configuration>): string => {
  const type = { 'restart-strategy.type': 'exponential-delay' } as const;
  const configuration = { ...DEFAULT_CONFIGURATION, ...type, ...options };
  const backoff = new RestartBackoff(configuration, new Random(7));
  return failuresMs.map((atMs) => String(backoff.nextDelayMs(atMs) ?? 'fails')).join(' ');
};

test('exponential-delay: by default chance makes a pause a tenth longer or shorter', () => {
  const failuresMs = Array.from({ length: 60 }, (_, index) => index * 100_000);
  const pausesMs = backoffs(failuresMs, { [`${exponential}.max-backoff`]: 3000 }).split(' ');
  expect(new Set(pausesMs.slice(0, 3)).size).toBe(3);
  for (const [attempt, pauseMs] of pausesMs.map(Number).entries()) {
    const plainMs = 1000 * 1.5 ** attempt;
    expect(pauseMs).toBeGreaterThanOrEqual(Math.min(3000, Math.max(1000, plainMs * 0.9 - 1)));
    expect(pauseMs).toBeLessThanOrEqual(Math.min(3000, plainMs * 1.1));
  }
});

test('exponential-delay: what fails before the restart is one attempt with it', () => {
  expect(backoffs([0, 400, 1000, 1001], { [`${exponential}.jitter-factor`]: 0 })).toBe(
    '1000 600 0 1500',
  );
});

test('exponential-delay: begins anew an hour after the last restart', () => {
  const hourMs = 3_600_000;
  expect(backoffs([0, 2000, 3500 + hourMs - 1], { [`${exponential}.jitter-factor`]: 0 })).toBe(
    '1000 1500 2250',
  );
  expect(backoffs([0, 2000, 3500 + hourMs], { [`${exponential}.jitter-factor`]: 0 })).toBe(
    '1000 1500 1000',
  );
});

test('exponential-delay: a limit of attempts', () => {
  const limit = { [`${exponential}.attempts-before-reset-backoff`]: 2 };
  expect(backoffs([0, 10_000, 20_000], { ...limit, [`${exponential}.jitter-factor`]: 0 })).toBe(
    '1000 1500 fails',
  );
});

test.each([
  ['initial-backoff', 0, /must be at least 1: got 0/],
  ['initial-backoff', 61_000, /no higher than the maximum backoff, 60000: got 61000/],
  ['backoff-multiplier', 1, /must be greater than 1: got 1/],
  ['jitter-factor', 1.5, /must be from 0 to 1: got 1.5/],
  ['attempts-before-reset-backoff', 0, /must be 1 or more: got 0/],
] as const)('exponential-delay: %s of %d is refused', (option, value, message) => {
  expect(() => backoffs([], { [`${exponential}.${option}`]: value })).toThrow(message);
});

test('failure-rate: one failure more within the interval is too many, its end included', () => {
  const rate = { 'restart-strategy.type': 'failure-rate' } as const;
  expect(backoffs([0, 60_000], rate)).toBe('1000 fails');
  expect(backoffs([0, 60_001, 120_002], rate)).toBe('1000 1000 1000');
});
