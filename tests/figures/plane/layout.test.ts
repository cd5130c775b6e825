import { describe, expect, test } from 'vitest';
import { readFacts, type RunFacts } from '../../../src/figures/facts/run-facts.ts';
import { keyText, styleKeys } from '../../../src/figures/key-styles.ts';
import { labelColumns } from '../../../src/figures/plane/column-labels.ts';
import { layoutPlane, markNear, type PlaneLayout } from '../../../src/figures/plane/layout.ts';
import { momentAt } from '../../../src/figures/plane/moment.ts';
import { firstView } from '../../../src/figures/plane/view.ts';
import { amountsAt } from '../../../src/figures/plane/window-columns.ts';
import { clockText } from '../../../src/figures/time-text.ts';
import { at, runDepartures, SIXTEEN, type RunOptions } from '../departures.ts';

const SIZE = { width: 800, height: 600 };

function layOut(options: RunOptions, focus?: string) {
  const facts = readFacts(runDepartures(SIXTEEN, options));
  const styles = styleKeys(facts.keysByCount, 8);
  const focusKey = focus === undefined ? -1 : facts.trace.keys.indexOf(focus);
  const layout = layoutPlane(facts, SIZE, { view: firstView(facts), styles, focusKey });
  return { facts, styles, focusKey, layout };
}

function rowAt(facts: RunFacts, clock: string): number {
  return facts.trace.columns.atMs.findLastIndex((ms) => ms <= at(clock));
}

/** Columns after a moment: `07:00 ATL=2 ORD=3 on-time`. */
function columns({ facts, layout }: { facts: RunFacts; layout: PlaneLayout }, clock: string) {
  const row = rowAt(facts, clock);
  return momentAt(facts, layout, row).columns.map(({ column, moment }) => {
    const amounts = amountsAt(column, row).map(
      ({ key, amount }) => `${keyText(facts.trace.keys[key])}=${amount}`,
    );
    const start = clockText(column.startMs, 'minutes');
    return [
      start,
      ...amounts.toSorted(),
      moment.timing,
      ...(moment.isRepeat ? ['again'] : []),
    ].join(' ');
  });
}

describe('window columns', () => {
  test('fill until they fire, then freeze', () => {
    const run = layOut({ delayMinutes: 5 });
    expect(columns(run, '07:12')).toEqual(['07:00 ATL=2 DFW=1 ORD=2 open']);
    expect(columns(run, '07:26')).toEqual([
      '07:00 ATL=2 DFW=2 ORD=3 on-time',
      '07:15 ATL=2 DFW=1 open',
    ]);
  });

  test('freeze exactly where the watermark passes their end', () => {
    const { facts, layout } = layOut({ delayMinutes: 5 });
    const { columns } = momentAt(facts, layout, rowAt(facts, '07:40'));
    expect(columns[0].moment.topY).toBeCloseTo(layout.scales.y(at('07:25')), 1);
    expect(columns[0].column.x).toBeCloseTo(layout.scales.x(at('07:00')), 5);
  });

  test('get a late part on top when a late record changes them', () => {
    const run = layOut({ delayMinutes: 5, latenessMinutes: 30 });
    expect(columns(run, '07:35')[0]).toBe('07:00 ATL=3 DFW=2 ORD=3 late');
    const { moment } = momentAt(run.facts, run.layout, rowAt(run.facts, '07:35')).columns[0];
    expect(moment.parts.map(({ timing }) => timing)).toEqual(['on-time', 'late']);
    expect(moment.parts[1].y + moment.parts[1].height).toBeCloseTo(moment.parts[0].y, 5);
  });

  test('say so when they fire again after a failure', () => {
    const run = layOut({ delayMinutes: 5, checkpointMinutes: 10, crashAt: '07:27' });
    expect(columns(run, '07:28')[0]).toBe('07:00 ATL=2 DFW=2 ORD=3 on-time again');
  });

  test('show only the key in focus', () => {
    const run = layOut({ delayMinutes: 5 }, 'DFW');
    expect(columns(run, '07:26')).toEqual(['07:00 DFW=2 on-time', '07:15 DFW=1 open']);
    expect(run.layout.marks).toHaveLength(4);
  });

  test('carry their keys’ values as labels, within the plot', () => {
    const { facts, layout, styles, focusKey } = layOut({ delayMinutes: 5 });
    const moment = momentAt(facts, layout, rowAt(facts, '07:46'));
    const labels = labelColumns(layout, moment, styles, focusKey);
    expect(labels[0].lines.map(({ text }) => text)).toEqual(['3', '2', '2']);
    for (const { y, lines } of labels) {
      expect(y + lines[lines.length - 1].dy).toBeLessThanOrEqual(layout.plot.bottom);
    }
  });
});

describe('records', () => {
  test('stand at their two times', () => {
    const { layout } = layOut({ delayMinutes: 5 });
    const late = layout.marks.find(({ look }) => look === 'dropped');
    expect(late?.x).toBeCloseTo(layout.scales.x(at('07:03')), 5);
    expect(late?.y).toBeCloseTo(layout.scales.y(at('07:34')), 5);
  });

  test('are found near a pointer, and not far from it', () => {
    const { layout } = layOut({ delayMinutes: 5 });
    const [{ x, y, record }] = layout.marks;
    expect(markNear(layout, x + 2, y - 2, 12)?.record).toBe(record);
    expect(markNear(layout, x - 40, y + 40, 12)).toBeUndefined();
  });

  test('that are late have a stem down to the diagonal', () => {
    expect(layOut({ delayMinutes: 5 }).layout.stems).not.toBe('');
    expect(layOut({ delayMinutes: 60 }).layout.stems).toBe('');
  });
});

describe('the now line', () => {
  test('rises with processing time and measures the skew', () => {
    const { facts, layout } = layOut({ delayMinutes: 5 });
    const early = momentAt(facts, layout, rowAt(facts, '07:12'));
    const later = momentAt(facts, layout, rowAt(facts, '07:29'));
    expect(later.nowY).toBeLessThan(early.nowY);
    // 07:29 less the watermark 07:18:59.999.
    expect(later.skew?.text).toBe('10 min behind');
    expect(later.skew?.toX).toBeCloseTo(layout.scales.x(at('07:29')), 5);
  });
});

test('a failure is a tear that hides nothing of the replay after it', () => {
  const { facts, layout } = layOut({ delayMinutes: 5, checkpointMinutes: 10, crashAt: '07:27' });
  const [tear] = layout.tears;
  expect(tear.text).toBe('task manager 1 failed · back to checkpoint 2');
  const replays = layout.marks.filter(({ record }) => record.isReplay);
  expect(replays.length).toBe(facts.records.filter(({ isReplay }) => isReplay).length);
  for (const { y } of replays) expect(y).toBeLessThanOrEqual(tear.topY);
  expect(tear.bottomY - tear.topY).toBeGreaterThanOrEqual(11);
  expect(tear.rewound.y + tear.rewound.height).toBeCloseTo(layout.scales.y(at('07:22')), 5);
});

test('no number in a layout is missing', () => {
  const { layout } = layOut({ delayMinutes: 5, checkpointMinutes: 10, crashAt: '07:27' });
  expect(JSON.stringify(layout)).not.toContain('NaN');
});
