import { describe, expect, test } from 'vitest';
import {
  CALL_NOTES_MAX,
  type CallNote,
  CONSOLE_CHARACTERS_MAX,
  CONSOLE_LINES_MAX,
} from '../../src/sandbox/protocol.ts';
import { parseStack } from '../../src/sandbox/stack.ts';
import { watchCalls } from '../../src/sandbox/worker/call-watch.ts';
import { createCappedConsole } from '../../src/sandbox/worker/capped-console.ts';
import { describeError } from '../../src/sandbox/worker/describe-error.ts';
import { formatValue } from '../../src/sandbox/worker/format-value.ts';

describe('a console with limits', () => {
  function open(): { lines: string[]; cuts: number[]; print: (...values: unknown[]) => void } {
    const lines: string[] = [];
    const cuts: number[] = [];
    const { facade } = createCappedConsole({
      line: (level, text) => lines.push(`${level} ${text}`),
      cut: () => cuts.push(lines.length),
    });
    return { lines, cuts, print: facade['log'] as (...values: unknown[]) => void };
  }

  test('prints values on one line', () => {
    const { lines, print } = open();
    print('flight', { origin: 'ATL' }, 3);
    expect(lines).toEqual(['log flight { origin: "ATL" } 3']);
  });

  test('stops after so many lines, and says so once', () => {
    const { lines, cuts, print } = open();
    for (let index = 0; index < CONSOLE_LINES_MAX + 50; index += 1) print(index);
    expect(lines).toHaveLength(CONSOLE_LINES_MAX);
    expect(cuts).toEqual([CONSOLE_LINES_MAX]);
  });

  test('prints again after a restart', () => {
    const lines: string[] = [];
    const capped = createCappedConsole({
      line: (_level, text) => lines.push(text),
      cut: () => lines.push('cut'),
    });
    for (let index = 0; index <= CONSOLE_LINES_MAX; index += 1) capped.print('log', 'flood');
    capped.restart();
    capped.print('log', 'next run');
    expect(lines.slice(-2)).toEqual(['cut', 'next run']);
  });

  test('stops after so many characters', () => {
    const { lines, print } = open();
    for (let index = 0; index < 200; index += 1) print('x'.repeat(10_000));
    expect(lines.join('').length).toBeLessThanOrEqual(CONSOLE_CHARACTERS_MAX + 200 * 4);
    expect(lines.at(-1)).toMatch(/x…$/);
  });
});

describe('a value as text', () => {
  const itself: Record<string, unknown> = { a: 1 };
  itself['me'] = itself;

  test.each([
    ['a', 'a'],
    [[1, 'a', null], '[1, "a", null]'],
    [new Map([['k', [1]]]), 'Map {"k" => [1]}'],
    [new Date(900_000), '1970-01-01T00:15:00.000Z'],
    [10n, '10n'],
    [undefined, 'undefined'],
    [new RangeError('far'), 'RangeError: far'],
    [{ a: { b: { c: { d: { e: 1 } } } } }, '{ a: { b: { c: { d: {…} } } } }'],
    [itself, '{ a: 1, me: (itself) }'],
  ])('%# %o', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });

  test('a value that throws when it is read does no harm', () => {
    const hostile = {
      get field(): never {
        throw new Error('no');
      },
    };
    expect(formatValue(hostile)).toBe("(can't be shown: no)");
  });

  test('a long list is cut', () => {
    expect(formatValue(Array.from({ length: 1000 }, () => 0))).toMatch(/… 970 more]$/);
  });
});

describe('watching the calls of exported classes', () => {
  test('announces a call before it begins, with its first argument', () => {
    const order: string[] = [];
    class Operator {
      processElement(value: { origin: string }): string {
        order.push('called');
        return value.origin;
      }
    }
    watchCalls(
      { Operator },
      {
        onCall: ({ method, argument, count }) => order.push(`${method}(${argument}) #${count}`),
        onThrow: () => order.push('threw'),
      },
    );
    expect(new Operator().processElement({ origin: 'ATL' })).toBe('ATL');
    expect(order).toEqual(['processElement({ origin: "ATL" }) #1', 'called']);
  });

  test('keeps getters, constructors and functions as they are', () => {
    class Operator {
      get name(): string {
        return 'mine';
      }
    }
    const helper = (): number => 1;
    watchCalls({ Operator, helper, constant: 5 }, { onCall: () => {}, onThrow: () => {} });
    expect(new Operator().name).toBe('mine');
    expect(helper()).toBe(1);
  });

  test('tells what a call threw, and lets it pass', () => {
    const thrown: unknown[] = [];
    class Operator {
      onTimer(): void {
        throw new RangeError('no such timer');
      }
    }
    watchCalls({ Operator }, { onCall: () => {}, onThrow: (error) => thrown.push(error) });
    expect(() => new Operator().onTimer()).toThrow('no such timer');
    expect(thrown).toEqual([new RangeError('no such timer')]);
  });

  test('falls silent after so many calls', () => {
    const notes: CallNote[] = [];
    class Operator {
      open(): void {}
    }
    watchCalls({ Operator }, { onCall: (call) => notes.push(call), onThrow: () => {} });
    const operator = new Operator();
    for (let index = 0; index < CALL_NOTES_MAX + 10; index += 1) operator.open();
    expect(notes).toHaveLength(CALL_NOTES_MAX);
  });
});

describe('an error as data', () => {
  const addresses = new Map([['blob:null/1', 'operator' as const]]);

  test.each([
    ['Chromium', '    at Count.add (operator.js:3:7)', 'Count.add'],
    ['Chromium, by address', '    at Count.add (blob:null/1:3:7)', 'Count.add'],
    ['Chromium, top level', '    at operator.js:3:7', ''],
    ['Firefox', 'add@operator.js:3:7', 'add'],
    ['Safari, by address', 'add@blob:null/1:3:7', 'add'],
  ])('reads a frame of %s', (_browser, line, functionName) => {
    expect(parseStack(`Error: x\n${line}`, addresses)).toEqual([
      { module: 'operator', functionName, line: 3, column: 7 },
    ]);
  });

  test('tells our modules from the rest', () => {
    const stack = ['at a (engine.js:1:5)', 'at b (checks.js:1:6)', 'at c (native:1:7)'].join('\n');
    expect(parseStack(stack).map(({ module }) => module)).toEqual([
      '#engine',
      '#exercise/checks',
      undefined,
    ]);
  });

  test('keeps causes, to a depth', () => {
    let error = new Error('deepest');
    for (let depth = 0; depth < 10; depth += 1) error = new Error(`${depth}`, { cause: error });
    const depths = JSON.stringify(describeError(error, addresses)).match(/"cause"/g);
    expect(depths).toHaveLength(4);
  });

  test.each([
    [undefined, 'undefined'],
    ['a text', 'a text'],
    [Object.create(null), '(a value that throws when it is read)'],
  ])('describes anything thrown: %o', (thrown, message) => {
    expect(describeError(thrown, addresses)).toEqual({ name: 'Thrown', message, frames: [] });
  });
});
