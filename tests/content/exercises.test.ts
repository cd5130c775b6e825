import { describe, expect, test } from 'vitest';
import {
  decodeTrace,
  judgeTable,
  judgeWindows,
  type SinkFrame,
  type Trace,
  TraceReader,
  type Verdict,
} from '#engine';
import { arrivalOrder } from '#content/exercises/departures-per-quarter-hour/arrival-orders.ts';
import { grade, runVisible } from '#content/exercises/departures-per-quarter-hour/checks.ts';
import { example } from '#content/exercises/departures-per-quarter-hour/example.ts';
import {
  EVENING_MS,
  type Departures,
} from '#content/exercises/departures-per-quarter-hour/flights.ts';
import { VISIBLE_TRIAL } from '#content/exercises/departures-per-quarter-hour/check-plans.ts';
import { WINDOW_SPEC } from '#content/exercises/departures-per-quarter-hour/job.ts';
import { TrialRunner } from '#content/exercises/departures-per-quarter-hour/trials.ts';
import * as solution from '#content/exercises/departures-per-quarter-hour/solution.ts';
import * as starter from '#content/exercises/departures-per-quarter-hour/starter.ts';
import { flightRecords } from '../../src/data/flights.ts';
import { readFlights } from '../../src/data/read-flights.ts';

const { DeparturesPerQuarterHour: Solved } = solution;
const SILENT = { progress: () => undefined, console: () => undefined };

interface WrongAnswer {
  readonly name: string;
  readonly module: { readonly fails: string };
}

const wrongModules = import.meta.glob<{ readonly fails: string }>(
  '../../content/exercises/departures-per-quarter-hour/wrong/*.ts',
  { eager: true },
);
const wrongAnswers: readonly WrongAnswer[] = Object.entries(wrongModules).map(([path, module]) => ({
  name: path.slice(path.lastIndexOf('/') + 1),
  module,
}));

function firstFailed(verdict: Verdict): Verdict['checks'][number] | undefined {
  return verdict.checks.find(({ passed }) => !passed);
}

/** The anomaly of a wrong answer's first failed check. */
function anomalyOf(file: string): NonNullable<Verdict['checks'][number]['anomaly']> {
  const wrong = wrongAnswers.find(({ name }) => name === file);
  const anomaly = firstFailed(grade(wrong?.module, SILENT))?.anomaly;
  if (anomaly === undefined) throw new Error(`${file} has no anomaly`);
  return anomaly;
}

describe('the solution', () => {
  test('passes every check, for 100 seeds', () => {
    // One grading takes at least four seeds for each check.
    for (let seed = 1; seed <= 100; seed += 4) {
      const verdict = grade(solution, SILENT, seed);
      expect(firstFailed(verdict), `first seed ${seed}`).toBeUndefined();
      expect(verdict.passed).toBe(true);
    }
  }, 120_000);

  test('is run with a crash of either task manager after every step', () => {
    const { counts } = grade(solution, SILENT);
    expect(counts.crashes).toBeGreaterThan(500);
    expect(counts.runs).toBeGreaterThan(counts.crashes);
    expect(counts.shrinkRuns).toBe(0);
  });

  test('shows the example’s board', () => {
    const trace = decodeTrace(runVisible(solution, SILENT).trace);
    const report = judgeWindows(trace, WINDOW_SPEC);
    expect(report.findings).toEqual([]);
    const board = [...report.due.values()].map(({ window }) => {
      const minutes = (window.endMs - EVENING_MS) / 60_000;
      return `${String(trace.keys[window.key])} ${minutes} ${window.count}`;
    });
    expect(board.sort()).toEqual([
      'DFW 15 1',
      'DFW 30 1',
      'DFW 45 1',
      'ORD 15 3',
      'ORD 30 2',
      'ORD 45 2',
      'PHX 15 2',
      'PHX 45 1',
      'PHX 60 1',
    ]);
  });
});

test('a late flight that is replayed after a crash may be on time, as the discussion says', () => {
  const order = { flightCount: 24, partitionCount: 2, airportCount: 4, spanMinutes: 75 };
  const partitions = arrivalOrder(1, { ...order, lateOneIn: 4 });
  const trial = { ...VISIBLE_TRIAL, partitions, checkpointMs: 300_000 };
  const runner = new TrialRunner(Solved);
  const straight = boardOf(runner.run(trial));
  const boards = Array.from({ length: runner.stepCount }, (_, step) => {
    const trace = runner.run({ ...trial, crash: { taskManager: 0, afterStep: step + 1 } });
    // The operator does what the window operator would do; its answer changes all the same.
    expect(judgeWindows(trace, WINDOW_SPEC).findings).toEqual([]);
    return boardOf(trace);
  });
  expect(boards.filter((board) => board !== straight).length).toBeGreaterThan(0);
  expect(boards.filter((board) => board === straight).length).toBeGreaterThan(0);
});

