/** Reads the 3,000,000 flights of vega-datasets into columns, and refuses any other file. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

export const SOURCE_FILE = 'node_modules/vega-datasets/data/flights-3m.parquet';
/** The hash that the package's datapackage.json states: git's, sha1 over a `blob` header too. */
export const SOURCE_SHA1 = '9c4e0b480a1a60954a7e5c6bcc43e1c91a73caaa';
export const FLIGHT_COUNT = 3_000_000;
export const EPOCH_MS = Date.UTC(2001, 0, 1);

const MINUTE_MS = 60_000;

/** The source's bytes, after a check that they are the ones everything here is computed from. */
export async function readSourceBytes(path) {
  const bytes = await readFile(path).catch((error) => {
    throw new Error(`${path}: cannot be read (${error.code}). Run npm ci, then try again.`);
  });
  const sha1 = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  if (sha1 !== SOURCE_SHA1) {
    throw new Error(
      `${path}: git sha1 is ${sha1}, expected ${SOURCE_SHA1}. ` +
        'Install vega-datasets 3.2.1 again (npm ci); another version means new committed files.',
    );
  }
  return bytes;
}

/**
 * The flights as columns, in the source's order, which is the order of departure.
 * `departureMinutes` counts from `EPOCH_MS`; `origin` and `destination` index `airports`.
 */
export async function readFlightColumns(bytes) {
  const columns = {
    departureMinutes: new Int32Array(FLIGHT_COUNT),
    delayMinutes: new Int16Array(FLIGHT_COUNT),
    distanceMiles: new Uint16Array(FLIGHT_COUNT),
    origin: new Uint8Array(FLIGHT_COUNT),
    destination: new Uint8Array(FLIGHT_COUNT),
  };
  const airportIndex = new Map();
  const indexOf = (code) => {
    const known = airportIndex.get(code);
    if (known !== undefined) return known;
    airportIndex.set(code, airportIndex.size);
    return airportIndex.size - 1;
  };
  const fill = {
    date: (row, value) => (columns.departureMinutes[row] = (value - EPOCH_MS) / MINUTE_MS),
    delay: (row, value) => (columns.delayMinutes[row] = Number(value)),
    distance: (row, value) => (columns.distanceMiles[row] = Number(value)),
    origin: (row, value) => (columns.origin[row] = indexOf(value)),
    destination: (row, value) => (columns.destination[row] = indexOf(value)),
  };
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  await parquetRead({
    file,
    compressors,
    onChunk({ columnName, columnData, rowStart }) {
      const put = fill[columnName];
      for (let i = 0; i < columnData.length; i++) put(rowStart + i, columnData[i]);
    },
  });
  assertDepartureOrder(columns.departureMinutes);
  return { ...columns, airports: [...airportIndex.keys()] };
}

function assertDepartureOrder(departureMinutes) {
  for (let row = 1; row < departureMinutes.length; row++) {
    if (departureMinutes[row] < departureMinutes[row - 1]) {
      throw new Error(
        `row ${row}: departs at minute ${departureMinutes[row]}, before the row above it ` +
          `(${departureMinutes[row - 1]}). Sort the source: the day files rely on its order.`,
      );
    }
  }
}

/** The first row that departs at `minute` or later. */
export function lowerBound(departureMinutes, minute) {
  let low = 0;
  let high = departureMinutes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (departureMinutes[middle] < minute) low = middle + 1;
    else high = middle;
  }
  return low;
}
