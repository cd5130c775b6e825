import { describe, expect, test } from 'vitest';
import { readFacts, type RunFacts } from '../../../src/figures/facts/run-facts.ts';
import {
  firstView,
  followView,
  panView,
  wholeView,
  zoomView,
  type PlaneView,
} from '../../../src/figures/plane/view.ts';
import { at, runDepartures, SIXTEEN } from '../departures.ts';

const BOUNDS: PlaneView = { eventMs: [0, 1_000], processingMs: [0, 1_000] };
const VIEW: PlaneView = { eventMs: [200, 600], processingMs: [0, 400] };
const text = ({ eventMs, processingMs }: PlaneView): string =>
  `[${eventMs.join(',')}) x [${processingMs.join(',')})`;

describe('a view', () => {
  test('zooms around a point', () => {
    const around = { eventMs: 400, processingMs: 200 };
    expect(text(zoomView(VIEW, 2, around, BOUNDS))).toBe('[300,500) x [100,300)');
  });

  test('never shows more than there is', () => {
    const around = { eventMs: 400, processingMs: 200 };
    expect(text(zoomView(VIEW, 0.1, around, BOUNDS))).toBe('[0,1000) x [0,1000)');
  });

  test('keeps its size when it runs into the edge', () => {
    expect(text(panView(VIEW, { event: -5, processing: 0.5 }, BOUNDS))).toBe('[0,400) x [200,600)');
  });

  test('follows a now line that has left it at the top, and else stays', () => {
    expect(followView(VIEW, 399, BOUNDS)).toBe(VIEW);
    expect(text(followView(VIEW, 401, BOUNDS))).toBe('[200,600) x [100,500)');
    expect(text(followView(VIEW, 990, BOUNDS))).toBe('[200,600) x [600,1000)');
  });
});

describe('a run with something far off', () => {
  const facts = readFacts(runDepartures(SIXTEEN, { delayMinutes: 5 }));
  const withTimer = (timeMs: number): RunFacts => {
    const setAt = { row: 0, key: 0, setMs: at('07:05'), deletedMs: undefined };
    return { ...facts, timers: [{ ...setAt, timeMs, firings: [] }] };
  };

  test.each([
    ['a year ahead', at('07:05') + 365 * 86_400_000],
    ['in 1970', 993_193_500],
  ])('is not squeezed by a timer set %s', (_, timeMs) => {
    expect(wholeView(withTimer(timeMs))).toEqual(wholeView(facts));
  });

  test('still shows a timer that is near', () => {
    expect(wholeView(withTimer(at('08:20'))).eventMs[1]).toBeGreaterThan(at('08:20'));
  });

  test('is not squeezed by a window without end', () => {
    const endless = { startMs: at('07:00'), endMs: 8e18, changes: [], firings: [] };
    const windows = [...facts.windows, endless];
    expect(firstView({ ...facts, windows })).toEqual(firstView(facts));
  });
});
