/**
 * Real flights as a stream: what a departures feed of 2001 would have received, in the order in
 * which the flights left. Event time is when a flight would have left with no delay; see
 * public/data/flights/PROVENANCE.md for what is recorded and what is derived.
 */
import { kafkaPartition } from '#engine';

const MINUTE_MS = 60_000;

/** Flights of one day as columns, in arrival order. Row `i` of each column is one flight. */
export interface Flights {
  readonly count: number;
  /** Midnight of the day on which they left, ms since 1970, local times read as UTC. */
  readonly epochMs: number;
  /** The codes that `origin` and `destination` index. */
  readonly airports: readonly string[];
  /** When the feed received the record, minutes after `epochMs`; never decreasing. */
  readonly arrivalMinutes: Uint16Array;
  /** Negative: ahead of time. Event time = arrival − delay. */
  readonly delayMinutes: Int16Array;
  readonly distanceMiles: Uint16Array;
  readonly origin: Uint8Array;
  readonly destination: Uint8Array;
}

/** What a flight's record carries. A `type`, so that it counts as plain JSON. */
export type FlightValue = {
  readonly origin: string;
  readonly destination: string;
  readonly delayMinutes: number;
  readonly distanceMiles: number;
};

/** A record of the feed: key = origin. `timestampMs` may lie after `arrivalMs` (ahead of time). */
export interface FlightRecord {
  readonly key: string;
  readonly value: FlightValue;
  readonly timestampMs: number;
  readonly arrivalMs: number;
}

/** A partitioned log of flights, ready to be one of a scenario's `logs`. */
export interface FlightsLog {
  readonly partitions: readonly (readonly FlightRecord[])[];
}

/** The record of row `index`, in `[0, flights.count)`. */
export function flightRecord(flights: Flights, index: number): FlightRecord {
  const arrivalMinutes = flights.arrivalMinutes[index];
  const delayMinutes = flights.delayMinutes[index];
  const distanceMiles = flights.distanceMiles[index];
  const origin = flights.airports[flights.origin[index] ?? -1];
  const destination = flights.airports[flights.destination[index] ?? -1];
  if (
    arrivalMinutes === undefined ||
    delayMinutes === undefined ||
    distanceMiles === undefined ||
    origin === undefined ||
    destination === undefined
  ) {
    throw new RangeError(
      `flight index must be a whole number in [0, ${flights.count}): got ${index}`,
    );
  }
  const arrivalMs = flights.epochMs + arrivalMinutes * MINUTE_MS;
  return {
    key: origin,
    value: { origin, destination, delayMinutes, distanceMiles },
    timestampMs: arrivalMs - delayMinutes * MINUTE_MS,
    arrivalMs,
  };
}

/** All records in arrival order. */
export function flightRecords(flights: Flights): FlightRecord[] {
  return Array.from({ length: flights.count }, (_, index) => flightRecord(flights, index));
}

/**
 * The flights as a log: each record goes to the partition that Kafka's default partitioner picks
 * for its origin, and each partition keeps the order of arrival.
 */
export function flightsLog(
  flights: Flights,
  options: { readonly partitions: number; readonly partitionBy: 'origin' },
): FlightsLog {
  const partitionOfAirport = flights.airports.map((code) =>
    kafkaPartition(code, options.partitions),
  );
  const partitions = Array.from({ length: options.partitions }, (): FlightRecord[] => []);
  for (let index = 0; index < flights.count; index++) {
    const partition = partitionOfAirport[flights.origin[index] ?? -1] ?? 0;
    partitions[partition]?.push(flightRecord(flights, index));
  }
  return { partitions };
}
