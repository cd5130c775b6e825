/** The index of the day files that together hold all 3,000,000 flights. */
import { DataError } from './data-error.ts';

const FORMAT = 'millrace-flight-days';

export interface FlightDays {
  /** Flights in all days together. */
  readonly count: number;
  /** By date. Read in this order, the days give the global order of arrival. */
  readonly days: readonly FlightDay[];
}

export interface FlightDay {
  /** `YYYY-MM-DD`, the day on which the flights left. */
  readonly date: string;
  readonly count: number;
  readonly bytes: number;
}

/** The checked index in `text`. Throws `DataError`; `file` is the name that it reports. */
export function parseFlightDays(text: string, file: string): FlightDays {
  const reject = (field: string, value: unknown, expected: string): never => {
    throw new DataError({
      file,
      field,
      value: (JSON.stringify(value) ?? 'missing').slice(0, 60),
      expected,
      remedy: 'Make it again: node tools/make-flights.mjs --force',
    });
  };
  let index: Partial<FlightDays & { readonly format: unknown; readonly version: unknown }>;
  try {
    index = Object(JSON.parse(text));
  } catch {
    return reject('index', text, 'JSON');
  }
  if (index.format !== FORMAT) reject('format', index.format, FORMAT);
  if (index.version !== 1) reject('version', index.version, '1');
  const { count, days } = index;
  if (!Array.isArray(days)) return reject('days', days, 'a list');
  days.forEach((day: Partial<FlightDay> | null, i) => {
    const isRight =
      /^\d{4}-\d\d-\d\d$/.test(String(day?.date)) &&
      Number.isInteger(day?.count) &&
      Number.isInteger(day?.bytes) &&
      (i === 0 || String(day?.date) > String(days[i - 1]?.date));
    if (!isRight) reject(`days[${i}]`, day, 'a date after the one before it, a count and bytes');
  });
  const sum = days.reduce((total: number, day: FlightDay) => total + day.count, 0);
  if (count !== sum) return reject('count', count, `${sum}, the sum over the days`);
  return { count: sum, days };
}
