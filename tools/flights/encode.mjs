/**
 * Writes a run of consecutive flights as one file: a line of JSON that says what follows, then the
 * columns, little-endian, one after the other. src/data/decode-flights.ts reads it.
 */
import { EPOCH_MS } from './read-source.mjs';

export const FORMAT = 'millrace-flights';
export const VERSION = 1;
const COLUMNS = [
  ['arrivalMinutes', 'u16'],
  ['delayMinutes', 'i16'],
  ['distanceMiles', 'u16'],
  ['origin', 'u8'],
  ['destination', 'u8'],
];
const DAY_MINUTES = 1440;
const MINUTE_MS = 60_000;

/** Rows `[start, end)` of the source; all must depart on one day. */
export function encodeFlights(source, { start, end }) {
  const day = Math.floor(source.departureMinutes[start] / DAY_MINUTES);
  if (Math.floor(source.departureMinutes[end - 1] / DAY_MINUTES) !== day) {
    throw new Error(`rows [${start}, ${end}) depart on more than one day: a file holds one day.`);
  }
  const { airports, indexOf } = localAirports(source, { start, end });
  const slice = (column) => column.subarray(start, end);
  const columns = [
    Uint16Array.from(slice(source.departureMinutes), (minute) => minute - day * DAY_MINUTES),
    Int16Array.from(slice(source.delayMinutes)),
    Uint16Array.from(slice(source.distanceMiles)),
    Uint8Array.from(slice(source.origin), (index) => indexOf[index]),
    Uint8Array.from(slice(source.destination), (index) => indexOf[index]),
  ];
  const body = Buffer.concat(columns.map((column) => Buffer.from(column.buffer)));
  const header = {
    format: FORMAT,
    version: VERSION,
    count: end - start,
    epochMs: EPOCH_MS + day * DAY_MINUTES * MINUTE_MS,
    columns: COLUMNS.map(([name, type]) => `${name}:${type}`),
    bytes: body.length,
    fnv1a: fnv1a(body),
    airports,
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]);
}

/** The airports that these rows use, in alphabetical order, and where each of the source's went. */
function localAirports(source, { start, end }) {
  const used = new Set();
  for (let row = start; row < end; row++) {
    used.add(source.origin[row]).add(source.destination[row]);
  }
  const airports = [...used].map((index) => source.airports[index]).sort();
  const place = new Map(airports.map((code, index) => [code, index]));
  return { airports, indexOf: source.airports.map((code) => place.get(code) ?? -1) };
}

/** FNV-1a over bytes, 32 bits, as 8 hex digits. It finds damage, not malice. */
export function fnv1a(bytes) {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
