/** Flights in the browser: fetched when asked for, checked, decoded. */
import { DataError } from './data-error.ts';
import { decodeFlights } from './decode-flights.ts';
import { parseFlightDays } from './flight-days.ts';
import type { FlightDays } from './flight-days.ts';
import type { Flights } from './flights.ts';

/** `evening`: 2,000 flights, 17 kB. `day`: the whole day around it, 134 kB. */
export type FlightsName = 'evening' | 'day';

/** The named flights. Throws `DataError` for what can't be fetched or doesn't decode. */
export async function loadFlights(name: FlightsName): Promise<Flights> {
  return fetchFlights(`${name}.bin`);
}

/** Which days there are, with their counts and sizes: what a page shows before it asks for all. */
export async function loadFlightDays(): Promise<FlightDays> {
  const file = 'days/index.json';
  return parseFlightDays(await (await fetchData(file)).text(), file);
}

/** All flights, day by day, in the global order of arrival; a day is fetched when asked for. */
export async function* loadAllFlights(days: FlightDays): AsyncGenerator<Flights, void, void> {
  for (const { date } of days.days) yield await fetchFlights(`days/${date}.bin`);
}

async function fetchFlights(file: string): Promise<Flights> {
  const response = await fetchData(file);
  return decodeFlights(new Uint8Array(await response.arrayBuffer()), file);
}

async function fetchData(file: string): Promise<Response> {
  const base = import.meta.env.BASE_URL.replace(/\/$/, '');
  const url = `${base}/data/flights/${file}`;
  const fail = (field: string, value: string, expected: string): never => {
    const remedy = file.startsWith('days/')
      ? 'The days are made by npm start (node tools/make-flights.mjs); then reload the page.'
      : 'Check the connection, then reload the page.';
    throw new DataError({ file, field, value, expected, remedy });
  };
  const response = await fetch(url).catch((error: unknown) => fail('fetch', `${error}`, 'a reply'));
  if (!response.ok) fail('HTTP status', `${response.status}`, '200');
  return response;
}
