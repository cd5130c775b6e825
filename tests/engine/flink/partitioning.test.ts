import { describe, expect, test } from 'vitest';
import {
  ConfigError,
  TraceReader,
  WatermarkStrategy,
  appendSink,
  logSource,
  simulate,
} from '#engine';
import type { DataStream, Run, Scenario, SingleOutputStreamOperator, Trace } from '#engine';
import { PerRecordWatermarks, stream, traceOf } from '../stream-notation.ts';
import type { Item } from '../stream-notation.ts';

type Build = (source: DataStream<Item>) => DataStream<Item>;

interface Parallelism {
  readonly from: number;
  readonly to: number;
}

/** A job of one source and one map; each source subtask has a partition of four records. */
function scenarioOf(
  build: Build,
  { from, to }: Parallelism,
  overrides: Partial<Scenario> = {},
): Scenario {
  const partitions = Array.from({ length: from }, () => stream('1 2 3 4'));
  return {
    name: 'partitioning',
    seed: 1,
    logs: { in: { partitions } },
    cluster: { taskManagers: 4, slotsPerTaskManager: 2 },
    faults: [],
    trace: 'full',
    job: (env) => {
      const strategy = WatermarkStrategy.forGenerator<Item>(() => new PerRecordWatermarks(0));
      const source = env.fromSource(logSource<Item>('in'), strategy, 'in').setParallelism(from);
      build(source)
        .map((item) => item)
        .name('map')
        .setParallelism(to)
        .sinkTo(appendSink({ name: 'out' }))
        .setParallelism(to);
    },
    ...overrides,
  };
}

/** Which subtasks of the map are connected to which of the source: `0>0,1 1>2`. */
function connections(trace: Trace): string {
  const { channels, subtasks } = trace.header;
  const targets = new Map<number, number[]>();
  for (const { from, to } of channels) {
    const [one, two] = [subtasks[from]!, subtasks[to]!];
    if (one.operator !== 'in' || two.operator !== 'map') continue;
    targets.set(one.index, [...(targets.get(one.index) ?? []), two.index]);
  }
  return [...targets].map(([from, to]) => `${from}>${to.join(',')}`).join(' ');
}

/** To which subtask of the map the records of each source subtask go, in order: `0:0101 1:2323`. */
function routes(run: Run): string {
  const reader = new TraceReader(traceOf(run));
  const { subtasks } = reader.trace.header;
  const lists: string[] = [];
  for (let row = 0; row < reader.rowCount; row += 1) {
    const { kind, subtask, cause } = reader.event(row);
    if (kind !== 'record-received' || subtasks[subtask]?.operator !== 'map') continue;
    const from = subtasks[reader.event(cause).subtask]?.index ?? -1;
    lists[from] = `${lists[from] ?? ''}${subtasks[subtask]?.index}`;
  }
  return lists.map((list, from) => `${from}:${list}`).join(' ');
}

const route = (build: Build, parallelism: Parallelism): string =>
  routes(simulate(scenarioOf(build, parallelism)));

