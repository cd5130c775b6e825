import { TraceReader } from '#engine';
import { describe, expect, test } from 'vitest';
import { readFacts } from '../../../src/figures/facts/run-facts.ts';
import { findStops, nextStop } from '../../../src/figures/transport/jumps.ts';
import { commandFor } from '../../../src/figures/transport/keyboard.ts';
import { Playback } from '../../../src/figures/transport/playback.svelte.ts';
import { layoutTimeline, timeAt } from '../../../src/figures/transport/timeline.ts';
import { at, runDepartures, SIXTEEN } from '../departures.ts';

const trace = runDepartures(SIXTEEN, { delayMinutes: 5, checkpointMinutes: 10, crashAt: '07:27' });

function press(key: string, modifiers: { shiftKey?: boolean; ctrlKey?: boolean } = {}) {
  const none = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };
  return commandFor({ ...none, ...modifiers, key });
}

describe('keys', () => {
  test.each([
    [' ', 'toggle-play'],
    ['ArrowRight', 'step'],
    ['ArrowLeft', 'step-back'],
    ['Home', 'start'],
    ['End', 'end'],
    ['f', 'next-failure'],
  ])('"%s" means %s', (key, command) => {
    expect(press(key)).toBe(command);
  });

  test('with Shift, arrows jump from firing to firing', () => {
    expect(press('ArrowRight', { shiftKey: true })).toBe('next-firing');
    expect(press('ArrowLeft', { shiftKey: true })).toBe('previous-firing');
  });

  test('with Ctrl they belong to the browser', () => {
    expect(press('f', { ctrlKey: true })).toBeUndefined();
  });
});

describe('stops', () => {
  test('by burst pass all firings of a moment at once', () => {
    const single = findStops(trace, { byBurst: false }).firings;
    const bursts = findStops(trace, { byBurst: true }).firings;
    expect(bursts.length).toBeLessThan(single.length);
    expect(single).toEqual(expect.arrayContaining([...bursts]));
    expect(new Set(bursts.map((row) => trace.columns.atMs[row])).size).toBe(bursts.length);
  });

  test('stay put where there is no further one', () => {
    expect(nextStop([3, 8], 3, 1)).toBe(8);
    expect(nextStop([3, 8], 8, 1)).toBe(8);
    expect(nextStop([3, 8], 8, -1)).toBe(3);
    expect(nextStop([3, 8], 2, -1)).toBe(2);
  });
});

describe('playback', () => {
  const start = (row: number): Playback => {
    const stops = findStops(trace, { byBurst: false });
    return new Playback(new TraceReader(trace), stops, { type: 'by-row', rowMs: 1 }, row);
  };

  test('steps on and back within the run', () => {
    const playback = start(0);
    playback.obey('step-back');
    expect(playback.row).toBe(0);
    playback.obey('step');
    expect(playback.row).toBe(1);
    playback.obey('end');
    playback.obey('step');
    expect(playback.row).toBe(trace.rowCount - 1);
  });

  test('jumps to the failure, and from behind it back to it', () => {
    const playback = start(0);
    playback.obey('next-failure');
    const failure = playback.row;
    expect(trace.columns.atMs[failure]).toBe(at('07:27'));
    playback.obey('end');
    playback.obey('next-failure');
    expect(playback.row).toBe(failure);
  });

  test('starts in range whatever row is asked for', () => {
    expect(start(1e9).row).toBe(trace.rowCount - 1);
    expect(start(-4).row).toBe(0);
  });

  test('seeks to the last fact of a moment', () => {
    const playback = start(0);
    playback.seekTime(at('07:20'));
    expect(trace.columns.atMs[playback.row]).toBeLessThanOrEqual(at('07:20'));
    expect(trace.columns.atMs[playback.row + 1]).toBeGreaterThan(at('07:20'));
  });
});

describe('the scrub bar', () => {
  const timeline = layoutTimeline(readFacts(trace), 440, 34);

  test('is proportional to time', () => {
    expect(timeAt(timeline, 0)).toBe(at('07:02'));
    expect(timeAt(timeline, 0.5)).toBe(at('07:24'));
    expect(timeAt(timeline, 7)).toBe(at('07:46'));
  });

  test('marks checkpoints and the failure where they were', () => {
    expect(timeline.failures).toHaveLength(1);
    expect(timeline.failures[0].x).toBeCloseTo((25 / 44) * 440, 5);
    expect(timeline.checkpoints[0]).toBe(100);
  });
});
