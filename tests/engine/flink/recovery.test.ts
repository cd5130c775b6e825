import { describe, expect, test } from 'vitest';
import {
  KeyedProcessFunction,
  MapStateDescriptor,
  ValueStateDescriptor,
  WatermarkStrategy,
  appendSink,
  logSource,
  seconds,
  simulate,
  tableOf,
  upsertSink,
} from '#engine';
import type {
  Collector,
  Json,
  MapState,
  OnTimerContext,
  ProcessContext,
  Run,
  Scenario,
  ValueState,
} from '#engine';
import type { Item } from '../stream-notation.ts';
import { countScenario, outputs, stream } from '../stream-notation.ts';

interface Total {
  readonly key: string;
  readonly endS: number;
  readonly count: number;
}

/** Counts per key and 10 s by hand, with map state and timers; and a running number as a value. */
class CountByHand extends KeyedProcessFunction<string, Item, Total> {
  #counts!: MapState<number, number>;
  #seen!: ValueState<number>;

  override open(): void {
    const context = this.getRuntimeContext();
    this.#counts = context.getMapState(new MapStateDescriptor<number, number>('counts'));
    this.#seen = context.getState(new ValueStateDescriptor<number>('seen'));
  }

  override processElement(item: Item, context: ProcessContext<string>): void {
    const endMs = Math.floor(item.atMs / 10_000) * 10_000 + 10_000;
    if (context.timerService().currentWatermark() >= endMs - 1) return;
    this.#seen.update((this.#seen.value() ?? 0) + 1);
    this.#counts.put(endMs, (this.#counts.get(endMs) ?? 0) + 1);
    context.timerService().registerEventTimeTimer(endMs - 1);
  }

  override onTimer(
    timestampMs: number,
    context: OnTimerContext<string>,
    out: Collector<Total>,
  ): void {
    const endMs = timestampMs + 1;
    const count = this.#counts.get(endMs) ?? 0;
    out.collect({ key: context.getCurrentKey(), endS: endMs / 1000, count });
    this.#counts.remove(endMs);
    if (this.#counts.isEmpty()) this.#seen.clear();
  }
}

const INPUT = ['a@1 b@4 a@12 b@9 a@13 c@21 a@25', 'b@2 a@3 _ b@15 c@14 b@30'] as const;

function byHand(overrides: Partial<Scenario> = {}): Scenario {
  return {
    name: 'by hand',
    seed: 1,
    logs: { in: { partitions: INPUT.map(stream) } },
    cluster: { taskManagers: 2, slotsPerTaskManager: 1 },
    faults: [],
    trace: 'full',
    job: (env) => {
      env.setParallelism(2).enableCheckpointing(seconds(2));
      const strategy = WatermarkStrategy.forBoundedOutOfOrderness<Item>(seconds(20));
      const totals = env
        .fromSource(logSource<Item>('in'), strategy, 'in')
        .keyBy((item) => item.key)
        .process(new CountByHand())
        .name('by hand');
      totals.sinkTo(upsertSink({ name: 'table', key: (total) => [total.key, total.endS] }));
      totals.sinkTo(appendSink({ name: 'log' }));
    },
    ...overrides,
  };
}

const asText = (rows: readonly { readonly row: Json }[] | undefined): string[] =>
  (rows ?? []).map(({ row }) => JSON.stringify(row)).sort();

describe('recovery from a crash after every single step', () => {
  const straight = simulate(byHand());
  const expected = asText(straight.sinks['log']);

  test('a straight run gives what a batch over the input gives', () => {
    const counts = new Map<string, number>();
    for (const { value } of INPUT.flatMap(stream)) {
      const id = `${value.key} ${Math.floor(value.atMs / 10_000) * 10 + 10}`;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const batch = [...counts].map(([id, count]) => {
      const [key = '', endS = ''] = id.split(' ');
      return JSON.stringify({ key, endS: Number(endS), count });
    });
    expect(expected).toEqual(batch.sort());
    expect(straight.entriesLeft).toBe(0);
  });

  for (const taskManager of [0, 1]) {
    test(`task manager ${taskManager}: state is exactly-once, a plain sink at-least-once`, () => {
      for (let afterStep = 1; afterStep <= straight.stepCount; afterStep += 1) {
        const fault = { type: 'task-manager-crash', taskManager, when: { afterStep } } as const;
        const run: Run = simulate(byHand({ faults: [fault] }));
        const seen = { afterStep, outcome: run.outcome, table: asText(tableOf(rowsOf(run))) };
        expect(seen).toEqual({ afterStep, outcome: 'finished', table: expected });
        const written = new Set(asText(run.sinks['log']));
        expect([...written].sort()).toEqual(expected);
        expect(run.entriesLeft).toBe(0);
      }
    });
  }

  test('two crashes in a row do no more harm', () => {
    for (let afterStep = 3; afterStep <= straight.stepCount; afterStep += 5) {
      const faults = [afterStep, afterStep + 7].map((step) => ({
        type: 'task-manager-crash' as const,
        taskManager: 1,
        when: { afterStep: step },
      }));
      const run = simulate(byHand({ faults }));
      expect(asText(tableOf(rowsOf(run)))).toEqual(expected);
    }
  });
});

function rowsOf(run: Run): Run['sinks'][string] {
  return run.sinks['table'] ?? [];
}

describe('what a restart is', () => {
  test('without checkpoints a failed job stays down, as Flink has it', () => {
    const crash = { type: 'task-manager-crash', taskManager: 0, when: { atMs: 2500 } } as const;
    const run = simulate(countScenario(['1 2 3'], { sizeS: 10, delayS: 0 }, { faults: [crash] }));
    expect(run.outcome).toBe('failed');
    expect(run.failure?.message).toContain('task manager 0 was lost');
  });

  test('watermarks are not restored: a record that was late before may count afterwards', () => {
    const scenario = countScenario(['1 12 5 13 25'], { sizeS: 10, delayS: 0 });
    const job: Scenario['job'] = (env) => {
      env.enableCheckpointing(3000);
      scenario.job(env);
    };
    const straight = simulate({ ...scenario, job });
    expect(outputs(straight)).toEqual(['[0,10) k=1', '[10,20) k=2']);
    // The crash is before the first checkpoint: everything is read again, and 5 is late again.
    const crash = { type: 'task-manager-crash', taskManager: 0, when: { atMs: 3500 } } as const;
    const replayed = simulate({ ...scenario, job, faults: [crash] });
    expect(outputs(replayed)).toEqual(['[0,10) k=1', '[0,10) k=1', '[10,20) k=2']);
  });
});