/** The rows of the board at the end, as text. */
function boardOf(trace: Trace): string {
  const { table } = new TraceReader(trace).frameAt(trace.rowCount - 1).sinks[0] as SinkFrame;
  return [...table.values()]
    .map(({ value }) => JSON.stringify(value))
    .sort()
    .join('\n');
}

test('the table beside the editor says what the solution’s board ends with', () => {
  const board = boardOf(decodeTrace(runVisible(solution, SILENT).trace)).split('\n');
  const rows = board.map((row) => {
    const { origin, endMs, flights } = JSON.parse(row) as Departures;
    const [from, to] = [endMs - 900_000, endMs].map((ms) => new Date(ms).toISOString());
    return [`${from?.slice(11, 16)}–${to?.slice(11, 16)}`, origin, String(flights)];
  });
  expect(example.rows.toSorted()).toEqual(rows.toSorted());
});

test('the example’s flights are real ones', () => {
  const real = new Set(
    flightRecords(readFlights('evening')).map((flight) => JSON.stringify(flight)),
  );
  const shown = VISIBLE_TRIAL.partitions.flat();
  expect(shown).toHaveLength(14);
  for (const flight of shown) expect(real).toContain(JSON.stringify(flight));
});

describe('the starter', () => {
  test('runs, and fails', () => {
    const verdict = grade(starter, SILENT);
    expect(verdict.passed).toBe(false);
    expect(firstFailed(verdict)?.name).toBe('visible-example');
    expect(firstFailed(verdict)?.anomaly?.text).toBe(
      'The table says 1 for [18:00, 18:15) of ORD: expected 2.',
    );
  });
});

describe('a wrong answer', () => {
  test('exists for the four mistakes that the exercise is about', () => {
    const names = wrongAnswers.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'processing-time.ts',
        'state-in-a-field.ts',
        'no-cleanup.ts',
        'late-resurrects.ts',
      ]),
    );
  });

  test('is caught by every check', () => {
    const caught = new Set(wrongAnswers.map(({ module }) => module.fails));
    const names = grade(starter, SILENT).checks.map(({ name }) => name);
    expect(names.filter((name) => !caught.has(name))).toEqual([]);
  });

  describe.each(wrongAnswers)('$name', ({ module }) => {
    test('fails first on the check that it names', () => {
      for (const firstSeed of [1, 2, 17]) {
        const failed = firstFailed(grade(module, SILENT, firstSeed));
        expect(failed?.name, `first seed ${firstSeed}`).toBe(module.fails);
      }
    });

    test('has a small failing run that really fails', () => {
      const failed = firstFailed(grade(module, SILENT));
      const failing = failed?.anomaly?.failing;
      if (failing === undefined) throw new Error('no failing run');
      const trace = decodeTrace(failing.trace);
      const report = judgeWindows(trace, WINDOW_SPEC);
      const table = judgeTable(trace, WINDOW_SPEC, report);
      expect([...report.findings, ...report.leaks, ...table]).not.toEqual([]);
      expect(failing.row).toBeGreaterThanOrEqual(0);
      expect(failing.row).toBeLessThan(trace.rowCount);
      expect(Number.parseInt(failing.schedule, 10)).toBeLessThanOrEqual(4);
    });

    test('gets the same verdict every time', () => {
      expect(grade(module, SILENT)).toEqual(grade(module, SILENT));
    });
  });
});

