import {
  logSource,
  minutes,
  simulate,
  TumblingEventTimeWindows,
  upsertSink,
  WatermarkStrategy,
  type AggregateFunction,
  type LogRecord,
  type Trace,
} from '#engine';

type Departure = { readonly origin: string };

const START_MS = Date.UTC(2001, 5, 22, 7);

/** Ms of a clock time on the day of the tests' runs: `at('07:15')`. */
export function at(clock: string): number {
  const [hours, minutes] = clock.split(':').map(Number);
  return Date.UTC(2001, 5, 22, hours, minutes);
}

export interface RunOptions {
  readonly delayMinutes: number;
  readonly checkpointMinutes?: number;
  readonly latenessMinutes?: number;
  /** Clock time at which task manager 1 dies. */
  readonly crashAt?: string;
}

/**
 * A run that counts departures per quarter hour. Each partition is written as
 * `ATL 1>2, ORD 9>12`: key, minute in event time, minute in processing time, after seven o'clock.
 */
export function runDepartures(partitions: readonly string[], options: RunOptions): Trace {
  const { delayMinutes, checkpointMinutes, latenessMinutes = 0, crashAt } = options;
  const run = simulate({
    name: 'departures',
    seed: 1,
    logs: { flights: { partitions: partitions.map(parsePartition) } },
    cluster: { taskManagers: 2, slotsPerTaskManager: 1 },
    faults:
      crashAt === undefined
        ? []
        : [{ type: 'task-manager-crash', taskManager: 1, when: { atMs: at(crashAt) } }],
    trace: 'full',
    job: (env) => {
      env.setParallelism(2);
      if (checkpointMinutes !== undefined) env.enableCheckpointing(minutes(checkpointMinutes));
      env
        .fromSource(
          logSource<Departure>('flights'),
          WatermarkStrategy.forBoundedOutOfOrderness<Departure>(minutes(delayMinutes)),
          'flights',
        )
        .keyBy((departure) => departure.origin)
        .window(TumblingEventTimeWindows.of(minutes(15)))
        .allowedLateness(minutes(latenessMinutes))
        .aggregate(COUNT)
        .name('count')
        .sinkTo(upsertSink({ name: 'board', key: (count: number) => count }));
    },
  });
  if (run.trace === undefined) throw new Error('a run with trace: full hands over a trace');
  return run.trace;
}

const COUNT: AggregateFunction<Departure, number, number> = {
  createAccumulator: () => 0,
  add: (_, count) => count + 1,
  getResult: (count) => count,
  merge: (one, other) => one + other,
};

function parsePartition(text: string): readonly LogRecord<Departure>[] {
  return text.split(', ').map((record) => {
    const [key, times] = record.split(' ');
    const [happened, seen] = times.split('>').map(Number);
    return {
      key,
      value: { origin: key },
      timestampMs: START_MS + minutes(happened),
      arrivalMs: START_MS + minutes(seen),
    };
  });
}

/** Sixteen departures, one of them half an hour late, one ahead of time. */
export const SIXTEEN = [
  'ATL 1>2, ATL 5>6, ORD 9>12, ATL 16>15, DFW 12>21, ATL 24>25, ATL 3>34, ORD 33>36, ATL 40>41',
  'ORD 2>4, DFW 7>8, ORD 14>18, DFW 22>23, ORD 26>29, DFW 35>37, ORD 44>46',
];
