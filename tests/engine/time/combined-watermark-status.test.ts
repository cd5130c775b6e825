import { expect, test } from 'vitest';
import { CombinedWatermarkStatus } from '../../../engine/time/combined-watermark-status.ts';
import { InputWatermarks } from '../../../engine/time/input-watermarks.ts';

/** `15` input 1 has watermark 5, `2idle` input 2 is idle; each word with what followed. */
function combine(script: string): string {
  const status = new CombinedWatermarkStatus(2);
  return script
    .split(' ')
    .map((word) => {
      const input = Number(word[0]) - 1;
      const what = word.slice(1);
      const wasIdle = status.isIdle;
      const isStatus = what === 'idle' || what === 'active';
      const hasGrown = isStatus
        ? status.updateStatus(input, what === 'idle')
        : status.updateWatermark(input, Number(what));
      const change = isStatus && status.isIdle !== wasIdle ? what.toUpperCase() : '';
      return `${word}=>${hasGrown ? `WM${status.watermarkMs}` : ''}${change};`;
    })
    .join(' ');
}

// Printed by CoProcessOperator in TwoInputStreamOperatorTestHarness of flink-runtime 2.3.0.
test('an idle input does not count, two idle ones let nothing out', () => {
  expect(combine('15 23 1idle 27 2idle 1active 16 19 2active')).toBe(
    '15=>; 23=>WM3; 1idle=>; 27=>WM7; 2idle=>IDLE; 1active=>ACTIVE; 16=>; 19=>WM9; 2active=>;',
  );
});

// Printed by the same.
test('a watermark makes its input active', () => {
  expect(combine('1idle 25 2idle 2active 110 1active 15 112 220')).toBe(
    '1idle=>; 25=>WM5; 2idle=>IDLE; 2active=>ACTIVE; 110=>; 1active=>; 15=>; 112=>; 220=>WM12;',
  );
});

/** `a5` channel a has watermark 5, `a-` is idle, `a+` active. Inputs: `ab|cd`. */
function merge(inputs: string, script: string): string {
  const channels = [...inputs.replaceAll('|', '')];
  const inputOfChannel = channels.map((name) =>
    inputs.split('|').findIndex((part) => part.includes(name)),
  );
  const lines: string[] = [];
  const merged = new InputWatermarks(inputOfChannel, {
    onWatermark: (watermarkMs, beforeMs, cause) => {
      expect(watermarkMs).toBeGreaterThan(beforeMs);
      lines.push(`${script.split(' ')[cause]}=>${watermarkMs}`);
    },
    onStatus: (isIdle, cause) => {
      lines.push(`${script.split(' ')[cause]}=>${isIdle ? 'idle' : 'active'}`);
    },
  });
  script.split(' ').forEach((word, place) => {
    const channel = channels.indexOf(word[0] as string);
    const what = word.slice(1);
    if (what === '-' || what === '+') merged.inputStatus(channel, what === '-', place);
    else merged.inputWatermark(channel, Number(what), place);
  });
  return lines.join(' ');
}

test('one input: the channels of a union meet in one valve', () => {
  expect(merge('abc', 'a5 b7 c6 a9')).toBe('c6=>5 a9=>6');
  // The last one to become idle held the minimum: the largest watermark is let out.
  expect(merge('ab', 'a5 b9 b- a-')).toBe('b9=>5 a-=>9 a-=>idle');
});

test('two inputs: each has its own valve, and the smaller of the two counts', () => {
  expect(merge('ab|cd', 'a5 b7 c9 d8 a8 b8')).toBe('d8=>5 a8=>7 b8=>8');
});

test('two inputs: what a valve lets out at the end comes before its idleness', () => {
  // a and b become idle: their valve lets 9 out, then input 1 does not count any more.
  expect(merge('ab|c', 'a5 b9 c20 b- a-')).toBe('c20=>5 a-=>9 a-=>20');
  expect(merge('a|b', 'a5 b9 a- b- a+')).toBe('b9=>5 a-=>9 b-=>idle a+=>active');
});
