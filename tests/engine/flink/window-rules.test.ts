import { describe, expect, test } from 'vitest';
import {
  CountEvictor,
  CountTrigger,
  EventTimeSessionWindows,
  EventTimeTrigger,
  GlobalWindows,
  ProcessAllWindowFunction,
  ProcessWindowFunction,
  ProcessingTimeSessionWindows,
  PurgingTrigger,
  SlidingEventTimeWindows,
  TraceReader,
  TumblingEventTimeWindows,
  TumblingProcessingTimeWindows,
  ValueStateDescriptor,
  days,
  explainOutput,
  hours,
  minutes,
  seconds,
  simulate,
} from '#engine';
import type { Collector, ProcessWindowContext, TraceKind } from '#engine';
import type { Item } from '../stream-notation.ts';
import { traceOf } from '../stream-notation.ts';
import {
  ListWindow,
  NameWindow,
  countIn,
  counting,
  jobScenario,
  linesOf,
  windowText,
  writtenBy,
} from '../windows/window-scenario.ts';

const tumbling10 = TumblingEventTimeWindows.of(seconds(10));
const session5 = EventTimeSessionWindows.withGap(seconds(5));

describe('questions of the question bank', () => {
  test('37: late records within the allowed lateness fire again', () => {
    expect(
      countIn('1 4 12 9 13 8 17 7', (keyed) => keyed.window(tumbling10).allowedLateness(5000), {
        delayS: 2,
      }),
    ).toEqual(['[0,10) k=2', '[0,10) k=3', '[0,10) k=4', '7 late']);
  });

  test('38: a purging trigger makes each pane hold new records only', () => {
    expect(
      countIn(
        '1 4 12 9 13 8 17 7',
        (keyed) =>
          keyed
            .window(tumbling10)
            .allowedLateness(5000)
            .trigger(PurgingTrigger.of(EventTimeTrigger.create())),
        { delayS: 2 },
      ),
    ).toEqual(['[0,10) k=2', '[0,10) k=1', '[0,10) k=1', '7 late']);
  });

  test('40: a record late for one of its windows only is not late', () => {
    const sliding = SlidingEventTimeWindows.of(seconds(10), seconds(5));
    expect(countIn('1 7 12 8 21', (keyed) => keyed.window(sliding))).toEqual([
      '[-5,5) k=1',
      '[0,10) k=2',
      '[5,15) k=3',
      '[10,20) k=1',
    ]);
  });

  test('41, 42: a session is closed before the bridge arrives, or after', () => {
    const lines = (delayS: number) =>
      countIn('1 9 5 20', (keyed) => keyed.window(session5), { delayS });
    expect(lines(3)).toEqual(['[1,6) k=1', '[5,14) k=2']);
    expect(lines(4)).toEqual(['[1,14) k=3']);
  });

  test('43: a late bridge merges sessions that have fired', () => {
    expect(
      countIn('1 9 5 20', (keyed) => keyed.window(session5).allowedLateness(5000), { delayS: 3 }),
    ).toEqual(['[1,6) k=1', '[1,14) k=3']);
  });

  test('44: sessions that touch are one', () => {
    expect(countIn('1 6 30', (keyed) => keyed.window(session5))).toEqual(['[1,11) k=2']);
    expect(countIn('1 6.001 30', (keyed) => keyed.window(session5))).toEqual([
      '[1,6) k=1',
      '[6.001,11.001) k=1',
    ]);
  });

  test('45: a record behind the watermark may still belong to an open session', () => {
    expect(countIn('1 5 9 4 30', (keyed) => keyed.window(session5))).toEqual(['[1,14) k=4']);
  });

  test('46: a count trigger replaces the time trigger', () => {
    const text = '1 2 3 4 5 6 7 15';
    const count = CountTrigger.of(3);
    expect(countIn(text, (keyed) => keyed.window(tumbling10).trigger(count))).toEqual([
      '[0,10) k=3',
      '[0,10) k=6',
    ]);
    expect(
      countIn(text, (keyed) => keyed.window(tumbling10).trigger(PurgingTrigger.of(count))),
    ).toEqual(['[0,10) k=3', '[0,10) k=3']);
  });

  test('47: global windows never fire by themselves', () => {
    expect(countIn('1 2 3', (keyed) => keyed.window(GlobalWindows.create()))).toEqual([]);
  });

  test('48, 49: size over slide windows for each record', () => {
    const daily = SlidingEventTimeWindows.of(days(1), minutes(1));
    expect(daily.assignWindows('', hours(30))).toHaveLength(1440);
    const windows = SlidingEventTimeWindows.of(10, 3).assignWindows('', 7);
    expect(windows.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [6, 16],
      [3, 13],
      [0, 10],
    ]);
  });

  test('50: an offset moves the start of the day', () => {
    const at = Date.UTC(2024, 0, 2, 20);
    const start = (offsetMs: number) =>
      TumblingEventTimeWindows.of(days(1), offsetMs).assignWindows('', at)[0]?.startMs;
    expect(start(hours(-8))).toBe(Date.UTC(2024, 0, 2, 16));
    expect(start(0)).toBe(Date.UTC(2024, 0, 2));
  });

  test('51: with an evictor every record is kept, whatever is computed', () => {
    const entries = (hasEvictor: boolean) => {
      const run = simulate(
        jobScenario('1 2 3 4 5 6', (items) => {
          const windows = items.keyBy(({ key }) => key).window(tumbling10);
          return (hasEvictor ? windows.evictor(CountEvictor.of(2)) : windows).aggregate(counting);
        }),
      );
      const reader = new TraceReader(traceOf(run));
      return reader.valueAt(eventsOf(reader, 'window-updated').at(-1)?.row ?? 0);
    };
    expect(entries(false)).toBe(6);
    expect(entries(true)).toHaveLength(6);
  });

  test('52: a result carries the last millisecond of its window', () => {
    const run = simulate(
      jobScenario('1 12 25', (items) =>
        items
          .keyBy(({ key }) => key)
          .window(tumbling10)
          .aggregate(counting),
      ),
    );
    const reader = new TraceReader(traceOf(run));
    expect(eventsOf(reader, 'record-emitted').map(({ a }) => a)).toEqual([9999, 19_999]);
  });
});

