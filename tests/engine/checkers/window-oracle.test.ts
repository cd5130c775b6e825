import { expect, test } from 'vitest';
import { WindowOracle } from '../../../engine/checkers/window-oracle.ts';

const KEY = 7;

/** Counts records of one key in windows of 10 s: `1 3 w9.999 12`, `w` being the watermark. */
function play(oracle: WindowOracle, script: string): string[] {
  return script.split(' ').flatMap((step) => {
    const ms = Math.round(Number(step.replace('w', '')) * 1000);
    if (step.startsWith('w')) {
      return oracle.advanceTo(ms).map(({ endMs, count }) => `${endMs / 1000}=${count}`);
    }
    return oracle.add(KEY, ms).isLate ? [`${step} late`] : [];
  });
}

test('a window is over when the watermark reaches its last millisecond', () => {
  expect(play(new WindowOracle(10_000), '1 3 w9.998 w9.999')).toEqual(['10=2']);
});

test('a record on the boundary belongs to the next window', () => {
  expect(play(new WindowOracle(10_000), '9.999 10 w9.999 w19.999')).toEqual(['10=1', '20=1']);
});

test('a record is late exactly when its window is over', () => {
  expect(play(new WindowOracle(10_000), '1 w9.998 2 w9.999 3 12')).toEqual(['10=2', '3 late']);
});

test('event times before 1970 have windows, too', () => {
  expect(play(new WindowOracle(10_000), '-1 w-0.001')).toEqual(['0=1']);
});

test('several windows that are over at once come earliest first', () => {
  expect(play(new WindowOracle(10_000), '25 1 12 w30')).toEqual(['10=1', '20=1', '30=1']);
});

test('a restore brings back counts but no watermark', () => {
  const oracle = new WindowOracle(10_000);
  play(oracle, '1 2 w5');
  const snapshot = oracle.snapshot();
  play(oracle, '3 w9.999');
  oracle.restore(snapshot);
  expect(play(oracle, '4 w9.999')).toEqual(['10=3']);
});
