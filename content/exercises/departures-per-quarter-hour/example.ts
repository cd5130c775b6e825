import type { ExerciseExample } from '../exercise-example.ts';
import { VISIBLE_PARTITIONS } from './flights.ts';

const QUARTER_HOUR_MS = 15 * 60_000;

const clock = (timeMs: number): string => new Date(timeMs).toISOString().slice(11, 16);

/** The board that the example must end with, counted without any stream. */
function countDepartures(): readonly (readonly string[])[] {
  const flights = new Map<string, number>();
  for (const { value, timestampMs } of VISIBLE_PARTITIONS.flat()) {
    const startMs = Math.floor((timestampMs ?? 0) / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
    const line = `${clock(startMs)}–${clock(startMs + QUARTER_HOUR_MS)} ${value.origin}`;
    flights.set(line, (flights.get(line) ?? 0) + 1);
  }
  return [...flights].sort().map(([line, count]) => [...line.split(' '), String(count)]);
}

/** Shown beside the editor until something has run. */
export const example: ExerciseExample = {
  caption: `The example: ${VISIBLE_PARTITIONS.flat().length} flights, and the board in the end`,
  columns: ['Quarter hour', 'Airport', 'Flights'],
  rows: countDepartures(),
};
