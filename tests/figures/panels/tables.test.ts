import { TraceReader } from '#engine';
import { describe, expect, test } from 'vitest';
import { readFacts } from '../../../src/figures/facts/run-facts.ts';
import { shortText } from '../../../src/figures/json-text.ts';
import { factsRows, summaryText } from '../../../src/figures/panels/facts-rows.ts';
import { recordText } from '../../../src/figures/panels/record-text.ts';
import { sinkTables } from '../../../src/figures/panels/sink-rows.ts';
import { stateTable } from '../../../src/figures/panels/state-rows.ts';
import { at, runDepartures, SIXTEEN } from '../departures.ts';

const trace = runDepartures(SIXTEEN, { delayMinutes: 5, checkpointMinutes: 10, crashAt: '07:27' });
const reader = new TraceReader(trace);
const facts = readFacts(trace);

describe('the facts table', () => {
  test('says of each window what it held and when it fired', () => {
    const [first] = factsRows(facts, -1, 'minutes');
    expect(first).toMatchObject({ window: '07:00–07:15', keyCount: 3, value: '7' });
    expect(first.fired).toBe('07:25 on time, 07:27 on time');
    expect(trace.columns.atMs[first.firingRow]).toBe(at('07:25'));
  });

  test('sums the run up', () => {
    expect(summaryText(facts, 'minutes')).toBe(
      '16 records of 3 keys, 1 dropped as too late, 3 windows, 4 checkpoints, ' +
        'task manager 1 failed at 07:27, 2 records read again.',
    );
  });
});

test('a record is said with both of its times', () => {
  const dropped = facts.records.find(({ lateness }) => lateness === 'dropped');
  expect(recordText(facts, dropped?.row ?? -1, 'minutes')).toBe(
    'ATL · happened 07:03, seen 07:34 · 31 min later',
  );
});

describe('the state table', () => {
  const options = { precision: 'minutes', focusKey: -1, rowsMax: 9, valueText: shortText } as const;
  const tableAt = (clock: string, rowsMax = 9) => {
    const frame = reader.frameAt(reader.rowAtTime(at(clock)));
    return facts.focal.map((subtask) => stateTable(trace, frame, subtask, { ...options, rowsMax }));
  };

  test('lists what each subtask holds, the newest first', () => {
    const names = tableAt('07:13').flatMap(({ rows }) =>
      rows.map(({ name, value }) => `${name} ${value}`),
    );
    expect(names.toSorted()).toEqual(['07:00–07:15 1', '07:00–07:15 2', '07:00–07:15 2']);
    for (const { rows } of tableAt('07:13')) {
      const written = rows.map(({ writtenRow }) => writtenRow);
      expect(written).toEqual(written.toSorted((p, q) => q - p));
    }
  });

  test('says how many entries it leaves out', () => {
    const [one, other] = tableAt('07:13', 0);
    expect(one.hiddenCount + other.hiddenCount).toBe(3);
  });

  test('has no watermark to show before the first', () => {
    expect(tableAt('07:02')[0].watermark).toBe('none yet');
    expect(tableAt('07:13')[0].watermark).toMatch(/^\d\d:\d\d:59\.999$/);
  });
});

describe('the sink table', () => {
  const tableAt = (row: number) =>
    sinkTables(trace, reader.frameAt(row), {
      rowsMax: 4,
      valueText: shortText,
      focusKey: undefined,
    })[0];

  test('is empty before the first firing', () => {
    expect(tableAt(0)).toMatchObject({ name: 'board', writeCount: 0, rows: [] });
  });

  test('strikes out what a later write replaced', () => {
    const table = tableAt(trace.rowCount - 1);
    expect(table.rows).toHaveLength(4);
    expect(table.visibleCount).toBeLessThan(table.writeCount);
    expect(table.rows[0].isReplaced).toBe(false);
    expect(table.rows.some(({ isReplaced }) => isReplaced)).toBe(true);
  });
});

test('a sink row does not say again what its key says', () => {
  const endMs = Date.UTC(2001, 5, 22, 7, 15);
  const value = { origin: 'ORD', endMs, flights: 3 };
  const write = { row: 0, key: ['ORD', endMs, 3], value, transaction: -1 };
  const frame = reader.frameAt(0);
  const sinks = [{ ...frame.sinks[0], writes: [write] }];
  const options = { rowsMax: 4, valueText: shortText, focusKey: undefined };
  const [table] = sinkTables(trace, { ...frame, sinks } as typeof frame, options);
  expect(table.rows[0]).toMatchObject({ key: 'ORD · 07:15 · 3', value: 'flights: 3' });
});

test.each([
  [{ origin: 'ORD', count: 3 }, 'origin: ORD, count: 3'],
  [['ORD', Date.UTC(2001, 5, 22, 7, 15)], '[ORD, 07:15]'],
  [null, 'null'],
  ['x'.repeat(80), `${'x'.repeat(59)}…`],
])('%j is written short', (value, text) => {
  expect(shortText(value)).toBe(text);
});
