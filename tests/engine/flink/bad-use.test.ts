import { describe, expect, test } from 'vitest';
import {
  ConfigError,
  KeyedProcessFunction,
  TumblingEventTimeWindows,
  ValueStateDescriptor,
  WatermarkStrategy,
  appendSink,
  logSource,
  minutes,
  simulate,
} from '#engine';
import type { Collector, ProcessContext, Scenario, StreamExecutionEnvironment } from '#engine';
import type { Item } from '../stream-notation.ts';
import { countScenario, stream } from '../stream-notation.ts';

const options = { sizeS: 10, delayS: 1 };
const fine = countScenario(['1 2'], options);

function jobOf(build: (env: StreamExecutionEnvironment) => void): Scenario {
  return { ...fine, job: build };
}

function source(env: StreamExecutionEnvironment, log = 'in') {
  const strategy = WatermarkStrategy.forMonotonousTimestamps<Item>();
  return env.fromSource(logSource<Item>(log), strategy, 'in');
}

describe('a scenario that cannot run says the rule, the value and the next step', () => {
  const cases: readonly (readonly [string, () => unknown, RegExp])[] = [
    [
      'a negative window',
      () => TumblingEventTimeWindows.of(-5),
      /window size must be positive.*-5 ms.*minutes\(15\)/,
    ],
    [
      'an offset as large as the window',
      () => TumblingEventTimeWindows.of(minutes(1), minutes(1)),
      /abs\(offset\) < size.*60000/,
    ],
    [
      'a negative delay',
      () => WatermarkStrategy.forBoundedOutOfOrderness(-1),
      /cannot be negative.*-1/,
    ],
    [
      'an unknown log',
      () => simulate(jobOf((env) => void source(env, 'flihgts').sinkTo(appendSink({ name: 's' })))),
      /log of the scenario.*flihgts.*in/,
    ],
    [
      'parallelism over max parallelism',
      () => {
        const job: Scenario['job'] = (env) => {
          env.setMaxParallelism(2).setParallelism(3);
          source(env).sinkTo(appendSink({ name: 's' }));
        };
        return simulate({ ...jobOf(job), cluster: { taskManagers: 4, slotsPerTaskManager: 1 } });
      },
      /must not exceed its max parallelism 2.*got 3/,
    ],
    [
      'too few slots',
      () => simulate({ ...fine, cluster: { taskManagers: 1, slotsPerTaskManager: 0 } }),
      /slotsPerTaskManager must be at least 1.*0/,
    ],
    [
      'a fault on a task manager that is not there',
      () =>
        simulate({
          ...fine,
          faults: [{ type: 'task-manager-crash', taskManager: 5, when: { atMs: 1 } }],
        }),
      /task manager of the cluster \(0 to 1\).*got 5/,
    ],
    [
      'a fault without a time',
      () =>
        simulate({
          ...fine,
          faults: [{ type: 'task-manager-crash', taskManager: 0, when: { afterStep: 0 } }],
        }),
      /afterStep ≥ 1/,
    ],
    [
      'a log out of order',
      () => simulate({ ...fine, logs: { in: { partitions: [stream('1 2').reverse()] } } }),
      /ordered by arrivalMs.*offset 1/,
    ],
    [
      'a job without a sink',
      () => simulate(jobOf((env) => void source(env).map((item) => item))),
      /source and a sink.*no sink.*sinkTo/,
    ],
    [
      'two sinks of one name',
      () =>
        simulate(
          jobOf((env) => {
            source(env).sinkTo(appendSink({ name: 's' }));
            source(env).sinkTo(appendSink({ name: 's' }));
          }),
        ),
      /own name.*got s/,
    ],
    [
      'one uid twice',
      () =>
        simulate(
          jobOf((env) => {
            const mapped = source(env).map((item) => item);
            mapped
              .uid('x')
              .sinkTo(appendSink({ name: 's' }))
              .uid('x');
          }),
        ),
      /each uid must be used once.*got x/,
    ],
    [
      'an unknown option',
      () =>
        simulate(
          jobOf((env) => {
            env.configure({ 'state.backend.typ': 'rocksdb' } as object);
          }),
        ),
      /state\.backend\.typ/,
    ],
    [
      'a checkpoint interval below 10 ms',
      () => simulate(jobOf((env) => void env.enableCheckpointing(5))),
      /larger than or equal to 10 ms.*5/,
    ],
  ];
  for (const [name, run, message] of cases) {
    test(name, () => {
      expect(run).toThrow(ConfigError);
      expect(run).toThrow(message);
    });
  }
});

class Misuse extends KeyedProcessFunction<string, Item, number> {
  readonly #how: string;

  constructor(how = 'throw') {
    super();
    this.#how = how;
  }

  override open(): void {
    const state = this.getRuntimeContext().getState(new ValueStateDescriptor<number>('n'));
    if (this.#how === 'state-in-open') state.update(1);
  }

  override processElement(
    _item: Item,
    context: ProcessContext<string>,
    _out: Collector<number>,
  ): void {
    if (this.#how === 'timer') context.timerService().registerEventTimeTimer(NaN);
    throw new TypeError('boom');
  }
}

describe('a mistake in the operator is part of the result', () => {
  const runOf = (how: string) =>
    simulate(
      jobOf((env) => {
        const how2 = class extends Misuse {
          constructor() {
            super(how);
          }
        };
        source(env)
          .keyBy((item) => item.key)
          .process(new how2())
          .name('mine')
          .sinkTo(appendSink({ name: 's' }));
      }),
    );

  test('a thrown error fails the job, and says in which operator', () => {
    const run = runOf('throw');
    expect(run.outcome).toBe('failed');
    expect(run.failure).toMatchObject({ type: 'function', message: 'boom', operator: 'mine' });
    expect(run.failure?.error).toBeInstanceOf(TypeError);
  });

  test('state outside of a keyed call is refused', () => {
    expect(runOf('state-in-open').failure?.message).toMatch(/no key is set.*"n"/);
  });

  test('a timer needs a whole number', () => {
    expect(runOf('timer').failure?.message).toMatch(/whole ms.*NaN/);
  });

  test('a run that never ends is stopped', () => {
    const run = simulate({ ...fine, stepCountMax: 3 });
    expect(run.failure).toMatchObject({ type: 'limit' });
  });
});
