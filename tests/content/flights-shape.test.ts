import { parquetReadObjects } from 'hyparquet';
import { asyncBufferFromFile } from 'hyparquet/src/node.js';
import { compressors } from 'hyparquet-compressors';
import { expect, test } from 'vitest';
import {
  BUSIEST_ORIGIN,
  DEPARTURES_BY_HOUR,
  DEPARTURE_COUNT,
} from '../../content/designs/live-departures-board/flights-shape.ts';

test('the shape of the day is what the recorded flights say', { timeout: 120_000 }, async () => {
  const file = await asyncBufferFromFile('node_modules/vega-datasets/data/flights-3m.parquet');
  const rows = await parquetReadObjects({ file, compressors, columns: ['date', 'origin'] });
  const byHour = new Array<number>(24).fill(0);
  const byOrigin = new Map<string, number>();
  for (const { date, origin } of rows) {
    const hour = (date as Date).getUTCHours();
    byHour[hour] = (byHour[hour] as number) + 1;
    byOrigin.set(origin, (byOrigin.get(origin) ?? 0) + 1);
  }
  const [busiest] = [...byOrigin].sort((a, b) => b[1] - a[1]);
  expect(rows).toHaveLength(DEPARTURE_COUNT);
  expect(byHour).toEqual([...DEPARTURES_BY_HOUR]);
  expect(busiest).toEqual([BUSIEST_ORIGIN.code, BUSIEST_ORIGIN.departureCount]);
});
