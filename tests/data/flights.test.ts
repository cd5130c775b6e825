import { describe, expect, it } from 'vitest';
import type { Flights } from '../../src/data/flights.ts';
import { flightRecord, flightRecords, flightsLog } from '../../src/data/flights.ts';
import { kafkaPartition } from '#engine';
import { readFlights } from '../../src/data/read-flights.ts';

const evening = readFlights('evening');

describe('a flight record', () => {
  it('arrives its delay after its event time', () => {
    for (const { arrivalMs, timestampMs, value } of flightRecords(evening)) {
      expect(arrivalMs - timestampMs).toBe(value.delayMinutes * 60_000);
    }
  });

  it('keeps flights ahead of time, whose event time lies after their arrival', () => {
    const early = flightRecords(evening).filter((r) => r.timestampMs > r.arrivalMs);
    expect(early).toHaveLength(620);
  });

  it('has its origin as key', () => {
    expect(flightRecords(evening).every((r) => r.key === r.value.origin)).toBe(true);
  });

  it('refuses an index outside the flights', () => {
    expect(() => flightRecord(evening, 2000)).toThrow(
      'must be a whole number in [0, 2000): got 2000',
    );
    expect(() => flightRecord(evening, 0.5)).toThrow('got 0.5');
  });
});

describe('the evening', () => {
  it('is 2,000 flights of 22 June 2001 from 18:00, in order of arrival', () => {
    const arrivals = flightRecords(evening).map((r) => r.arrivalMs);
    expect(arrivals).toHaveLength(2000);
    expect(new Date(arrivals[0] ?? 0).toISOString()).toBe('2001-06-22T18:00:00.000Z');
    expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
  });

  it('is a stretch of the day without gaps', () => {
    const line = (flights: Flights): string[] =>
      flightRecords(flights).map((r) => JSON.stringify(r));
    const day = line(readFlights('day'));
    const stretch = line(evening);
    const from = day.indexOf(stretch[0] ?? '');
    expect(day.slice(from, from + stretch.length)).toEqual(stretch);
  });
});

describe('a log of flights', () => {
  const log = flightsLog(evening, { partitions: 4, partitionBy: 'origin' });

  it('holds each flight once', () => {
    const inLog = log.partitions.flat().map((r) => JSON.stringify(r));
    expect(inLog.sort()).toEqual(
      flightRecords(evening)
        .map((r) => JSON.stringify(r))
        .sort(),
    );
  });

  it('keeps arrival order within each partition', () => {
    for (const partition of log.partitions) {
      const arrivals = partition.map((r) => r.arrivalMs);
      expect(arrivals.length).toBeGreaterThan(0);
      expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
    }
  });

  it("puts a record where Kafka's partitioner would", () => {
    log.partitions.forEach((partition, index) => {
      expect(partition.every((r) => kafkaPartition(r.key, 4) === index)).toBe(true);
    });
  });

  it('refuses to have no partition', () => {
    expect(() => flightsLog(evening, { partitions: 0, partitionBy: 'origin' })).toThrow('got 0');
  });
});
