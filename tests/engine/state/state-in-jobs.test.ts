import { describe, expect, test } from 'vitest';
import {
  AggregatingStateDescriptor,
  KeyedProcessFunction,
  ListStateDescriptor,
  MapStateDescriptor,
  ProcessFunction,
  ReducingStateDescriptor,
  StateTtlConfig,
  TraceReader,
  ValueStateDescriptor,
  WatermarkStrategy,
  appendSink,
  logSource,
  seconds,
  simulate,
} from '#engine';
import type {
  AggregatingState,
  CheckpointListener,
  CheckpointedFunction,
  Collector,
  FunctionInitializationContext,
  FunctionSnapshotContext,
  ListState,
  MapState,
  OnTimerContext,
  ProcessContext,
  ReducingState,
  Run,
  Scenario,
  StreamExecutionEnvironment,
  ValueState,
} from '#engine';
import type { Item } from '../stream-notation.ts';
import { stream, traceOf } from '../stream-notation.ts';

type Job = (env: StreamExecutionEnvironment) => void;

function scenarioOf(text: string, job: Job, overrides: Partial<Scenario> = {}): Scenario {
  return {
    name: 'state',
    seed: 1,
    logs: { in: { partitions: [stream(text)] } },
    cluster: { taskManagers: 1, slotsPerTaskManager: 2 },
    faults: [],
    trace: 'full',
    job,
    ...overrides,
  };
}

function items(env: StreamExecutionEnvironment) {
  const strategy = WatermarkStrategy.forMonotonousTimestamps<Item>();
  return env.fromSource(logSource<Item>('in'), strategy, 'in').setParallelism(1);
}

const crashAfter = (afterStep: number) =>
  ({ type: 'task-manager-crash', taskManager: 0, when: { afterStep } }) as const;

const written = (run: Run): unknown[] => (run.sinks['out'] ?? []).map(({ row }) => row);

/** State and timers of the last frame, over all subtasks. */
function entriesInFrame(run: Run): number {
  const reader = new TraceReader(traceOf(run));
  let count = 0;
  for (const subtask of reader.frameAt(reader.rowCount - 1).subtasks) {
    count += subtask.state.size + subtask.timers.size + subtask.windows.size;
  }
  return count;
}

/** Uses every kind of keyed state with every record, and tells what it then holds. */
class EveryKind extends KeyedProcessFunction<string, Item, string> {
  #value!: ValueState<number>;
  #list!: ListState<number>;
  #map!: MapState<string, number>;
  #sum!: ReducingState<number>;
  #all!: AggregatingState<number, string>;
  ttl: { readonly ms: number; readonly isFull: boolean } | undefined;

  override open(): void {
    const context = this.getRuntimeContext();
    const value = new ValueStateDescriptor<number>('value');
    const list = new ListStateDescriptor<number>('list');
    const map = new MapStateDescriptor<string, number>('map');
    const sum = new ReducingStateDescriptor<number>('sum', (left, right) => left + right);
    const all = new AggregatingStateDescriptor<number, number[], string>('all', {
      createAccumulator: () => [],
      add: (item, held) => [...held, item],
      getResult: (held) => held.join(),
      merge: (left, right) => [...left, ...right],
    });
    if (this.ttl !== undefined) {
      const builder = StateTtlConfig.newBuilder(this.ttl.ms).disableCleanupInBackground();
      const config = (this.ttl.isFull ? builder.cleanupFullSnapshot() : builder).build();
      for (const descriptor of [value, list, map, sum, all]) descriptor.enableTimeToLive(config);
    }
    this.#value = context.getState(value);
    this.#list = context.getListState(list);
    this.#map = context.getMapState(map);
    this.#sum = context.getReducingState(sum);
    this.#all = context.getAggregatingState(all);
  }

  override processElement(
    item: Item,
    context: ProcessContext<string>,
    out: Collector<string>,
  ): void {
    const second = item.atMs / 1000;
    this.#value.update((this.#value.value() ?? 0) + 1);
    if (second % 5 === 0) this.#list.clear();
    this.#list.add(second);
    if (second % 7 === 0) this.#map.remove(String(second % 3));
    else this.#map.put(String(second % 3), second);
    this.#sum.add(second);
    this.#all.add(second);
    context.timerService().registerEventTimeTimer(item.atMs + 3000);
    out.collect(
      `${item.key}@${second} ${this.#value.value()} [${this.#list.get().join()}] ` +
        `{${this.#map.entries().join(';')}} ${this.#sum.get()} ${this.#all.get()}`,
    );
  }

