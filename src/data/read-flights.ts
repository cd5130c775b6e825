/** Flights in Node: for the build, the tests and the bench. Never import this from an island. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from './data-error.ts';
import { decodeFlights } from './decode-flights.ts';
import { parseFlightDays } from './flight-days.ts';
import type { Flights } from './flights.ts';
import { parseFlightsSummary } from './flights-summary.ts';
import type { FlightsSummary } from './flights-summary.ts';
import type { FlightsName } from './load-flights.ts';

// The build moves this module, so that only the working directory, the project's root, tells
// where the files are.
const FOLDER = join('public', 'data', 'flights');

/** The named flights. Throws `DataError` for what can't be read or doesn't decode. */
export function readFlights(name: FlightsName): Flights {
  return readFile(`${name}.bin`);
}

/** All 3,000,000, day by day, in the global order of arrival. */
export function* readAllFlights(): Generator<Flights, void, void> {
  const file = 'days/index.json';
  const { days } = parseFlightDays(new TextDecoder().decode(readBytes(file)), file);
  for (const { date } of days) yield readFile(`days/${date}.bin`);
}

/** What the script computed about the evening, the day and all flights. */
export function readFlightsSummary(): FlightsSummary {
  const file = 'summary.json';
  return parseFlightsSummary(new TextDecoder().decode(readBytes(file)), file);
}

/** The size and sha256 of a data file as it is served. */
export function describeFile(file: string): { readonly bytes: number; readonly sha256: string } {
  const bytes = readBytes(file);
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function readFile(file: string): Flights {
  return decodeFlights(readBytes(file), file);
}

function readBytes(file: string): Uint8Array {
  const path = join(FOLDER, file);
  try {
    return readFileSync(path);
  } catch (error) {
    throw new DataError({
      file: path,
      field: 'file',
      value: error instanceof Error ? error.message : `${error}`,
      expected: 'a readable file',
      remedy: 'Run in the project root, after: node tools/make-flights.mjs',
    });
  }
}
