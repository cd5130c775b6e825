import {
  ProcessAllWindowFunction,
  ProcessWindowFunction,
  TumblingEventTimeWindows,
  appendSink,
  hours,
  logSource,
  minutes,
  simulate,
} from '#engine';
import type {
  AggregateFunction,
  Collector,
  LogRecord,
  ProcessWindowContext,
  Scenario,
} from '#engine';
import { readFlights, toFlightRows } from '../flight-rows.ts';
import type { FlightRow } from '../flight-rows.ts';
import { flightsPerHourLimit } from '../loops/flights-per-hour-limit.ts';
import { flightsPerHourLoop } from '../loops/flights-per-hour.ts';
import type { AirportHour, FlightsPerHourOptions } from '../loops/flights-per-hour.ts';
import { numbersHash } from '../loops/output-hash.ts';
import { topOf } from '../loops/top.ts';
import type { Workload } from '../workload.ts';
import { benchScenario, everyRecord, sinkRows } from './per-record-watermarks.ts';

interface Departures {
  count: number;
  delayMinutes: number;
}

interface OriginHour {
  readonly origin: string;
  readonly departures: number;
  readonly meanDelayMinutes: number;
}

const departuresAndDelay: AggregateFunction<FlightRow, Departures, Departures> = {
  createAccumulator: () => ({ count: 0, delayMinutes: 0 }),
  add: (flight, departures) => {
    departures.count += 1;
    departures.delayMinutes += flight.delayMinutes;
    return departures;
  },
  getResult: (departures) => departures,
  merge: (left, right) => ({
    count: left.count + right.count,
    delayMinutes: left.delayMinutes + right.delayMinutes,
  }),
};

class NameOrigin extends ProcessWindowFunction<Departures, OriginHour, string> {
  override process(
    origin: string,
    _context: ProcessWindowContext,
    elements: readonly Departures[],
    out: Collector<OriginHour>,
  ): void {
    for (const { count, delayMinutes } of elements) {
      out.collect({ origin, departures: count, meanDelayMinutes: delayMinutes / count });
    }
  }
}

class BusiestAirports extends ProcessAllWindowFunction<OriginHour, AirportHour> {
  readonly top: number;

  constructor(top: number) {
    super();
    this.top = top;
  }

  override process(
    context: ProcessWindowContext,
    elements: readonly OriginHour[],
    out: Collector<AirportHour>,
  ): void {
    const { startMs } = context.window();
    const byOrigin = new Map(elements.map((element) => [element.origin, element]));
    const counts = elements.map(({ origin, departures }) => [origin, departures] as const);
    topOf(counts, this.top).forEach(([origin, departures], rank) => {
      const meanDelayMinutes = byOrigin.get(origin)?.meanDelayMinutes ?? NaN;
      out.collect({ hour: startMs, rank, origin, departures, meanDelayMinutes });
    });
  }
}

export function flightsPerHourScenario(
  records: readonly LogRecord<FlightRow>[],
  { delayMs, top }: FlightsPerHourOptions,
): Scenario {
  return benchScenario({
    name: 'W12',
    logs: { flights: { partitions: [records] } },
    job: (env) => {
      env.configure({ 'pipeline.object-reuse': true });
      env
        .fromSource(logSource<FlightRow>('flights'), everyRecord<FlightRow>(delayMs), 'flights')
        .keyBy((flight) => flight.key)
        .window(TumblingEventTimeWindows.of(hours(1)))
        .aggregate(departuresAndDelay, new NameOrigin())
        .windowAll(TumblingEventTimeWindows.of(hours(1)))
        .process(new BusiestAirports(top))
        .sinkTo(appendSink({ name: 'busiest' }));
    },
  });
}

const FLIGHTS = 3_000_000;
const OPTIONS = { delayMs: minutes(30), top: 10 };

function hashOf(rows: readonly AirportHour[]): string {
  return numbersHash(
    rows.map(({ hour, rank, origin, departures, meanDelayMinutes }) => [
      hour,
      rank,
      // A code is three letters or digits: a number in base 36.
      Number.parseInt(origin, 36),
      departures,
      meanDelayMinutes,
    ]),
  );
}

/** W12: real records, with real disorder. */
export const flightsPerHour: Workload = {
  id: 'W12',
  title: 'real flights: per origin and hour, top 10',
  goals: { ofLoop: 1, timesLimit: 3 },
  prepare: async (recordCount = FLIGHTS) => {
    const columns = await readFlights(recordCount);
    const rows = toFlightRows(columns);
    const records = rows.map((row, i) => {
      const arrivalMs = columns.startMs + minutes(columns.departureMinutes[i]);
      return { value: row, timestampMs: row.ts, arrivalMs };
    });
    const scenario = flightsPerHourScenario(records, OPTIONS);
    return {
      records: rows.length,
      sides: [
        {
          name: 'engine',
          run: () => {
            const run = simulate(scenario);
            return () => hashOf(sinkRows<AirportHour>(run, 'busiest'));
          },
        },
        {
          name: 'loop',
          run: () => {
            const result = flightsPerHourLoop(rows, OPTIONS);
            return () => hashOf(result.rows);
          },
        },
        {
          name: 'limit',
          run: () => {
            const result = flightsPerHourLimit(columns, OPTIONS);
            return () => hashOf(result.rows);
          },
        },
      ],
    };
  },
};
