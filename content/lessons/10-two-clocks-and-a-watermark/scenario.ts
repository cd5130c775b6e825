/**
 * Departures per airport and quarter hour: the job that the lesson runs, and what a run of it says
 * as numbers. The page and the reader's own runs use the same functions.
 */
import {
  logSource,
  minutes,
  ProcessWindowFunction,
  TumblingEventTimeWindows,
  upsertSink,
  WatermarkStrategy,
  type AggregateFunction,
  type Collector,
  type LogInput,
  type ProcessWindowContext,
  type Scenario,
} from '#engine';
import type { Flight } from '../../lesson-module.ts';

export const WINDOW_MINUTES = 15;

/** One line of the board. */
export type Departures = {
  readonly origin: string;
  readonly endMs: number;
  readonly flights: number;
};

const countFlights: AggregateFunction<Flight, number, number> = {
  createAccumulator: () => 0,
  add: (_flight, flights) => flights + 1,
  getResult: (flights) => flights,
  merge: (left, right) => left + right,
};

class NameTheWindow extends ProcessWindowFunction<number, Departures, string> {
  process(
    origin: string,
    context: ProcessWindowContext,
    counts: readonly number[],
    out: Collector<Departures>,
  ): void {
    const endMs = context.window().endMs;
    for (const flights of counts) out.collect({ origin, endMs, flights });
  }
}

/**
 * The lesson's job over a log of flights.
 * `delayMinutes` is the watermark delay, a whole number ≥ 0.
 */
export function departuresBoard(options: {
  readonly flights: LogInput<Flight>;
  readonly delayMinutes: number;
}): Scenario {
  return {
    name: 'departures per airport and quarter hour',
    seed: 1,
    logs: { flights: options.flights },
    cluster: { taskManagers: 1, slotsPerTaskManager: 2 },
    faults: [],
    trace: 'full',
    job: (env) => {
      // One partition, one reader: a second reader would have no data and hold the watermark back.
      env.setParallelism(1);
      env
        .fromSource(
          logSource<Flight>('flights'),
          WatermarkStrategy.forBoundedOutOfOrderness<Flight>(minutes(options.delayMinutes)),
          'flights',
        )
        .keyBy((flight) => flight.origin)
        .window(TumblingEventTimeWindows.of(minutes(WINDOW_MINUTES)))
        .aggregate(countFlights, new NameTheWindow())
        .name('departures per quarter hour')
        .sinkTo(upsertSink<Departures>({ name: 'board', key: (row) => [row.origin, row.endMs] }));
    },
  };
}