describe('windows without keys', () => {
  class CountAll extends ProcessAllWindowFunction<Item, string> {
    override process(
      context: ProcessWindowContext,
      elements: readonly Item[],
      out: Collector<string>,
    ): void {
      out.collect(`${windowText(context)} ${elements.length}`);
    }
  }

  test('are computed by one subtask, whatever the parallelism', () => {
    const scenario = jobScenario('a@1 b@4 c@12 a@25', (items) =>
      items.rebalance().windowAll(tumbling10).process(new CountAll()).name('all'),
    );
    const run = simulate({
      ...scenario,
      job: (env) => {
        env.setParallelism(2);
        scenario.job(env);
      },
    });
    expect(writtenBy(run)).toEqual(['[0,10) 2', '[10,20) 1']);
    const { subtasks } = traceOf(run).header;
    expect(subtasks.filter(({ operator }) => operator === 'all')).toHaveLength(1);
  });

  test('also of counts', () => {
    const lines = linesOf(
      jobScenario('a@1 b@2 c@3 d@4 e@5', (items) =>
        items.countWindowAll(2).process(new CountAll()),
      ),
    );
    expect(lines).toEqual(['global 2', 'global 2']);
  });
});

describe('count windows', () => {
  const lines = (size: number, slide?: number) =>
    linesOf(
      jobScenario('1 2 b@9 3 4 5 6 7', (items) =>
        items
          .keyBy(({ key }) => key)
          .countWindow(size, slide)
          .process(new ListWindow()),
      ),
    );

  test('of a size are emitted full, and the rest is kept', () => {
    expect(lines(3)).toEqual(['global k=1 2 3', 'global k=4 5 6']);
  });

  test('with a slide hold the last records', () => {
    expect(lines(3, 2)).toEqual(['global k=1 2', 'global k=2 3 4', 'global k=4 5 6']);
  });
});

