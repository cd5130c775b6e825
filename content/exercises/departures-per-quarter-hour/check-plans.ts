/** What is checked, in the order in which a learner should mend it. */
import {
  type AnomalyName,
  type Finding,
  judgeTable,
  minutes,
  seconds,
  type Trace,
  type WindowReport,
} from '#engine';
import {
  arrivalOrder,
  atPace,
  atRealPace,
  oneLateFlight,
  type OrderOptions,
  withClosing,
} from './arrival-orders.ts';
import { EVENING_MS, VISIBLE_PARTITIONS } from './flights.ts';
import { type Trial, WINDOW_SPEC } from './job.ts';
import type { Contrast, Judge, NamedTrial } from './trials.ts';

export interface CheckPlan {
  /** Stable. */
  readonly name: string;
  readonly title: string;
  readonly trials: readonly NamedTrial[];
  readonly judge: Judge;
  /** Each trial runs again with a crash after every step. */
  readonly crashes?: boolean;
  /** The trials differ in one thing from a run that is known to be good. */
  readonly contrast?: Contrast;
}

const CALM: Omit<Trial, 'partitions'> = { isBounded: true, parallelism: 2, backend: 'hashmap' };
const ORDER: OrderOptions = {
  flightCount: 24,
  partitionCount: 2,
  airportCount: 4,
  spanMinutes: 75,
  lateOneIn: 0,
};
/** Fewer flights, because every step of their run is a run of its own. */
const CRASH_ORDER: OrderOptions = { ...ORDER, flightCount: 9, airportCount: 3, spanMinutes: 40 };

/** The example that a learner sees and runs. */
export const VISIBLE_TRIAL: Trial = { ...CALM, partitions: VISIBLE_PARTITIONS };

/** All checks; `firstSeed` moves the hidden feeds, for tests over many seeds. */
export function checkPlans(firstSeed = 1): readonly CheckPlan[] {
  const seeds: Seeds = (count) => Array.from({ length: count }, (_, index) => firstSeed + index);
  return [...boardPlans(seeds), ...conductPlans(seeds), crashPlan(seeds)];
}

type Seeds = (count: number) => number[];

/** Checks that look only at the board in the end. */
function boardPlans(seeds: Seeds): CheckPlan[] {
  return [
    {
      name: 'visible-example',
      title: 'The example’s board is right in the end',
      trials: [{ trial: VISIBLE_TRIAL }],
      judge: tableJudge,
    },
    {
      name: 'any-arrival-order',
      title: 'So is the board of every other feed, in whatever order its flights come',
      trials: [
        ...seeds(12).map((seed) => shuffled(seed, ORDER)),
        ...seeds(3).map(withIdlePartition),
      ],
      judge: tableJudge,
    },
    {
      name: 'any-state-backend',
      title: 'The same on a backend that keeps state as bytes (RocksDB)',
      trials: seeds(4).map((seed) => ({
        seed,
        note: 'state kept as bytes',
        trial: { ...CALM, backend: 'rocksdb', partitions: arrivalOrder(seed, ORDER) },
      })),
      judge: tableJudge,
      contrast: {
        name: 'lost in-place change',
        prefix: 'With state as objects all is well; with state as bytes it is not.',
        calm: (trial) => ({ ...trial, backend: 'hashmap' }),
      },
    },
    {
      name: 'same-answer-at-any-pace',
      title: 'A replay at another speed, or a month later, gives the same board',
      trials: seeds(2).flatMap(paced),
      judge: tableJudge,
      contrast: {
        name: 'processing-time dependence',
        prefix: 'In real time all is well; at another pace it is not.',
        calm: (trial) => ({ ...trial, partitions: atRealPace(trial.partitions) }),
      },
    },
  ];
}

