import { KIND } from '#engine';
import { describe, expect, test } from 'vitest';
import { readFacts, type RunFacts } from '../../../src/figures/facts/run-facts.ts';
import { watermarkAt } from '../../../src/figures/facts/watermark-facts.ts';
import { keyText } from '../../../src/figures/key-styles.ts';
import { clockText } from '../../../src/figures/time-text.ts';
import { at, runDepartures, SIXTEEN } from '../departures.ts';

const clock = (ms: number): string => clockText(ms, 'minutes');

function records({ records, trace }: RunFacts): readonly string[] {
  return records.map(({ key, eventMs, atMs, lateness, isReplay }) =>
    [
      keyText(trace.keys[key]),
      `${clock(eventMs)}>${clock(atMs)}`,
      ...(lateness === 'none' ? [] : [lateness]),
      ...(isReplay ? ['again'] : []),
    ].join(' '),
  );
}

function firings({ windows, trace }: RunFacts): readonly string[] {
  return windows.flatMap(({ startMs, firings }) =>
    firings.map(
      ({ key, atMs, timing, amount }) =>
        `${clock(startMs)} ${keyText(trace.keys[key])}=${amount} at ${clock(atMs)} ${timing}`,
    ),
  );
}

describe('the facts of a run', () => {
  test('hold every reading with its key, and mark what was dropped', () => {
    const facts = readFacts(runDepartures(SIXTEEN, { delayMinutes: 5 }));
    expect(records(facts)).toHaveLength(16);
    expect(records(facts)[0]).toBe('ATL 07:01>07:02');
    expect(records(facts).filter((text) => text.includes('dropped'))).toEqual([
      'ATL 07:03>07:34 dropped',
    ]);
  });

  test('mark a late record that still changed a result as counted', () => {
    const trace = runDepartures(SIXTEEN, { delayMinutes: 5, latenessMinutes: 30 });
    expect(records(readFacts(trace)).filter((text) => text.includes('counted'))).toEqual([
      'ATL 07:03>07:34 counted',
    ]);
  });

  test('hold the firings of each window with their timing', () => {
    const trace = runDepartures(SIXTEEN, { delayMinutes: 5, latenessMinutes: 30 });
    expect(firings(readFacts(trace)).slice(0, 4).toSorted()).toEqual([
      '07:00 ATL=2 at 07:25 on-time',
      '07:00 ATL=3 at 07:34 late',
      '07:00 DFW=2 at 07:25 on-time',
      '07:00 ORD=3 at 07:25 on-time',
    ]);
  });

  test('follow a failure: what is read again, and since when work was lost', () => {
    const options = { delayMinutes: 5, checkpointMinutes: 10, crashAt: '07:27' };
    const facts = readFacts(runDepartures(SIXTEEN, options));
    expect(facts.failures).toHaveLength(1);
    expect(facts.failures[0]).toMatchObject({
      atMs: at('07:27'),
      reason: 'task manager 1 failed',
      checkpointId: 2,
      rewoundToMs: at('07:22'),
    });
    expect(records(facts).filter((text) => text.includes('again'))).toEqual([
      'ATL 07:24>07:27 again',
      'DFW 07:22>07:27 again',
    ]);
  });

  test('take a restored window back to what its snapshot held', () => {
    const options = { delayMinutes: 60, checkpointMinutes: 10, crashAt: '07:27' };
    const { windows } = readFacts(runDepartures(SIXTEEN, options));
    const changes = windows.flatMap((window) => window.changes);
    expect(changes.some(({ before, after }) => after < before)).toBe(true);
    for (const { startMs, changes: own } of windows) {
      const total = own.reduce((sum, { before, after }) => sum + after - before, 0);
      expect(total).toBe(startMs === at('07:00') ? 8 : startMs === at('07:15') ? 4 : 4);
    }
  });

  test('count keys without counting what was read again', () => {
    const options = { delayMinutes: 5, checkpointMinutes: 10, crashAt: '07:27' };
    const facts = readFacts(runDepartures(SIXTEEN, options));
    const counts = facts.keysByCount.map(
      ({ key, recordCount }) => `${keyText(facts.trace.keys[key])} ${recordCount}`,
    );
    expect(counts).toEqual(['ATL 6', 'ORD 6', 'DFW 4']);
  });
});

describe('the watermark', () => {
  test('is the smaller of the two partitions, less the delay and a millisecond', () => {
    const facts = readFacts(runDepartures(SIXTEEN, { delayMinutes: 5 }));
    const row = facts.trace.columns.atMs.findLastIndex((ms) => ms <= at('07:30'));
    const point = watermarkAt(facts.watermarks.merged, row, at('07:30'));
    // By then: partition 0 has seen 07:24, partition 1 07:26.
    expect(point?.watermarkMs).toBe(at('07:19') - 1);
  });

  test('waits for the slower of the subtasks', () => {
    const { trace, focal, watermarks } = readFacts(runDepartures(SIXTEEN, { delayMinutes: 5 }));
    const { kind, subtask, a, atMs } = trace.columns;
    const advanced = kind.indexOf(KIND['watermark-advanced']);
    const follower = kind.findIndex(
      (other, row) => other === KIND['watermark-advanced'] && subtask[row] !== subtask[advanced],
    );
    expect(focal).toContain(subtask[follower]);
    expect(watermarkAt(watermarks.merged, advanced, atMs[advanced])).toBeUndefined();
    expect(watermarkAt(watermarks.merged, follower, atMs[follower])?.watermarkMs).toBe(a[follower]);
  });

  test('does not reach across a failure', () => {
    const options = { delayMinutes: 5, checkpointMinutes: 10, crashAt: '07:27' };
    const facts = readFacts(runDepartures(SIXTEEN, options));
    expect(facts.watermarks.merged).toHaveLength(2);
    expect(facts.watermarks.merged[0].endMs).toBe(at('07:27'));
  });

  test('is unknown before the first one', () => {
    const facts = readFacts(runDepartures(SIXTEEN, { delayMinutes: 5 }));
    expect(watermarkAt(facts.watermarks.merged, 0, at('07:02'))).toBeUndefined();
  });
});
