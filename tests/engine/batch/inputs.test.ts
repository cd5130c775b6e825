import { describe, expect, test } from 'vitest';
import {
  AsyncDataStream,
  BroadcastProcessFunction,
  CoProcessFunction,
  MapStateDescriptor,
  OutputTag,
  ProcessFunction,
  TraceReader,
  TumblingEventTimeWindows,
  WatermarkStrategy,
  appendSink,
  decodeTrace,
  encodeTrace,
  explainOutput,
  logSource,
  seconds,
  simulateBatch,
} from '#engine';
import type {
  BatchRun,
  BatchScenario,
  BroadcastReadContext,
  BroadcastWriteContext,
  Collector,
  ExternalService,
  LogInput,
  NonKeyedContext,
  ResultFuture,
  StreamExecutionEnvironment,
} from '#engine';
import { stream } from '../stream-notation.ts';
import type { Item } from '../stream-notation.ts';
import { attemptsOf, runBatch, source, told, written } from './batch-notation.ts';

const word = ({ key, atMs }: Item): string => `${key}@${atMs / 1000}`;

/** Runs a job over two logs, `one` and `two`. */
function overTwo(
  one: string,
  two: string,
  job: (env: StreamExecutionEnvironment, read: (log: string) => ReturnType<typeof source>) => void,
): BatchRun {
  return simulateBatch({
    name: 'two',
    seed: 1,
    logs: { one: { partitions: [stream(one)] }, two: { partitions: [stream(two)] } },
    cluster: { taskManagers: 1, slotsPerTaskManager: 2 },
    trace: 'full',
    job: (env) => {
      const strategy = WatermarkStrategy.noWatermarks<Item>();
      job(env, (log) => env.fromSource(logSource<Item>(log), strategy, log));
    },
  });
}

describe('the order of inputs', () => {
  const RULES = new MapStateDescriptor<string, boolean>('rules');

  class Knowing extends BroadcastProcessFunction<Item, Item, string> {
    override processElement(
      item: Item,
      context: BroadcastReadContext,
      out: Collector<string>,
    ): void {
      out.collect(`${word(item)} ${context.getBroadcastState(RULES).contains('x')}`);
    }

    override processBroadcastElement(item: Item, context: BroadcastWriteContext): void {
      context.getBroadcastState(RULES).put(item.key, true);
    }
  }

  test('broadcast input comes first, whenever its records arrived', () => {
    const run = overTwo('a@1 b@2', '_ _ _ _ x@9', (_env, read) => {
      read('one')
        .connect(read('two').broadcast(RULES))
        .process(new Knowing())
        .sinkTo(appendSink({ name: 'out' }));
    });
    expect(written(run)).toEqual(['a@1 true', 'b@2 true']);
  });

  test('regular input keeps its order, one input after the other', () => {
    class Sides extends CoProcessFunction<Item, Item, string> {
      override processElement1(item: Item, _: NonKeyedContext, out: Collector<string>): void {
        out.collect(`left ${word(item)}`);
      }

      override processElement2(item: Item, _: NonKeyedContext, out: Collector<string>): void {
        out.collect(`right ${word(item)}`);
      }
    }
    const run = overTwo('b@4 a@1', 'c@9 c@2', (_env, read) => {
      read('one')
        .connect(read('two'))
        .process(new Sides())
        .sinkTo(appendSink({ name: 'out' }));
    });
    expect(written(run)).toEqual(['left b@4', 'left a@1', 'right c@9', 'right c@2']);
  });

  test('united streams are one input', () => {
    const run = overTwo('a@5', 'a@1 b@2', (_env, read) => {
      read('one')
        .union(read('two'))
        .keyBy(({ key }) => key)
        .map(word)
        .sinkTo(appendSink({ name: 'out' }));
    });
    expect(written(run)).toEqual(['a@1', 'a@5', 'b@2']);
  });
});