/** Checks of when results come, and of what is left behind. */
function conductPlans(seeds: Seeds): CheckPlan[] {
  return [
    {
      name: 'no-early-results',
      title: 'One result per window, and none while the window is open',
      trials: seeds(6).map((seed) => shuffled(seed, ORDER)),
      judge: only(['premature emission', 'duplicate result']),
    },
    {
      name: 'on-time-results',
      title: 'A result comes as soon as the watermark has passed its window',
      trials: seeds(8).map((seed) => shuffled(seed, { ...ORDER, partitionCount: 1 })),
      judge: only(['overdue emission', 'missing result']),
    },
    {
      name: 'late-records-dropped',
      title: 'A flight that comes after its window was over changes nothing',
      trials: [
        { trial: { ...CALM, partitions: oneLateFlight() } },
        ...seeds(8).map((seed) => shuffled(seed, { ...ORDER, lateOneIn: 4 })),
      ],
      // A number that was right and was overwritten tells more than one that was never due.
      judge: (trace, report) =>
        only(['resurrected window'])(trace, report) ?? exceptTiming(trace, report),
    },
    {
      name: 'cleans-up',
      title: 'An airport with no open window leaves no state and no timer',
      trials: seeds(4).map(endless),
      judge: (_trace, report) => report.leaks[0],
    },
  ];
}

function crashPlan(seeds: Seeds): CheckPlan {
  return {
    name: 'survives-every-crash',
    title: 'Nothing is lost or counted twice when a machine dies, after any step',
    trials: seeds(4).map((seed) => crashing(seed, seed % 2 === 0 ? 'hashmap' : 'rocksdb')),
    judge: (trace, report) => exceptTiming(trace, report) ?? tableJudge(trace, report),
    crashes: true,
  };
}

function shuffled(seed: number, options: OrderOptions): NamedTrial {
  return { seed, trial: { ...CALM, partitions: arrivalOrder(seed, options) } };
}

/** A third partition never has a flight: only its idleness lets the watermark pass. */
function withIdlePartition(seed: number): NamedTrial {
  const partitions = [...withClosing(arrivalOrder(seed, ORDER)), []];
  const trial = { ...CALM, isBounded: false, idleTimeoutMs: minutes(90), partitions };
  return { seed, note: 'a third partition is idle', trial };
}

/** The feed goes on after its last window, as in production. */
function endless(seed: number): NamedTrial {
  const partitions = withClosing(arrivalOrder(seed, { ...ORDER, lateOneIn: 6 }));
  return { seed, note: 'the feed goes on', trial: { ...CALM, isBounded: false, partitions } };
}

function crashing(seed: number, backend: Trial['backend']): NamedTrial {
  const partitions = arrivalOrder(seed, CRASH_ORDER);
  const trial = { ...CALM, backend, checkpointMs: minutes(5), partitions };
  return backend === 'rocksdb' ? { seed, note: 'state kept as bytes', trial } : { seed, trial };
}

function paced(seed: number): NamedTrial[] {
  const partitions = arrivalOrder(seed, ORDER);
  const at = (note: string, pace: (arrivalMs: number) => number): NamedTrial => ({
    seed,
    note,
    trial: { ...CALM, partitions: atPace(partitions, pace) },
  });
  const monthMs = 30 * 24 * minutes(60);
  return [
    at('replayed a month later', (arrivalMs) => arrivalMs + monthMs),
    at('replayed 60 times as fast', (arrivalMs) => EVENING_MS + (arrivalMs - EVENING_MS) / 60),
    at('read all at once', () => EVENING_MS + seconds(1)),
    at('three times as slow', (arrivalMs) => EVENING_MS + (arrivalMs - EVENING_MS) * 3),
  ];
}

function tableJudge(trace: Trace, report: WindowReport): Finding | undefined {
  return judgeTable(trace, WINDOW_SPEC, report)[0];
}

function only(names: readonly AnomalyName[]): Judge {
  return (_trace, report) => report.findings.find(({ name }) => names.includes(name));
}

/** When a result comes is the matter of two checks of their own. */
function exceptTiming(_trace: Trace, report: WindowReport): Finding | undefined {
  return report.findings.find(
    ({ name }) => name !== 'premature emission' && name !== 'overdue emission',
  );
}
