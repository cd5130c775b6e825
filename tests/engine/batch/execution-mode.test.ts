import { describe, expect, test } from 'vitest';
import {
  CountTrigger,
  GlobalWindows,
  ProcessWindowFunction,
  TumblingEventTimeWindows,
  TumblingProcessingTimeWindows,
  ValueStateDescriptor,
  appendSink,
  seconds,
  simulate,
  simulateBatch,
} from '#engine';
import type {
  Collector,
  ProcessContext,
  ProcessWindowContext,
  StreamExecutionEnvironment,
  ValueState,
} from '#engine';
import { countScenario, outputs } from '../stream-notation.ts';
import type { Item } from '../stream-notation.ts';
import { Telling, runBatch, source, telling, told, written } from './batch-notation.ts';

/** The rules of Flink 2.3's documentation, "Execution Mode (Batch/Streaming)". */
describe('key after key', () => {
  test('sorts the input of a keyed operator by key, then by time', () => {
    const run = runBatch(
      ['b@4 a@9 b@1 a@2', 'a@5'],
      telling(() => new Telling()),
    );
    expect(written(run)).toEqual(['a@2', 'a@5', 'a@9', 'b@1', 'b@4']);
  });

  test('keeps the order of records of one key and time', () => {
    const numbered = (env: StreamExecutionEnvironment): void => {
      let count = 0;
      source(env)
        .map((item) => ({ ...item, place: (count += 1) }))
        .keyBy((item) => item.key)
        .map((item) => `${item.key}${item.place}`)
        .sinkTo(appendSink({ name: 'out' }));
    };
    expect(written(runBatch(['b@1 a@1 a@1 b@1 a@1'], numbered))).toEqual([
      ...['a2', 'a3', 'a5'],
      ...['b1', 'b4'],
    ]);
  });

  test('keys of every kind have their place: numbers, texts, tuples', () => {
    const keys: readonly (number | string | readonly (number | string)[])[] = [
      ...['b', 10, 'a', 2, ['x', 2], ['x', 1], ['x']],
    ];
    const run = runBatch(['0 1 2 3 4 5 6'], (env) => {
      source(env)
        .map(({ atMs }) => keys[atMs / 1000]!)
        .keyBy((key) => key)
        .map((key) => JSON.stringify(key))
        .sinkTo(appendSink({ name: 'out' }));
    });
    expect(written(run).join(' ')).toBe('2 10 "a" "b" ["x"] ["x",1] ["x",2]');
  });

  test('state is dropped between keys, and nothing is left at the end', () => {
    class Remembering extends Telling {
      #sum!: ValueState<number>;

      override open(): void {
        const descriptor = new ValueStateDescriptor<number>('sum');
        this.#sum = this.getRuntimeContext().getState(descriptor);
      }

      override after(atMs: number, _: ProcessContext<string>, say: (text: string) => void): void {
        this.#sum.update((this.#sum.value() ?? 0) + atMs / 1000);
        say(`sum ${this.#sum.value()}`);
      }
    }
    const run = runBatch(
      ['a@1 b@10 a@2'],
      telling(() => new Remembering()),
    );
    expect(written(run)).toEqual(['a@1', 'sum 1', 'a@2', 'sum 3', 'b@10', 'sum 10']);
    expect(told(run, 'state-cleared')).toEqual([
      'tell-0 clears sum of a.',
      'tell-0 clears sum of b.',
    ]);
    expect(run.entriesLeft).toBe(0);
  });

  test('a function keeps its fields from key to key, and is opened once', () => {
    class Counting extends Telling {
      private opened = 0;
      private seen = 0;

      override open(): void {
        this.opened += 1;
      }

      override after(_atMs: number, _: ProcessContext<string>, say: (text: string) => void): void {
        this.seen += 1;
        say(`opened ${this.opened}, seen ${this.seen}`);
      }
    }
    const run = runBatch(
      ['b@1 a@2'],
      telling(() => new Counting()),
    );
    expect(written(run)).toEqual(['a@2', 'opened 1, seen 1', 'b@1', 'opened 1, seen 2']);
  });
});

