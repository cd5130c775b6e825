import { expect, test } from 'vitest';
import { StatusWatermarkValve } from '../../../engine/time/status-watermark-valve.ts';

/** Feeds `0:10` (watermark), `1:idle` or `1:active`; returns each watermark let out, and `idle`. */
function valve(channelCount: number, text: string): string {
  const merged = new StatusWatermarkValve(channelCount);
  const seen: string[] = [];
  for (const word of text.split(' ')) {
    const [channelText = '', what = ''] = word.split(':');
    const channel = Number(channelText);
    const wasIdle = merged.isIdle;
    let hasGrown = false;
    if (what === 'idle') hasGrown = merged.inputIdle(channel);
    else if (what === 'active') merged.inputActive(channel);
    else hasGrown = merged.inputWatermark(channel, Number(what));
    if (hasGrown) seen.push(String(merged.watermarkMs));
    if (merged.isIdle !== wasIdle) seen.push(merged.isIdle ? 'idle' : 'active');
  }
  return seen.join(' ');
}

// Each expectation was printed by StatusWatermarkValve of flink-runtime 2.3.0.
test('lets out the minimum of the channels, and only when it grows', () => {
  expect(valve(2, '0:10 1:5 1:4 1:7 0:6')).toBe('5 7');
});

test('an idle channel does not hold the minimum', () => {
  expect(valve(2, '0:10 1:5 1:idle 0:idle')).toBe('5 10 idle');
});

test('when the last channel that held the minimum turns idle, the maximum is let out', () => {
  expect(valve(2, '0:10 1:5 0:idle 1:idle')).toBe('5 10 idle');
});

test('a last idle channel that was behind lets nothing out', () => {
  expect(valve(3, '0:10 1:5 2:20 1:idle 1:active 2:idle 0:idle 1:idle')).toBe('5 10 idle');
});

test('a channel that wakes behind counts again once it has caught up', () => {
  expect(valve(2, '0:10 1:5 1:idle 1:active 0:20 1:9 1:12')).toBe('5 10 20');
});
