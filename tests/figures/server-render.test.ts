import {
  logSource,
  minutes,
  simulate,
  TumblingEventTimeWindows,
  upsertSink,
  WatermarkStrategy,
} from '#engine';
import { render } from 'svelte/server';
import { describe, expect, test } from 'vitest';
import { flightsLog, type FlightValue } from '../../src/data/flights.ts';
import { readFlights } from '../../src/data/read-flights.ts';
import RunFigure from '../../src/figures/RunFigure.svelte';
import { runDepartures, SIXTEEN } from './departures.ts';

const STILL_BYTES_MAX = 80_000;

function eveningTrace() {
  const log = flightsLog(readFlights('evening'), { partitions: 4, partitionBy: 'origin' });
  const run = simulate({
    name: 'departures',
    seed: 1,
    logs: { flights: log },
    cluster: { taskManagers: 2, slotsPerTaskManager: 1 },
    faults: [],
    trace: 'full',
    job: (env) => {
      env.setParallelism(2);
      env.enableCheckpointing(minutes(20));
      env
        .fromSource(
          logSource<FlightValue>('flights'),
          WatermarkStrategy.forBoundedOutOfOrderness<FlightValue>(minutes(30)),
          'flights',
        )
        .keyBy((flight) => flight.origin)
        .window(TumblingEventTimeWindows.of(minutes(15)))
        .aggregate({
          createAccumulator: () => 0,
          add: (_, count: number) => count + 1,
          getResult: (count) => count,
          merge: (one, other) => one + other,
        })
        .sinkTo(upsertSink({ name: 'board', key: (count: number) => count }));
    },
  });
  if (run.trace === undefined) throw new Error('a run with trace: full hands over a trace');
  return run.trace;
}

describe('the figure without JavaScript', () => {
  test('is a complete still of 2,000 flights in at most 80 kB', () => {
    const { body } = render(RunFigure, { props: { trace: eveningTrace(), title: 'An evening' } });
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(STILL_BYTES_MAX);
    expect(body).toContain('2,000 records of 171 keys');
    expect(body).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('has no control that would do nothing', () => {
    const { body } = render(RunFigure, {
      props: { trace: runDepartures(SIXTEEN, { delayMinutes: 5 }) },
    });
    expect(body).not.toMatch(/<button|<select|role="slider"/);
    expect(body).toContain('The job has finished.');
  });

  test('tells those who can’t see it what there is to see', () => {
    const { body } = render(RunFigure, {
      props: { trace: runDepartures(SIXTEEN, { delayMinutes: 5 }), title: 'Sixteen departures' },
    });
    expect(body).toContain('aria-label="Sixteen departures: event time against processing time');
    expect(body).toContain('16 records of 3 keys, 1 dropped as too late');
    expect(body).toContain('07:25 on time');
  });
});
