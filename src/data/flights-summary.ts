/** The numbers that tools/make-flights.mjs computed about its own output. */
import { DataError } from './data-error.ts';

export interface FlightsSummary {
  readonly evening: StretchSummary;
  readonly day: StretchSummary;
  readonly all: StretchSummary;
}

/** Shares are fractions; delays are whole minutes; times are local, `YYYY-MM-DDTHH:MM`. */
export interface StretchSummary {
  readonly count: number;
  readonly firstArrival: string;
  readonly lastArrival: string;
  readonly origins: number;
  readonly busiest: readonly (readonly [airport: string, count: number])[];
  readonly earlyCount: number;
  readonly earlyShare: number;
  readonly overAnHourShare: number;
  readonly delayMinutesMin: number;
  readonly delayMinutesMedian: number;
  readonly delayMinutesP90: number;
  readonly delayMinutesP99: number;
  readonly delayMinutesMax: number;
}

const NUMBERS = [
  'count',
  'origins',
  'earlyCount',
  'earlyShare',
  'overAnHourShare',
  'delayMinutesMin',
  'delayMinutesMedian',
  'delayMinutesP90',
  'delayMinutesP99',
  'delayMinutesMax',
] as const;

/** The checked summary in `text`. Throws `DataError`; `file` is the name that it reports. */
export function parseFlightsSummary(text: string, file: string): FlightsSummary {
  const reject = (field: string, value: unknown, expected: string): never => {
    throw new DataError({
      file,
      field,
      value: (JSON.stringify(value) ?? 'missing').slice(0, 60),
      expected,
      remedy: 'Make it again: node tools/make-flights.mjs --force',
    });
  };
  let summary: Readonly<Record<string, Partial<StretchSummary> | undefined>>;
  try {
    summary = Object(JSON.parse(text));
  } catch {
    return reject('summary', text, 'JSON');
  }
  for (const name of ['evening', 'day', 'all']) {
    const stretch = summary[name];
    for (const field of NUMBERS) {
      if (!Number.isFinite(stretch?.[field])) {
        reject(`${name}.${field}`, stretch?.[field], 'a number');
      }
    }
    for (const field of ['firstArrival', 'lastArrival'] as const) {
      if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(String(stretch?.[field]))) {
        reject(`${name}.${field}`, stretch?.[field], 'YYYY-MM-DDTHH:MM');
      }
    }
    if (!Array.isArray(stretch?.busiest)) reject(`${name}.busiest`, stretch?.busiest, 'a list');
  }
  return summary as unknown as FlightsSummary;
}