describe('reduce, aggregate and evictors', () => {
  const latest = (left: Item, right: Item): Item => (left.atMs > right.atMs ? left : right);

  test('reduce alone emits the record; with a function, what it makes of it', () => {
    const windows = (text: string, hasFunction: boolean) =>
      linesOf(
        jobScenario(
          text,
          (items) => {
            const windowed = items.keyBy(({ key }) => key).window(session5);
            return hasFunction
              ? windowed.reduce(latest, new ListWindow())
              : windowed.reduce(latest).map(({ atMs }) => atMs / 1000);
          },
          { delayS: 8 },
        ),
      );
    expect(windows('1 9 5 30', false)).toEqual(['9']);
    expect(windows('1 9 5 30', true)).toEqual(['[1,14) k=9']);
  });

  test('what an evictor leaves is aggregated', () => {
    expect(
      countIn('1 2 3 4 12', (keyed) => keyed.window(tumbling10).evictor(CountEvictor.of(3))),
    ).toEqual(['[0,10) k=3']);
  });
});

describe('windows of processing time', () => {
  test('hold what was processed before their end, and fire after their last millisecond', () => {
    const run = simulate(
      jobScenario('100 200 300 _ _ _ _ _ _ _ _ 50', (items) =>
        items
          .keyBy(({ key }) => key)
          .window(TumblingProcessingTimeWindows.of(seconds(10)))
          .aggregate(counting, new NameWindow()),
      ),
    );
    expect(writtenBy(run)).toEqual(['[0,10) k=3', '[10,20) k=1']);
    const reader = new TraceReader(traceOf(run));
    expect(eventsOf(reader, 'window-fired').map(({ atMs }) => atMs)).toEqual([10_000, 20_000]);
  });

  test('of sessions end when nothing comes for as long as the gap', () => {
    const session = ProcessingTimeSessionWindows.withGap(seconds(3));
    expect(countIn('100 200 _ _ _ 300', (keyed) => keyed.window(session))).toEqual([
      '[1,5) k=2',
      '[6,9) k=1',
    ]);
  });

  test('that fell due while the job was down fire when it is back', () => {
    const scenario = jobScenario('1 2 3 _ _ _ _ _ _ _ _ _ _ _ 4', (items) =>
      items
        .keyBy(({ key }) => key)
        .window(TumblingProcessingTimeWindows.of(seconds(5)))
        .aggregate(counting, new NameWindow()),
    );
    const run = simulate({
      ...scenario,
      faults: [{ type: 'task-manager-crash', taskManager: 0, when: { atMs: 4500 } }],
      job: (env) => {
        env.enableCheckpointing(seconds(3)).configure({
          'restart-strategy.type': 'fixed-delay',
          'restart-strategy.fixed-delay.delay': seconds(3),
        });
        scenario.job(env);
      },
    });
    expect(writtenBy(run)).toEqual(['[0,5) k=3', '[15,20) k=1']);
    const [fired] = eventsOf(new TraceReader(traceOf(run)), 'window-fired');
    expect(fired?.atMs).toBe(7500);
  });
});