describe('shuffles', () => {
  const shown = (job: (items: ReturnType<typeof source>) => unknown, parallelism = 2): string[] => {
    const run = runBatch(['a@1 b@2 c@3', 'd@4'], (env) => {
      env.setParallelism(parallelism);
      const items = job(source(env)) as ReturnType<typeof source>;
      items
        .process(new WhereAmI())
        .name('where')
        .sinkTo(appendSink({ name: 'out' }));
    });
    return written(run).sort();
  };

  class WhereAmI extends ProcessFunction<Item, string> {
    override processElement(item: Item, _: NonKeyedContext, out: Collector<string>): void {
      out.collect(`${this.getRuntimeContext().getTaskInfo().getIndexOfThisSubtask()}: ${item.key}`);
    }
  }

  test('rebalance deals in turn, each task from the first', () => {
    expect(shown((items) => items.rebalance())).toEqual(['0: a', '0: c', '0: d', '1: b']);
  });

  test('broadcast gives everything to everyone', () => {
    expect(shown((items) => items.broadcast())).toHaveLength(8);
  });

  test('global gives everything to the first', () => {
    expect(shown((items) => items.global()).every((text) => text.startsWith('0:'))).toBe(true);
  });

  test('forward and a plain call stay in the chain: one stage', () => {
    const run = runBatch(['1', '2'], (env) => {
      env.setParallelism(2);
      source(env)
        .forward()
        .map(word)
        .sinkTo(appendSink({ name: 'out' }));
    });
    expect(told(run, 'stage-started')).toHaveLength(1);
  });
});

test('a window over all records is one task', () => {
  const run = runBatch(['a@1 b@12', 'c@3'], (env) => {
    env.setParallelism(2);
    source(env)
      .windowAll(TumblingEventTimeWindows.of(seconds(10)))
      .reduce((left, right) => ({ ...left, key: left.key + right.key }))
      .map(word)
      .sinkTo(appendSink({ name: 'out' }));
  });
  expect(written(run)).toEqual(['ac@1', 'b@12']);
});

test('side outputs go to stages of their own', () => {
  const LATE = new OutputTag<string>('odd');
  class Sort extends ProcessFunction<Item, string> {
    override processElement(item: Item, context: NonKeyedContext, out: Collector<string>): void {
      if ((item.atMs / 1000) % 2 === 1) context.output(LATE, word(item));
      else out.collect(word(item));
    }
  }
  const run = runBatch(['1 2 3 4'], (env) => {
    const sorted = source(env).process(new Sort());
    sorted.sinkTo(appendSink({ name: 'out' }));
    sorted
      .getSideOutput(LATE)
      .rebalance()
      .sinkTo(appendSink({ name: 'odd' }));
  });
  expect(written(run)).toEqual(['k@2', 'k@4']);
  expect(written(run, 'odd')).toEqual(['k@1', 'k@3']);
});

describe('calls to a service', () => {
  /** A call takes a second. */
  const calling =
    (capacity: number) =>
    (env: StreamExecutionEnvironment): void => {
      const call = {
        asyncInvoke: (item: Item, result: ResultFuture<string>, service: ExternalService): void =>
          service.after(seconds(1), () => result.complete([word(item)])),
      };
      AsyncDataStream.orderedWait(source(env), call, seconds(5), capacity).sinkTo(
        appendSink<string>({ name: 'out' }),
      );
    };

  test('a task waits for what is under way, as many at a time as it may', () => {
    const times = [1, 2, 4].map((capacity) => {
      const run = runBatch(['1 2 3 4'], calling(capacity));
      expect(written(run)).toEqual(['k@1', 'k@2', 'k@3', 'k@4']);
      return (run.endMs - run.startMs) / 1000;
    });
    expect(times).toEqual([4, 2, 1]);
  });
});