  override onTimer(timeMs: number, _context: OnTimerContext<string>, out: Collector<string>): void {
    out.collect(`timer ${timeMs / 1000}`);
  }
}

const INPUT = 'a@1 b@2 a@3 a@4 c@5 b@6 a@7 b@8 a@9 c@10 a@11 b@12 a@13';

function everyKind(ttl: EveryKind['ttl'], backend: 'hashmap' | 'rocksdb', isBounded = true) {
  const scenario = scenarioOf(INPUT, (env) => {
    env
      .enableCheckpointing(seconds(2))
      .configure({ 'state.backend.type': backend, 'restart-strategy.type': 'fixed-delay' });
    const function_ = new EveryKind();
    function_.ttl = ttl;
    items(env)
      .keyBy((item) => item.key)
      .process(function_)
      .name('every kind')
      .sinkTo(appendSink({ name: 'out' }));
  });
  return { ...scenario, logs: { in: { partitions: [stream(INPUT)], isBounded } } };
}

describe('every kind of state in a job', () => {
  for (const backend of ['hashmap', 'rocksdb'] as const) {
    test(`${backend}: is exactly-once after a crash at every step, and the frames agree`, () => {
      const straight = simulate(everyKind(undefined, backend, false));
      // When a timer fires depends on watermarks, which are not restored: only records count.
      const ofRecords = (run: Run): unknown[] =>
        [...new Set(written(run))].filter((row) => !String(row).startsWith('timer')).sort();
      const expected = ofRecords(straight);
      expect(expected.length).toBe(13);
      expect(straight.entriesLeft).toBeGreaterThan(10);
      for (let step = 1; step <= straight.stepCount; step += 1) {
        const run = simulate({
          ...everyKind(undefined, backend, false),
          faults: [crashAfter(step)],
        });
        expect({ step, seen: ofRecords(run) }).toEqual({ step, seen: expected });
        expect([step, entriesInFrame(run)]).toEqual([step, run.entriesLeft]);
      }
    });
  }

  test('both backends give the same when nothing is changed in place', () => {
    const heap = simulate(everyKind(undefined, 'hashmap'));
    expect(written(simulate(everyKind(undefined, 'rocksdb')))).toEqual(written(heap));
  });

  test('what has expired is gone from the frames too, also where a snapshot left it out', () => {
    for (const isFull of [false, true]) {
      const ttl = { ms: 2500, isFull };
      const stepCount = simulate(everyKind(ttl, 'hashmap', false)).stepCount;
      for (let step = 1; step <= stepCount; step += 1) {
        const run = simulate({ ...everyKind(ttl, 'hashmap', false), faults: [crashAfter(step)] });
        expect([isFull, step, entriesInFrame(run)]).toEqual([isFull, step, run.entriesLeft]);
      }
    }
  });

  test('a snapshot says how many bytes it is', () => {
    const reader = new TraceReader(traceOf(simulate(everyKind(undefined, 'hashmap'))));
    const bytes: number[] = [];
    for (let row = 0; row < reader.rowCount; row += 1) {
      if (reader.kindAt(row) !== 'snapshot-taken') continue;
      if (reader.subtaskText(reader.event(row).subtask) !== 'every kind-0') continue;
      bytes.push((reader.valueAt(row) as { bytes: number }).bytes);
    }
    expect(bytes.length).toBeGreaterThan(3);
    expect([...bytes].sort((left, right) => left - right)).toEqual(bytes);
    expect(bytes[0]).toBeGreaterThan(0);
  });
});

/** Collects records until there are three; what waits is operator state. */
class Batching
  extends ProcessFunction<Item, string>
  implements CheckpointedFunction, CheckpointListener
{
  buffer: string[] = [];
  #saved!: ListState<string>;
  completed = 0;

  initializeState(context: FunctionInitializationContext): void {
    this.#saved = context
      .getOperatorStateStore()
      .getListState(new ListStateDescriptor<string>('buffer'));
    this.buffer = context.isRestored() ? this.#saved.get() : [];
  }

  snapshotState(context: FunctionSnapshotContext): void {
    if (context.getCheckpointId() < 0) throw new Error('checkpoint ids are not negative');
    this.#saved.update(this.buffer);
  }

  notifyCheckpointComplete(): void {
    this.completed += 1;
  }

  override processElement(item: Item, _context: unknown, out: Collector<string>): void {
    this.buffer.push(`${item.key}${item.atMs / 1000}`);
    if (this.buffer.length < 3) return;
    out.collect(this.buffer.join());
    this.buffer = [];
  }
}

