/**
 * Reads the files that tools/make-flights.mjs writes: a line of JSON, then the columns. Everything
 * is checked before anyone computes with it.
 */
import { DataError } from './data-error.ts';
import type { Flights } from './flights.ts';

const FORMAT = 'millrace-flights';
const VERSION = 1;
const BYTES_PER_FLIGHT = 8;
const FLIGHT_COUNT_MAX = 100_000;
const HEADER_BYTES_MAX = 16_384;
const MINUTE_OF_DAY_MAX = 1439;
const DELAY_MINUTES_MAX = 2880;
const DISTANCE_MILES_MAX = 6000;
const COLUMNS = 'arrivalMinutes:u16,delayMinutes:i16,distanceMiles:u16,origin:u8,destination:u8';

interface Header {
  readonly count: number;
  readonly epochMs: number;
  readonly airports: readonly string[];
  readonly fnv1a: string;
}

type Reject = (field: string, value: unknown, expected: string) => never;

/** The columns in `bytes`. Throws `DataError`; `file` is the name that it reports. */
export function decodeFlights(bytes: Uint8Array, file: string): Flights {
  const reject: Reject = (field, value, expected) => {
    throw new DataError({
      file,
      field,
      value: shorten(value),
      expected,
      remedy: 'Load it again; if it stays so, make it again: node tools/make-flights.mjs --force',
    });
  };
  const bodyAt = endOfHeader(bytes, reject);
  const header = parseHeader(bytes.subarray(0, bodyAt - 1), reject);
  // A copy, because columns of two bytes must start at an even offset of their buffer. Not slice():
  // that of Node's Buffer copies nothing.
  const body = new Uint8Array(bytes.subarray(bodyAt));
  checkBody(body, header, reject);

  const { count, epochMs, airports } = header;
  // All platforms that run JavaScript engines of today are little-endian, as the file is.
  const flights: Flights = {
    count,
    epochMs,
    airports,
    arrivalMinutes: new Uint16Array(body.buffer, 0, count),
    delayMinutes: new Int16Array(body.buffer, 2 * count, count),
    distanceMiles: new Uint16Array(body.buffer, 4 * count, count),
    origin: new Uint8Array(body.buffer, 6 * count, count),
    destination: new Uint8Array(body.buffer, 7 * count, count),
  };
  checkColumns(flights, reject);
  return flights;
}

function endOfHeader(bytes: Uint8Array, reject: Reject): number {
  const newlineAt = bytes.subarray(0, HEADER_BYTES_MAX).indexOf(0x0a);
  if (newlineAt < 0) {
    reject('header', firstCharacters(bytes), `a line of JSON within ${HEADER_BYTES_MAX} bytes`);
  }
  return newlineAt + 1;
}

function parseHeader(bytes: Uint8Array, reject: Reject): Header {
  const text = new TextDecoder().decode(bytes);
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    reject('header', text, 'a line of JSON');
  }
  if (typeof header !== 'object' || header === null) reject('header', text, 'a JSON object');
  const field = (name: string): unknown => (header as Readonly<Record<string, unknown>>)[name];
  const check = (name: string, isRight: boolean, expected: string): void => {
    if (!isRight) reject(name, field(name), expected);
  };
  const {
    count,
    epochMs,
    airports,
    columns,
    bytes: bodyBytes,
    fnv1a: sum,
  } = header as Header & {
    readonly columns: unknown;
    readonly bytes: unknown;
  };
  check('format', field('format') === FORMAT, FORMAT);
  check('version', field('version') === VERSION, `${VERSION}`);
  check(
    'count',
    Number.isInteger(count) && count >= 1 && count <= FLIGHT_COUNT_MAX,
    `a whole number from 1 to ${FLIGHT_COUNT_MAX}`,
  );
  check('epochMs', Number.isSafeInteger(epochMs) && epochMs >= 0, 'ms since 1970, not negative');
  check('columns', String(columns) === COLUMNS, COLUMNS);
  check('bytes', bodyBytes === count * BYTES_PER_FLIGHT, `${count * BYTES_PER_FLIGHT}`);
  check('fnv1a', /^[0-9a-f]{8}$/.test(String(sum)), '8 hex digits');
  check('airports', isAirportTable(airports), 'at most 256 different codes of three letters');
  return { count, epochMs, airports, fnv1a: sum };
}

function isAirportTable(airports: unknown): airports is readonly string[] {
  return (
    Array.isArray(airports) &&
    airports.length <= 256 &&
    new Set(airports).size === airports.length &&
    airports.every((code) => typeof code === 'string' && /^[A-Z]{3}$/.test(code))
  );
}

function checkBody(body: Uint8Array, header: Header, reject: Reject): void {
  const expectedBytes = header.count * BYTES_PER_FLIGHT;
  if (body.length !== expectedBytes) {
    const short = body.length < expectedBytes ? ' (cut short)' : ' (too long)';
    reject('body', `${body.length} bytes${short}`, `${expectedBytes} bytes`);
  }
  const sum = fnv1a(body);
  if (sum !== header.fnv1a) reject('body checksum', sum, `${header.fnv1a} (bytes were changed)`);
}

function checkColumns(flights: Flights, reject: Reject): void {
  const { count, airports, arrivalMinutes, delayMinutes, distanceMiles } = flights;
  for (let index = 0; index < count; index++) {
    const arrival = arrivalMinutes[index] ?? 0;
    const previous = index === 0 ? 0 : (arrivalMinutes[index - 1] ?? 0);
    if (arrival < previous || arrival > MINUTE_OF_DAY_MAX) {
      const range = `from ${previous} (arrival order) to ${MINUTE_OF_DAY_MAX}`;
      reject(`arrivalMinutes[${index}]`, arrival, range);
    }
    const delay = delayMinutes[index] ?? 0;
    if (Math.abs(delay) > DELAY_MINUTES_MAX) {
      reject(`delayMinutes[${index}]`, delay, `at most ${DELAY_MINUTES_MAX} either way`);
    }
    const miles = distanceMiles[index] ?? 0;
    if (miles < 1 || miles > DISTANCE_MILES_MAX) {
      reject(`distanceMiles[${index}]`, miles, `from 1 to ${DISTANCE_MILES_MAX}`);
    }
    for (const column of ['origin', 'destination'] as const) {
      const airport = flights[column][index] ?? 0;
      if (airport >= airports.length) {
        reject(`${column}[${index}]`, airport, `an index below ${airports.length}`);
      }
    }
  }
}

/** FNV-1a over bytes, 32 bits, as 8 hex digits. It finds damage, not malice. */
function fnv1a(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

function firstCharacters(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 40));
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? 'missing');
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