describe('partitioners', () => {
  test('rebalance deals to all in turn', () => {
    expect(route((source) => source.rebalance(), { from: 2, to: 3 })).toBe('0:0120 1:0120');
  });

  test('rescale deals to the neighbours only', () => {
    const rescale: Build = (source) => source.rescale();
    expect(route(rescale, { from: 2, to: 4 })).toBe('0:0101 1:2323');
    expect(route(rescale, { from: 4, to: 2 })).toBe('0:0000 1:0000 2:1111 3:1111');
    // Subtask 1 begins with its second neighbour: 3 reads output 3 mod 2 = 1, 4 reads output 0.
    expect(route(rescale, { from: 3, to: 7 })).toBe('0:0120 1:4343 2:6565');
  });

  // Printed by VertexInputInfoComputationUtils of flink-runtime 2.3.0.
  test('the neighbours are those of Flink', () => {
    const neighbours = (from: number, to: number): string =>
      connections(traceOf(simulate(scenarioOf((source) => source.rescale(), { from, to }))));
    expect(neighbours(2, 4)).toBe('0>0,1 1>2,3');
    expect(neighbours(4, 2)).toBe('0>0 1>0 2>1 3>1');
    expect(neighbours(2, 3)).toBe('0>0,1 1>2');
    expect(neighbours(3, 2)).toBe('0>0 1>1 2>1');
    expect(neighbours(3, 7)).toBe('0>0,1,2 1>3,4 2>5,6');
  });

  test('broadcast sends to everyone, global to the first', () => {
    expect(route((source) => source.broadcast(), { from: 1, to: 3 })).toBe('0:012012012012');
    expect(route((source) => source.global(), { from: 2, to: 3 })).toBe('0:0000 1:0000');
  });

  test('shuffle goes where the seed says', () => {
    const shuffle: Build = (source) => source.shuffle();
    const withSeed = (seed: number): string =>
      routes(simulate(scenarioOf(shuffle, { from: 2, to: 4 }, { seed })));
    expect(withSeed(3)).toBe(withSeed(3));
    expect(new Set([1, 2, 3, 4, 5].map(withSeed)).size).toBeGreaterThan(1);
    const [first = '', second = ''] = withSeed(1).split(' ');
    expect(first.slice(2)).not.toBe(second.slice(2));
  });

  test('forward keeps the index', () => {
    const forward: Build = (source) => (source as SingleOutputStreamOperator<Item>).forward();
    const unchained: Build = (source) =>
      (source as SingleOutputStreamOperator<Item>).disableChaining().forward();
    expect(connections(traceOf(simulate(scenarioOf(forward, { from: 2, to: 2 }))))).toBe('');
    expect(route(unchained, { from: 2, to: 2 })).toBe('0:0000 1:1111');
  });

  test('nothing said: forward for equal parallelism, else rebalance', () => {
    const plain: Build = (source) => source;
    expect(route(plain, { from: 2, to: 3 })).toBe('0:0120 1:0120');
    expect(connections(traceOf(simulate(scenarioOf(plain, { from: 3, to: 3 }))))).toBe('');
  });

  test('the last word counts', () => {
    expect(route((source) => source.global().rebalance(), { from: 1, to: 2 })).toBe('0:0101');
  });

  test('the end of the input reaches everyone', () => {
    for (const build of [
      (source: DataStream<Item>) => source.rescale(),
      (source: DataStream<Item>) => source.broadcast(),
      (source: DataStream<Item>) => source.global(),
      (source: DataStream<Item>) => source.shuffle(),
    ]) {
      const run = simulate(scenarioOf(build, { from: 2, to: 3 }));
      expect(run.outcome).toBe('finished');
    }
  });
});

describe('bad use', () => {
  test('forward cannot change the parallelism', () => {
    const run = (): Run => simulate(scenarioOf((source) => source.forward(), { from: 1, to: 2 }));
    expect(run).toThrow(ConfigError);
    expect(run).toThrow(
      /does not allow a change of parallelism.*"in" with 1, "map" with 2.*rebalance/,
    );
  });

  test('the partitioning of a keyed stream stays', () => {
    for (const how of ['rebalance', 'rescale', 'shuffle', 'global', 'forward'] as const) {
      const run = (): Run =>
        simulate(scenarioOf((source) => source.keyBy(({ key }) => key)[how](), { from: 1, to: 1 }));
      expect(run).toThrow(/cannot override partitioning for KeyedStream/);
    }
  });
});

/** The tasks of a job, as the names of the operators that share one. */
function tasks(build: (source: SingleOutputStreamOperator<Item>) => DataStream<Item>): string[] {
  const run = simulate(
    scenarioOf((source) => build(source as SingleOutputStreamOperator<Item>), { from: 1, to: 1 }),
  );
  return [...new Set(traceOf(run).header.subtasks.map(({ task }) => task))];
}

describe('chaining', () => {
  test('forward operators of equal parallelism share a task', () => {
    expect(tasks((source) => source.filter(() => true))).toEqual([
      'in → Filter → map → out: Writer',
    ]);
  });

  test('disableChaining: alone', () => {
    expect(tasks((source) => source.filter(() => true).disableChaining())).toEqual([
      'in',
      'Filter',
      'map → out: Writer',
    ]);
  });

  test('startNewChain: not joined to what comes before', () => {
    expect(tasks((source) => source.filter(() => true).startNewChain())).toEqual([
      'in',
      'Filter → map → out: Writer',
    ]);
  });

  test('a rescale is never chained, nor is a union', () => {
    expect(tasks((source) => source.rescale())).toEqual(['in', 'map → out: Writer']);
    expect(tasks((source) => source.union(source))).toEqual(['in', 'map → out: Writer']);
  });

  test('disableOperatorChaining: every operator is alone', () => {
    const scenario = scenarioOf((source) => source, { from: 1, to: 1 });
    const run = simulate({
      ...scenario,
      job: (env) => {
        env.disableOperatorChaining();
        scenario.job(env);
      },
    });
    const names = traceOf(run).header.subtasks.map(({ task }) => task);
    expect(names).toEqual(['in', 'map', 'out: Writer']);
    expect(run.sinks['out']?.length).toBe(4);
  });
});