describe('what a source reads', () => {
  const read = (log: LogInput<string>, overrides: Partial<BatchScenario> = {}): BatchRun =>
    simulateBatch({
      name: 'reading',
      seed: 1,
      logs: { in: log },
      cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
      trace: 'full',
      job: (env) => {
        env
          .fromSource(logSource<string>('in'), WatermarkStrategy.noWatermarks<string>(), 'in')
          .sinkTo(appendSink({ name: 'out' }));
      },
      ...overrides,
    });

  test('a log with a life of its own: offsets have gaps, and what has left it is not read', () => {
    const records = ['x', 'y', 'z'].map((value, place) => ({ value, arrivalMs: place * 10 }));
    const life = {
      name: 'in-0',
      offsets: [0, 5, 9],
      goneMs: [50, Infinity, Infinity],
      openedMs: 0,
      closedMs: Infinity,
      parents: [],
      edges: [],
    };
    const log = { partitions: [records], lives: [life] };
    expect(written(read(log, { startMs: 40 }))).toEqual(['x', 'y', 'z']);
    const later = read(log, { startMs: 60 });
    expect(written(later)).toEqual(['y', 'z']);
    expect(told(later, 'record-read')[0]).toMatch(/offset 5 of in-0/);
  });
});

describe('the trace of a batch', () => {
  const run = runBatch(['a@1 b@2 a@11', 'a@3'], (env) => {
    source(env)
      .setParallelism(2)
      .keyBy(({ key }) => key)
      .window(TumblingEventTimeWindows.of(seconds(10)))
      .reduce((left, right) => ({ ...left, atMs: left.atMs + right.atMs }))
      .name('window')
      .sinkTo(appendSink({ name: 'out' }));
  });
  const reader = new TraceReader(run.trace!);

  test('says of a result which records it came from, and why it came when it did', () => {
    const row = reader.nextRow(-1, ['sink-written']);
    const lineage = explainOutput(reader, row);
    expect(lineage.records.map((record) => reader.narrate(record))).toEqual([
      'in-0 reads offset 0 of in-0: event time 1 s.',
      'in-1 reads offset 0 of in-1: event time 3 s.',
    ]);
    expect(reader.narrate(lineage.watermarkRow)).toMatch(/has all records of a/);
  });

  test('is the same when it was stored and read', () => {
    expect(decodeTrace(encodeTrace(run.trace!))).toEqual(run.trace);
  });

  test('shows where each task runs, what it has written, and that it is lost', () => {
    const losing = runBatch(
      ['a@1', 'b@2'],
      (env) => {
        env.setParallelism(2).configure({ 'restart-strategy.type': 'fixed-delay' });
        source(env)
          .keyBy(({ key }) => key)
          .map(word)
          .name('word')
          .sinkTo(appendSink({ name: 'out' }));
      },
      {
        cluster: { taskManagers: 2, slotsPerTaskManager: 1 },
        faults: [{ type: 'task-manager-crash', taskManager: 1, when: { afterStep: 7 } }],
      },
    );
    const frames = new TraceReader(losing.trace!);
    const lostAt = frames.nextRow(-1, ['partition-lost']);
    expect([...frames.frameAt(lostAt).tasks.values()]).toMatchObject([
      { stage: 0, isLost: false, finished: { attempt: 0, taskManager: 0 } },
      { stage: 0, isLost: true, finished: { attempt: 0, taskManager: 1 } },
      { stage: 1, running: new Map([[0, 0]]) },
      { stage: 1, running: new Map([[0, 1]]) },
    ]);
    const reset = frames.nextRow(lostAt, ['tasks-reset']);
    expect([...frames.frameAt(reset).tasks.values()][1]).toMatchObject({ finished: undefined });
    const last = frames.frameAt(frames.rowCount - 1);
    expect([...last.tasks.values()].every(({ finished }) => finished !== undefined)).toBe(true);
    expect(last.status).toBe('finished');
    expect(attemptsOf(losing)).toContain('in/1#1 finished');
  });
});