describe('time', () => {
  class AskingTheTime extends Telling {
    override after(_: number, context: ProcessContext<string>, say: (text: string) => void): void {
      say(context.timerService().currentWatermark() < 0 ? 'no watermark' : 'a watermark');
    }
  }

  test('no watermark passes during the input, whatever the strategy says', () => {
    const run = runBatch(
      ['1 5 90'],
      telling(() => new AskingTheTime()),
    );
    expect(new Set(written(run).filter((text) => text.includes('watermark')))).toEqual(
      new Set(['no watermark']),
    );
  });

  test('nothing is ever late', () => {
    const scenario = countScenario(['1 25 2 40 3'], { sizeS: 10, delayS: 0, isBounded: true });
    expect(outputs(simulate(scenario))).toContain('[0,10) k=1');
    const run = simulateBatch({ ...scenario, faults: [] });
    expect(written(run)[0]).toContain('"count":3');
    expect(told(run, 'record-dropped-late')).toEqual([]);
  });

  class SettingTimers extends Telling {
    override after(atMs: number, context: ProcessContext<string>): void {
      context.timerService().registerProcessingTimeTimer(atMs + seconds(3600));
      context.timerService().registerEventTimeTimer(atMs + seconds(60));
    }
  }

  test('timers fire at the end of their key: of event time, then of processing time', () => {
    const run = runBatch(
      ['b@1 a@3 a@2'],
      telling(() => new SettingTimers()),
    );
    expect(written(run)).toEqual([
      ...['a@2', 'a@3', 'event-time timer 62 of a', 'event-time timer 63 of a'],
      ...['processing-time timer 3602 of a', 'processing-time timer 3603 of a'],
      ...['b@1', 'event-time timer 61 of b', 'processing-time timer 3601 of b'],
    ]);
    expect(told(run, 'watermark-advanced')).toEqual([
      'tell-0 has all records of a: its event-time clock goes to the end of time.',
      'tell-0 goes on to b: its event-time clock begins anew.',
      'tell-0 has all records of b: its event-time clock goes to the end of time.',
    ]);
  });

  test('what a timer registers at the end of its key is not taken', () => {
    class Insisting extends SettingTimers {
      override onTimer(...args: Parameters<Telling['onTimer']>): void {
        super.onTimer(...args);
        const [timeMs, context] = args;
        context.timerService().registerEventTimeTimer(timeMs + 1);
        context.timerService().registerProcessingTimeTimer(timeMs + 1);
      }
    }
    const run = runBatch(
      ['1'],
      telling(() => new Insisting()),
    );
    expect(written(run)).toHaveLength(3);
  });

  test('windows fire at the end of their key, in the order of their ends', () => {
    const run = runBatch(['b@1 a@12 a@3'], (env) => {
      source(env)
        .keyBy((item) => item.key)
        .window(TumblingEventTimeWindows.of(seconds(10)))
        .reduce((_, item) => item)
        .map(({ key, atMs }) => `${key}@${atMs / 1000}`)
        .sinkTo(appendSink({ name: 'out' }));
    });
    expect(written(run)).toEqual(['a@3', 'a@12', 'b@1']);
  });

  test('windows of processing time fire at the end of their key, too', () => {
    const run = runBatch(['a@1 b@2 a@3'], (env) => {
      source(env)
        .keyBy((item) => item.key)
        .window(TumblingProcessingTimeWindows.of(seconds(10)))
        .reduce((left, right) => ({ ...left, atMs: left.atMs + right.atMs }))
        .sinkTo(appendSink({ name: 'out' }));
    });
    expect(written(run)).toEqual(['{"key":"a","atMs":4000}', '{"key":"b","atMs":2000}']);
    expect(run.entriesLeft).toBe(0);
  });

  test('a window without end that was not full is dropped with its key', () => {
    const run = runBatch(['1 2 3 4 5'], (env) => {
      source(env)
        .keyBy((item) => item.key)
        .window(GlobalWindows.create())
        .trigger(CountTrigger.of(3))
        .reduce((left, right) => ({ ...left, atMs: left.atMs + right.atMs }))
        .sinkTo(appendSink({ name: 'out' }));
    });
    expect(written(run)).toEqual(['{"key":"k","atMs":6000}']);
    expect(run.entriesLeft).toBe(0);
  });
});

