import { KIND } from '#engine';
import { expect, test } from 'vitest';
import { runDepartures, SIXTEEN } from '../../figures/departures.ts';

test('a split’s watermark is caused by the record that raised it, not by the newest one', () => {
  const { rowCount, columns } = runDepartures(SIXTEEN, { delayMinutes: 5 });
  const raised = Array.from({ length: rowCount }, (_, row) => row).filter(
    (row) => columns.kind[row] === KIND['split-watermark'],
  );
  expect(raised.length).toBeGreaterThan(5);
  for (const row of raised) {
    const { cause, a } = columns;
    expect(a[cause[row]] - 5 * 60_000 - 1).toBe(a[row]);
  }
});

test('a late record that comes just before the watermark moves is not its cause', () => {
  const { columns } = runDepartures(['ATL 10>11, ATL 1>11, ATL 20>21'], { delayMinutes: 5 });
  const first = columns.kind.indexOf(KIND['split-watermark']);
  expect(columns.b[columns.cause[first]]).toBe(0);
});