describe('CheckpointedFunction', () => {
  const batching = (faults: Scenario['faults'] = []) =>
    scenarioOf(
      INPUT,
      (env) => {
        env.enableCheckpointing(seconds(2)).configure({ 'restart-strategy.type': 'fixed-delay' });
        items(env)
          .process(new Batching())
          .name('batching')
          .sinkTo(appendSink({ name: 'out' }));
      },
      { faults },
    );

  test('its buffer survives a crash after every step', () => {
    const straight = simulate(batching());
    expect(written(straight)).toEqual(['a1,b2,a3', 'a4,c5,b6', 'a7,b8,a9', 'c10,a11,b12']);
    expect(straight.entriesLeft).toBe(1);
    for (let step = 1; step <= straight.stepCount; step += 1) {
      const run = simulate(batching([crashAfter(step)]));
      expect([step, [...new Set(written(run))]]).toEqual([step, written(straight)]);
    }
  });

  test('what it does for the snapshot is told before the snapshot, because of it', () => {
    const reader = new TraceReader(traceOf(simulate(batching())));
    const updated = reader.nextRow(-1, ['state-updated']);
    const taken = reader.nextRow(updated, ['snapshot-taken']);
    expect(reader.event(updated).cause).toBe(reader.event(taken).cause);
    expect(reader.narrate(updated)).toBe('batching-0 sets buffer[0] to a4.');
  });
});

describe('bad use', () => {
  test('keyed state on a stream without keys is refused, in Flink’s words', () => {
    class Counting extends ProcessFunction<Item, number> {
      override open(): void {
        this.getRuntimeContext().getState(new ValueStateDescriptor<number>('count'));
      }

      override processElement(): void {}
    }
    const run = simulate(
      scenarioOf('1 2', (env) => {
        items(env)
          .process(new Counting())
          .sinkTo(appendSink({ name: 'out' }));
      }),
    );
    expect(run.failure?.message).toMatch(
      /keyed state can only be used on a 'keyed stream', i\.e\., after a 'keyBy\(\)' operation/,
    );
  });
});

/** Says hello some seconds later, by the clock. */
class Later extends KeyedProcessFunction<string, Item, string> {
  override processElement(_item: Item, context: ProcessContext<string>): void {
    const timers = context.timerService();
    timers.registerProcessingTimeTimer(timers.currentProcessingTime() + 4000);
  }

  override onTimer(timeMs: number, context: OnTimerContext<string>, out: Collector<string>): void {
    const nowMs = context.timerService().currentProcessingTime();
    out.collect(`${context.getCurrentKey()} due ${timeMs / 1000} at ${nowMs / 1000}`);
    expect(context.timestamp()).toBe(timeMs);
  }
}

test('processing-time timers that came due while the job was down fire at the restore', () => {
  const run = (faults: Scenario['faults']): unknown[] => {
    const scenario = scenarioOf(
      'a@1 b@2 _ _ _ _ _ _ c@9',
      (env) => {
        env.enableCheckpointing(seconds(1)).configure({
          'restart-strategy.type': 'fixed-delay',
          'restart-strategy.fixed-delay.delay': 4500,
        });
        items(env)
          .keyBy((item) => item.key)
          .process(new Later())
          .sinkTo(appendSink({ name: 'out' }));
      },
      { faults },
    );
    return written(
      simulate({ ...scenario, logs: { in: { partitions: scenario.logs['in']!.partitions } } }),
    );
  };
  expect(run([]).slice(0, 2)).toEqual(['a due 5 at 5.001', 'b due 6 at 6.001']);
  const crash = { type: 'task-manager-crash', taskManager: 0, when: { atMs: 3500 } } as const;
  expect(run([crash]).slice(0, 2)).toEqual(['a due 5 at 8', 'b due 6 at 8']);
});