describe('state of window functions', () => {
  class CountFirings extends ProcessWindowFunction<Item, string, string> {
    readonly #firings = new ValueStateDescriptor<number>('firings');
    readonly #total = new ValueStateDescriptor<number>('total');

    override process(
      _key: string,
      context: ProcessWindowContext,
      _elements: readonly Item[],
      out: Collector<string>,
    ): void {
      const firings = context.windowState().getState(this.#firings);
      const total = context.globalState().getState(this.#total);
      firings.update((firings.value() ?? 0) + 1);
      total.update((total.value() ?? 0) + 1);
      out.collect(`${windowText(context)} firing ${firings.value()} of ${total.value()}`);
    }

    override clear(context: ProcessWindowContext): void {
      context.windowState().getState(this.#firings).clear();
    }
  }

  test('is kept per window, or for all windows of a key', () => {
    const run = simulate(
      jobScenario('1 12 9 30', (items) =>
        items
          .keyBy(({ key }) => key)
          .window(tumbling10)
          .allowedLateness(5000)
          .process(new CountFirings()),
      ),
    );
    expect(writtenBy(run)).toEqual([
      '[0,10) firing 1 of 1',
      '[0,10) firing 2 of 2',
      '[10,20) firing 1 of 3',
    ]);
    // The open window [30,40) and the total.
    expect(run.entriesLeft).toBe(2);
  });

  test('is refused for windows that merge', () => {
    const run = simulate(
      jobScenario('1 12', (items) =>
        items
          .keyBy(({ key }) => key)
          .window(session5)
          .process(new CountFirings()),
      ),
    );
    expect(run.failure?.message).toMatch(/Per-window state is not allowed.*"firings".*globalState/);
  });
});

describe('what the trace tells of windows that merge', () => {
  const run = simulate(
    jobScenario(
      '1 9 5 30',
      (items) =>
        items
          .keyBy(({ key }) => key)
          .window(session5)
          .allowedLateness(seconds(2))
          .aggregate(counting, new NameWindow())
          .name('sessions'),
      { delayS: 8 },
    ),
  );
  const trace = traceOf(run);
  const reader = new TraceReader(trace);

  test('a fact for each window that became part of another', () => {
    const merged = eventsOf(reader, 'window-merged');
    expect(merged.map(({ row }) => reader.narrate(row))).toEqual([
      'sessions-0 makes [1 s, 6 s) of k part of [1 s, 14 s).',
      'sessions-0 makes [9 s, 14 s) of k part of [1 s, 14 s).',
    ]);
  });

  test('the picture holds one window, with the contents of all', () => {
    const [, last] = eventsOf(reader, 'window-merged');
    const subtask = last?.subtask ?? 0;
    const before = reader.frameAt((last?.row ?? 0) - 2).subtasks[subtask]?.windows;
    const after = reader.frameAt(last?.row ?? 0).subtasks[subtask]?.windows;
    expect([...(before?.values() ?? [])].map(({ endMs, value }) => [endMs, value])).toEqual([
      [6000, 1],
      [14_000, 1],
    ]);
    expect([...(after?.values() ?? [])].map(({ endMs, value }) => [endMs, value])).toEqual([
      [14_000, 2],
    ]);
    const timers = reader.frameAt((last?.row ?? 0) + 8).subtasks[subtask]?.timers;
    const times = [...(timers?.values() ?? [])].map(({ timeMs }) => timeMs);
    // The last record has opened a session of its own by then.
    expect(times.filter((timeMs) => timeMs < 30_000)).toEqual([13_999, 15_999]);
  });

  test('a result leads back to the records of all of them', () => {
    const [fired] = eventsOf(reader, 'window-fired');
    expect(explainOutput(reader, fired?.row ?? 0).records).toHaveLength(3);
  });
});

test('windows have the name of their assigner', () => {
  const run = simulate(
    jobScenario('1', (items) => items.windowAll(tumbling10).aggregate(counting)),
  );
  const names = traceOf(run).header.subtasks.map(({ operator }) => operator);
  expect(names).toContain('TumblingEventTimeWindows');
});

function eventsOf(reader: TraceReader, kind: TraceKind) {
  return Array.from({ length: reader.rowCount }, (_, row) => row)
    .filter((row) => reader.kindAt(row) === kind)
    .map((row) => reader.event(row));
}
