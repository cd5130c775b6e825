/** The 3,000,000 flights of vega-datasets as records, in the order in which they left. */
import {
  EPOCH_MS,
  SOURCE_FILE,
  readFlightColumns,
  readSourceBytes,
} from '../../tools/flights/read-source.mjs';

const MINUTE_MS = 60_000;
const ROOT = new URL('../../', import.meta.url);

/** A flight as an engineer would write it by hand: `ts` is when it should have left. */
export interface FlightRow {
  readonly ts: number;
  readonly key: string;
  readonly delayMinutes: number;
}

/** The same flights as columns, times in minutes after `startMs`; none is negative. */
export interface FlightColumns {
  readonly startMs: number;
  readonly airports: readonly string[];
  readonly departureMinutes: Int32Array;
  readonly timestampMinutes: Int32Array;
  readonly delayMinutes: Int16Array;
  readonly origin: Uint8Array;
}

/** Times start this long before the first flight left: some should have left days earlier. */
const LEAD_MINUTES = 4 * 1440;

/** The first `count` flights. */
export async function readFlights(count: number): Promise<FlightColumns> {
  const source = await readFlightColumns(
    await readSourceBytes(new URL(SOURCE_FILE, ROOT).pathname),
  );
  const departureMinutes = source.departureMinutes
    .slice(0, count)
    .map((minutes: number) => minutes + LEAD_MINUTES);
  const delayMinutes = source.delayMinutes.slice(0, count);
  return {
    startMs: EPOCH_MS - LEAD_MINUTES * MINUTE_MS,
    airports: source.airports as string[],
    departureMinutes,
    timestampMinutes: departureMinutes.map(
      (minutes: number, i: number) => minutes - delayMinutes[i],
    ),
    delayMinutes,
    origin: source.origin.slice(0, count),
  };
}

/** One object a flight, with times since 1970. */
export function toFlightRows(columns: FlightColumns): FlightRow[] {
  const { startMs, airports, timestampMinutes, delayMinutes, origin } = columns;
  return Array.from(timestampMinutes, (minutes, i) => ({
    ts: startMs + minutes * MINUTE_MS,
    key: airports[origin[i]],
    delayMinutes: delayMinutes[i],
  }));
}
