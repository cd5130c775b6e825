/** Feeds drawn from a seed: the same seed gives the same flights in the same order. */
import { type LogRecord, minutes, Random } from '#engine';
import { EVENING_MS, type Flight, flightRecord } from './flights.ts';

const AIRPORTS = ['ORD', 'PHX', 'DFW', 'ATL', 'LAX', 'MDW'] as const;
const MILES_MAX = 2_000;

export interface OrderOptions {
  readonly flightCount: number;
  readonly partitionCount: number;
  readonly airportCount: number;
  /** Minutes within which all flights fall. */
  readonly spanMinutes: number;
  /** Of so many flights, one comes half an hour late or later; 0: none does. */
  readonly lateOneIn: number;
}

type Partitions = readonly (readonly LogRecord<Flight>[])[];

/**
 * Flights that arrive up to 5 minutes before or after their event time, so that none is more than
 * 10 minutes out of order: with that watermark delay, none is late unless it is asked for.
 */
export function arrivalOrder(seed: number, options: OrderOptions): Partitions {
  const random = new Random(seed);
  const partitions = Array.from({ length: options.partitionCount }, (): LogRecord<Flight>[] => []);
  for (let index = 0; index < options.flightCount; index += 1) {
    const airport = random.below(options.airportCount);
    const isLate = options.lateOneIn > 0 && random.chance(1 / options.lateOneIn);
    const eventMinutes = random.below(options.spanMinutes);
    const delayMinutes = isLate ? random.between(30, 60) : random.between(-5, 5);
    const record = flightRecord({
      leftMinutes: eventMinutes + delayMinutes,
      delayMinutes,
      origin: AIRPORTS[airport] ?? AIRPORTS[0],
      destination: 'DEN',
      distanceMiles: random.between(100, MILES_MAX),
    });
    partitions[airport % options.partitionCount]?.push(record);
  }
  return partitions.map(byArrival);
}

/** Three flights on time, one that ends their quarter hour, and a fourth, 40 minutes late. */
export function oneLateFlight(): Partitions {
  const chicago = (leftMinutes: number, delayMinutes: number): LogRecord<Flight> =>
    flightRecord({
      leftMinutes,
      delayMinutes,
      origin: 'ORD',
      destination: 'DEN',
      distanceMiles: 888,
    });
  return [[chicago(3, 1), chicago(6, 0), chicago(9, 2), chicago(31, 0), chicago(50, 40)]];
}

/** A flight that moves the watermark of its partition far enough to end all windows before it. */
export function closingFlight(partitions: Partitions): LogRecord<Flight> {
  const lastMs = Math.max(...partitions.flat().map((record) => record.arrivalMs));
  const leftMinutes = Math.ceil((lastMs - EVENING_MS) / minutes(1)) + 60;
  return flightRecord({
    leftMinutes,
    delayMinutes: 0,
    origin: 'SEA',
    destination: 'DEN',
    distanceMiles: 1024,
  });
}

/** The same partitions, each ending with the closing flight. */
export function withClosing(partitions: Partitions): Partitions {
  const closing = closingFlight(partitions);
  return partitions.map((records) => [...records, closing]);
}

/** The same records in the same order, at another time of arrival: `pace(arrivalMs)`. */
export function atPace(partitions: Partitions, pace: (arrivalMs: number) => number): Partitions {
  return partitions.map((records) =>
    records.map((record) => ({ ...record, arrivalMs: pace(record.arrivalMs) })),
  );
}

/** The records as they really arrived: event time and delay. */
export function atRealPace(partitions: Partitions): Partitions {
  return partitions.map((records) =>
    records.map((record) => ({
      ...record,
      arrivalMs: (record.timestampMs ?? 0) + minutes(record.value.delayMinutes),
    })),
  );
}

function byArrival(records: readonly LogRecord<Flight>[]): LogRecord<Flight>[] {
  return [...records].sort((left, right) => left.arrivalMs - right.arrivalMs);
}
