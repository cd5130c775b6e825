import { describe, expect, test } from 'vitest';
import { simulate } from '#engine';
import { count, countScenario, outputs } from '../stream-notation.ts';

describe('tumbling windows and bounded out-of-orderness, a watermark after every record', () => {
  test('fires when the watermark passes the end, not when the clock does', () => {
    expect(count('1 4 11 12', { sizeS: 10, delayS: 2 })).toEqual(['[0,10) k=2']);
    expect(count('1 4 11 11.999', { sizeS: 10, delayS: 2 })).toEqual([]);
  });

  test('drops a record whose window has fired', () => {
    expect(count('1 4 12 9 13', { sizeS: 10, delayS: 2 })).toEqual(['[0,10) k=2', '9 dropped']);
  });

  test('a second more of delay keeps it', () => {
    expect(count('1 4 12 9 13', { sizeS: 10, delayS: 3 })).toEqual(['[0,10) k=3']);
  });

  test('the end of a window is exclusive', () => {
    expect(count('0 9.999 10 20', { sizeS: 10, delayS: 0 })).toEqual(['[0,10) k=2', '[10,20) k=1']);
  });

  test('one timestamp from the future drags the watermark and makes the rest late', () => {
    expect(count('1 3 100000 5 12', { sizeS: 10, delayS: 5 })).toEqual([
      '[0,10) k=2',
      '5 dropped',
      '12 dropped',
    ]);
  });

  test('is right for negative timestamps and offsets', () => {
    expect(count('-1 0 10', { sizeS: 10, delayS: 0 })).toEqual(['[-10,0) k=1', '[0,10) k=1']);
    expect(count('1 3 12 20', { sizeS: 10, delayS: 0, offsetS: 2 })).toEqual(
      ['[-8,2) k=1', '[2,12) k=1', '[12,22) k=1'].slice(0, 2),
    );
  });

  test('keeps keys apart', () => {
    expect(count('a@1 b@2 a@3 a@12', { sizeS: 10, delayS: 2 }).sort()).toEqual([
      '[0,10) a=2',
      '[0,10) b=1',
    ]);
  });

  test('the end of a bounded input fires what is open', () => {
    const run = simulate(countScenario(['1 4 12'], { sizeS: 10, delayS: 5, isBounded: true }));
    expect(outputs(run)).toEqual(['[0,10) k=2', '[10,20) k=1']);
    expect(run.outcome).toBe('finished');
    expect(run.entriesLeft).toBe(0);
  });
});

describe('allowed lateness', () => {
  test('fires again with the whole contents, until the window is cleared', () => {
    expect(count('1 4 12 9 13 8 17 7', { sizeS: 10, delayS: 2, latenessS: 5 })).toEqual([
      '[0,10) k=2',
      '[0,10) k=3',
      '[0,10) k=4',
      '7 dropped',
    ]);
  });

  test('also takes the first record of a window that is over', () => {
    expect(count('12 b@3 17', { sizeS: 10, delayS: 2, latenessS: 5 })).toEqual(['[0,10) b=1']);
  });
});

describe('periodic watermarks', () => {
  const periodic = { sizeS: 10, delayS: 0, watermarks: 'periodic' } as const;

  test('a record between two rounds is not late yet', () => {
    const records = ['1', '12', '5'].map((text, place) => {
      const atMs = Number(text) * 1000;
      return { value: { key: 'k', atMs }, timestampMs: atMs, arrivalMs: 1000 + place * 10 };
    });
    const scenario = countScenario(['1'], periodic);
    const run = simulate({
      ...scenario,
      logs: { in: { partitions: [records], isBounded: false } },
    });
    expect(outputs(run)).toEqual(['[0,10) k=2']);
  });

  test('the same records a second apart are late', () => {
    expect(count('1 12 5', periodic)).toEqual(['[0,10) k=1', '5 dropped']);
  });
});
