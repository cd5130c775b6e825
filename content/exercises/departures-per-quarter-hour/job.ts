/** The job around the learner's function, and what a grader may do to it. */
import {
  type KeyedProcessFunction,
  logSource,
  minutes,
  upsertSink,
  WatermarkStrategy,
  type Configuration,
  type Json,
  type LogRecord,
  type Scenario,
  type WindowSpec,
} from '#engine';
import type { Departures, Flight } from './flights.ts';

export const WATERMARK_DELAY_MINUTES = 10;
const RESULTS_MAX = 2_000;
const STEPS_MAX = 20_000;

/** What the learner's module exports. */
export type Operator = new () => KeyedProcessFunction<string, Flight, Departures>;

export interface Crash {
  readonly taskManager: number;
  readonly afterStep: number;
}

/** One way to run the job. */
export interface Trial {
  readonly partitions: readonly (readonly LogRecord<Flight>[])[];
  /** False: the feed goes on, although nothing more comes. */
  readonly isBounded: boolean;
  readonly parallelism: number;
  readonly backend: Configuration['state.backend.type'];
  readonly checkpointMs?: number;
  readonly crash?: Crash;
  /** Silence after which a partition no longer holds the watermark. */
  readonly idleTimeoutMs?: number;
}

/** Where results stand in a trace of this job. */
export const WINDOW_SPEC: WindowSpec = {
  operator: 'departures per quarter hour',
  sizeMs: minutes(15),
  readResult(record: Json) {
    if (!isDepartures(record)) return undefined;
    return { key: record.origin, endMs: record.endMs, count: record.flights };
  },
};

export function scenarioOf(operator: Operator, trial: Trial): Scenario {
  const { partitions, isBounded, parallelism, crash, idleTimeoutMs } = trial;
  const delayed = WatermarkStrategy.forBoundedOutOfOrderness<Flight>(
    minutes(WATERMARK_DELAY_MINUTES),
  );
  const strategy = idleTimeoutMs === undefined ? delayed : delayed.withIdleness(idleTimeoutMs);
  return {
    name: 'departures per quarter hour',
    seed: 1,
    logs: { flights: { partitions, isBounded } },
    cluster: { taskManagers: parallelism, slotsPerTaskManager: 1 },
    faults:
      crash === undefined
        ? []
        : [
            {
              type: 'task-manager-crash',
              taskManager: crash.taskManager,
              when: { afterStep: crash.afterStep },
            },
          ],
    trace: 'full',
    stepCountMax: STEPS_MAX,
    job: (env) => {
      env.setParallelism(parallelism).configure({ 'state.backend.type': trial.backend });
      if (trial.checkpointMs !== undefined) env.enableCheckpointing(trial.checkpointMs);
      env
        .fromSource(logSource<Flight>('flights'), strategy, 'flights')
        .keyBy((flight) => flight.origin)
        .process(new operator())
        .name(WINDOW_SPEC.operator)
        .sinkTo(upsertSink<Departures>({ name: 'board', key: resultKeys() }));
    },
  };
}

/** The board's key; refuses what is no result, and results without end. */
function resultKeys(): (row: Departures) => Json {
  let count = 0;
  return (row) => {
    count += 1;
    if (count > RESULTS_MAX) {
      throw new RangeError(`more than ${RESULTS_MAX} results: does a loop emit without end?`);
    }
    if (!isDepartures(row)) {
      throw new TypeError(
        `a result must be { origin: string, endMs: number, flights: number }: got ` +
          `${JSON.stringify(row) ?? String(row)}`,
      );
    }
    return [row.origin, row.endMs];
  };
}

function isDepartures(value: unknown): value is Departures {
  if (typeof value !== 'object' || value === null) return false;
  const { origin, endMs, flights } = value as { readonly [field: string]: unknown };
  return typeof origin === 'string' && Number.isFinite(endMs) && Number.isFinite(flights);
}