test('a stage begins when all that it reads was written', () => {
  const run = runBatch(['a@1 b@2', 'a@3 b@4'], (env) => {
    env.setParallelism(2);
    telling(() => new Telling())(env);
  });
  const started = told(run, 'stage-started', 'stage-finished', 'attempt-started');
  expect(started).toEqual([
    'Stage 0 (in) begins with 2 tasks.',
    ...['in-0 begins on machine 0.', 'in-1 begins on machine 0.'],
    'Stage 0 is over: all that it had to write is there.',
    'Stage 1 (tell → out: Writer) begins with 2 tasks.',
    ...['tell-0 begins on machine 0.', 'tell-1 begins on machine 0.'],
    'Stage 1 is over: all that it had to write is there.',
  ]);
});

test('tasks take turns when there are fewer slots', () => {
  const run = runBatch(
    ['1 2', '3 4', '5 6'],
    (env) => {
      env.setParallelism(3);
      source(env).sinkTo(appendSink({ name: 'out' }));
    },
    { cluster: { taskManagers: 1, slotsPerTaskManager: 1 }, costs: { serviceMs: { in: 100 } } },
  );
  const times = run.attempts.map(
    ({ startMs, endMs }) => `${startMs - run.startMs}–${endMs - run.startMs}`,
  );
  expect(times).toEqual(['0–200', '200–400', '400–600']);
});

test('an unbounded log is refused, and can be cut off', () => {
  const logs = { in: { partitions: [[]], isBounded: false } };
  const job = telling(() => new Telling());
  expect(() => runBatch([], job, { logs })).toThrow(/'execution.runtime-mode' set to 'BATCH'/);
  expect(runBatch([], job, { logs, cutOffMs: 5 }).outcome).toBe('finished');
});

test('an error of a function ends the job, and says whose it was', () => {
  class Throwing extends Telling {
    override processElement(_item: Item, _: ProcessContext<string>, _out: Collector<string>): void {
      throw new Error('no such thing');
    }
  }
  const run = runBatch(
    ['1'],
    telling(() => new Throwing()),
  );
  expect(run.outcome).toBe('failed');
  expect(run.failure).toMatchObject({ type: 'function', message: 'no such thing' });
});

test('a window function that counts its calls sees key after key, with a trace and without', () => {
  class Numbering extends ProcessWindowFunction<Item, string, string> {
    private calls = 0;

    override process(
      key: string,
      context: ProcessWindowContext,
      _items: readonly Item[],
      out: Collector<string>,
    ): void {
      this.calls += 1;
      out.collect(`call ${this.calls}: ${key} ${context.window().startMs / 1000}`);
    }
  }
  const job = (env: StreamExecutionEnvironment): void => {
    source(env)
      .keyBy((item) => item.key)
      .window(TumblingEventTimeWindows.of(seconds(10)))
      .process(new Numbering())
      .sinkTo(appendSink({ name: 'out' }));
  };
  for (const trace of ['full', 'none'] as const) {
    expect(written(runBatch(['b@1 a@12 b@13 a@2'], job, { trace }))).toEqual([
      ...['call 1: a 0', 'call 2: a 10'],
      ...['call 3: b 0', 'call 4: b 10'],
    ]);
  }
});

test('the same scenario gives the same run', () => {
  const run = (): unknown =>
    runBatch(
      ['b@4 a@9 b@1', 'a@2'],
      telling(() => new Telling()),
    ).trace;
  expect(run()).toEqual(run());
});