describe('an anomaly says what went wrong, in numbers', () => {
  test.each([
    ['processing-time.ts', 'processing-time dependence', /no row for \[18:00, 18:15\) of ORD/],
    ['wall-clock-lateness.ts', 'processing-time dependence', /at another pace it is not.*no row/],
    ['state-in-a-field.ts', 'bypassed state', /checkpoint \d+.*of which 1 .* holds no state of/],
    ['module-variable.ts', 'counted twice after restore', /came out as 2; expected 1/],
    ['no-cleanup.ts', 'state leak', /still holds flights-by-end\[18:15\] = 1/],
    ['clean-up-timer.ts', 'timer leak', /timer at 18:14:59.999 is still set/],
    [
      'late-resurrects.ts',
      'resurrected window',
      /came after its window was over and its result, 2, was out\..*emitted 1/,
    ],
    ['every-record.ts', 'premature emission', /emitted as 1 while it was open/],
    ['timer-at-end.ts', 'overdue emission', /came to 18:29:59.999, and nothing was emitted/],
    ['one-open-window.ts', 'wrong result', /The table says 1 for .*: expected 2/],
    ['clears-all-windows.ts', 'missing result', /no row for \[18:15, 18:30\) of ORD: expected 1/],
    ['changes-in-place.ts', 'lost in-place change', /The table says 1 for .*: expected 2/],
  ])('%s: %s', (file, name, text) => {
    const anomaly = anomalyOf(file);
    expect(anomaly.name).toBe(name);
    expect(anomaly.text).toMatch(text);
  });

  test('and how little it takes: flights, and the crash', () => {
    expect(anomalyOf('state-in-a-field.ts').failing?.schedule).toMatch(
      /^2 flights in 1 partition;.* task manager 0 lost after step \d+$/,
    );
    expect(anomalyOf('one-open-window.ts').failing?.schedule).toBe('3 flights in 1 partition');
  });
});

/** A module whose class is the solution’s, but for what is given. */
function broken(methods: object): object {
  class Broken extends Solved {}
  Object.assign(Broken.prototype, methods);
  return { DeparturesPerQuarterHour: Broken };
}

describe('a module that can’t be graded gets a plain answer', () => {
  class ThrowsAtOnce extends Solved {
    constructor() {
      super();
      throw new Error('no luck');
    }
  }
  test.each([
    ['no export', {}, /must export a class DeparturesPerQuarterHour; it exports nothing/],
    ['another name', { Counter: Solved }, /it exports Counter/],
    ['no module', undefined, /it exports nothing/],
    ['a number', { DeparturesPerQuarterHour: 7 }, /it is a number/],
    ['an arrow function', { DeparturesPerQuarterHour: () => 7 }, /it is another function/],
    ['another class', { DeparturesPerQuarterHour: Map }, /extends KeyedProcessFunction/],
    ['a constructor that throws', { DeparturesPerQuarterHour: ThrowsAtOnce }, /threw.*no luck/],
  ])('%s', (_what, module, text) => {
    const verdict = grade(module, SILENT);
    expect(verdict.passed).toBe(false);
    expect(verdict.checks.every(({ passed }) => !passed)).toBe(true);
    expect(verdict.checks[0]?.anomaly?.name).toBe('no such operator');
    expect(verdict.checks[0]?.anomaly?.text).toMatch(text);
    expect(() => runVisible(module, SILENT)).toThrow(text);
  });

  test.each([
    [
      'throws at a record',
      { processElement: throwNoGate },
      /^Your code threw an error: no gate for the flight$/,
    ],
    [
      'emits what is no result',
      { processElement: (_: unknown, __: unknown, out: Out) => out.collect({ origin: 'ORD' }) },
      /a result must be \{ origin: string, endMs: number, flights: number \}: got \{"origin"/,
    ],
    ['emits without end', { processElement: emitForever }, /more than 2000 results/],
    [
      'sets a timer at no time',
      {
        processElement: (_: unknown, context: Context) =>
          context.timerService().registerEventTimeTimer(Number.NaN),
      },
      /a timer needs a time in whole ms: got NaN/,
    ],
  ])('%s', (_what, methods, text) => {
    const anomaly = firstFailed(grade(broken(methods), SILENT))?.anomaly;
    expect(anomaly?.name).toBe('function threw');
    expect(anomaly?.text).toMatch(text);
    expect(anomaly?.failing?.schedule).toMatch(/^1 flight /);
  });
});

interface Out {
  collect(row: unknown): void;
}
interface Context {
  timerService(): { registerEventTimeTimer(timeMs: number): void };
}

function throwNoGate(): never {
  throw new Error('no gate for the flight');
}

function emitForever(_flight: unknown, _context: unknown, out: Out): void {
  for (;;) out.collect({ origin: 'ORD', endMs: 0, flights: 0 });
}

test('progress is told before each run, and ends at its total', () => {
  const told: [number, number][] = [];
  const progress = (done: number, total: number): void => void told.push([done, total]);
  grade(solution, { ...SILENT, progress });
  expect(told.length).toBeGreaterThan(500);
  expect(told.every(([done, total], index) => done === index + 1 && done <= total)).toBe(true);
  expect(told.at(-1)?.[0]).toBe(told.at(-1)?.[1]);
});
