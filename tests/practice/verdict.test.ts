import { describe, expect, test } from 'vitest';
import { readVerdict } from '../../src/practice/verdict.ts';

const trace = new Uint8Array([1, 2, 3]);
const failing = { trace, row: 5, schedule: '2 flights in 1 partition' };
const anomaly = { name: 'state leak', text: 'It leaks.', expected: 'nothing', seed: 7, failing };
const broken = { name: 'cleans-up', title: 'Cleans up', passed: false, anomaly };
const held = { name: 'counts', title: 'Counts', passed: true };

describe('reading a verdict', () => {
  test('keeps what is well-formed', () => {
    const verdict = { passed: false, checks: [held, broken], counts: { runs: 9, crashes: 3 } };
    expect(readVerdict(verdict)).toEqual(verdict);
  });

  test('lays out what is not text, to be compared by eye', () => {
    const check = { ...broken, anomaly: { name: 'x', text: 'y', actual: { flights: 2 } } };
    expect(readVerdict({ passed: false, checks: [check] })?.checks[0]?.anomaly?.actual).toBe(
      '{\n "flights": 2\n}',
    );
  });

  test('passes only when every check does, whatever it claims', () => {
    expect(readVerdict({ passed: true, checks: [held, broken] })?.passed).toBe(false);
    expect(readVerdict({ passed: 'yes', checks: [held] })?.passed).toBe(false);
    expect(readVerdict({ passed: true, checks: [held] })?.passed).toBe(true);
  });

  test('leaves out a failing run that is not one', () => {
    for (const bad of [5, {}, { ...failing, trace: 'x' }, { ...failing, row: 0.5 }]) {
      const check = { ...broken, anomaly: { ...anomaly, failing: bad } };
      const verdict = readVerdict({ passed: false, checks: [check] });
      expect(verdict?.checks[0]?.anomaly).not.toHaveProperty('failing');
    }
  });

  test.each([
    undefined,
    'passed',
    {},
    { checks: [] },
    { checks: [5] },
    { checks: [{ name: 'x' }] },
  ])('refuses what is no verdict: %j', (value) => {
    expect(readVerdict(value)).toBeUndefined();
  });
});
