import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCase, runSessionCase } from './window-notation.ts';

/** Printed by (Evicting)WindowOperator of flink-runtime 2.3.0; see print-windows.java. */
const PRINTED = readFileSync(join(import.meta.dirname, 'flink/printed-by-flink.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

/** Flink prints entries of state and timers apart: `left 2+1`. */
function expected(line: string): string {
  const [, printed = ''] = line.split(' => ');
  return printed.replace(/left (\d+)\+(\d+)/, (_, entries: string, timers: string) => {
    return `left ${Number(entries) + Number(timers)}`;
  });
}

/** What a merged list holds first is Flink's own business: its windows are in a hash set. */
function inAnyOrder(line: string, result: string): string {
  if (!line.includes('session')) return result;
  return result.replace(/=([-\d. ]+)/g, (_, list: string) => {
    return `=${list.trim().split(' ').sort().join(' ')}`;
  });
}

describe('prints what Flink 2.3.0 prints', () => {
  test.each(PRINTED)('%s', (line) => {
    const actual = inAnyOrder(line, runCase(line));
    expect(actual).toBe(inAnyOrder(line, expected(line)));
  });
});

test('a restart at any point changes nothing', () => {
  for (const line of PRINTED) {
    const actual = runCase(line, (harness) => harness.restart(true));
    expect(inAnyOrder(line, actual), line).toBe(inAnyOrder(line, expected(line)));
  }
});

describe('plain sessions on an operator of their own print what Flink 2.3.0 prints', () => {
  const plain = PRINTED.filter((line) => /^session [\d.]+ ; - ; - ; 0 ;/.test(line));

  test.each(plain)('%s', (line) => {
    expect(inAnyOrder(line, runSessionCase(line))).toBe(inAnyOrder(line, expected(line)));
  });

  test('also when restarted at any point', () => {
    expect(plain.length).toBeGreaterThan(10);
    for (const line of plain) {
      const actual = runSessionCase(line, (harness) => harness.restart(true));
      expect(inAnyOrder(line, actual), line).toBe(inAnyOrder(line, expected(line)));
    }
  });
});
