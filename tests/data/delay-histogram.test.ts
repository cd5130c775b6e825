import { describe, expect, it } from 'vitest';
import { layoutDelays, placeDelay } from '../../src/data/delay-histogram.ts';

const scale = { fromMinutes: -10, toMinutes: 90, binMinutes: 10, tickMinutes: [0, 90] };

describe('layoutDelays', () => {
  it('puts a delay into the bar that starts at or below it', () => {
    const { bars } = layoutDelays([-10, -1, 0, 9, 10], scale);
    expect(bars.slice(0, 3).map((bar) => `${bar.fromMinutes}:${bar.count}`)).toEqual([
      '-10:2',
      '0:2',
      '10:1',
    ]);
  });

  it('scales the highest bar to the full height', () => {
    const heights = layoutDelays([0, 1, 2, 3, 15], scale).bars.map((bar) => bar.height);
    expect(heights.slice(0, 3)).toEqual([0, 1, 0.25]);
  });

  it('counts what lies beyond the right edge, and keeps the far early in the first bar', () => {
    const { bars, beyondCount } = layoutDelays([90, 500, -99], scale);
    expect([bars[0]?.count, beyondCount]).toEqual([1, 2]);
  });

  it('tells early, near and over an hour apart', () => {
    const kinds = layoutDelays([], scale).bars.map((bar) => `${bar.fromMinutes} ${bar.kind}`);
    expect(kinds).toContain('-10 early');
    expect(kinds).toContain('50 on-time');
    expect(kinds).toContain('60 over-an-hour');
  });

  it('places delays as shares of the width', () => {
    expect([-10, 40, 90].map((minutes) => placeDelay(minutes, scale))).toEqual([0, 0.5, 1]);
  });
});
