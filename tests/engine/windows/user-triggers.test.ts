import { describe, expect, test } from 'vitest';
import {
  CountTrigger,
  DeltaTrigger,
  EventTimeSessionWindows,
  EventTimeTrigger,
  PANE_TIMINGS,
  ProcessingTimeoutTrigger,
  PurgingTrigger,
  ReducingStateDescriptor,
  TraceReader,
  Trigger,
  TriggerResult,
  TumblingEventTimeWindows,
  ValueStateDescriptor,
  maxTimestampOf,
  seconds,
  simulate,
} from '#engine';
import type { ListStateDescriptor, OnMergeContext, TimeWindow, TriggerContext } from '#engine';
import { traceOf } from '../stream-notation.ts';
import type { Item } from '../stream-notation.ts';
import { NameWindow, countIn, counting, jobScenario } from './window-scenario.ts';

const tumbling10 = TumblingEventTimeWindows.of(seconds(10));
const session5 = EventTimeSessionWindows.withGap(seconds(5));
const { CONTINUE, FIRE } = TriggerResult;

/** Fires early at every second record, on time, and for every late record: Beam's example. */
class EarlyOnTimeLate extends Trigger<Item> {
  readonly #count = new ReducingStateDescriptor<number>('early', (left, right) => left + right);

  override onElement(
    _element: Item,
    _timestampMs: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    if (maxTimestampOf(window) <= context.getCurrentWatermark()) return FIRE;
    context.registerEventTimeTimer(maxTimestampOf(window));
    const count = context.getPartitionedState(this.#count);
    count.add(1);
    if ((count.get() ?? 0) < 2) return CONTINUE;
    count.clear();
    return FIRE;
  }

  override onEventTime(timeMs: number, window: TimeWindow): TriggerResult {
    return timeMs === maxTimestampOf(window) ? FIRE : CONTINUE;
  }

  override onProcessingTime(): TriggerResult {
    return CONTINUE;
  }

  override clear(window: TimeWindow, context: TriggerContext): void {
    context.getPartitionedState(this.#count).clear();
    context.deleteEventTimeTimer(maxTimestampOf(window));
  }

  override canMerge(): boolean {
    return true;
  }

  override onMerge(window: TimeWindow, context: OnMergeContext): void {
    context.mergePartitionedState(this.#count);
    context.registerEventTimeTimer(maxTimestampOf(window));
  }
}

/** What is wrong in most triggers of beginners: a field counts for all keys and windows. */
class CountingInAField extends Trigger<Item> {
  count = 0;

  override onElement(): TriggerResult {
    this.count += 1;
    return this.count % 2 === 0 ? FIRE : CONTINUE;
  }

  override onEventTime(): TriggerResult {
    return CONTINUE;
  }

  override onProcessingTime(): TriggerResult {
    return CONTINUE;
  }

  override clear(): void {}
}

describe('a trigger of your own', () => {
  test('fires early, on time and late', () => {
    const run = simulate(
      jobScenario('1 2 3 10 9 8 30', (items) =>
        items
          .keyBy(({ key }) => key)
          .window(tumbling10)
          .allowedLateness(seconds(5))
          .trigger(new EarlyOnTimeLate())
          .aggregate(counting, new NameWindow()),
      ),
    );
    const reader = new TraceReader(traceOf(run));
    const firings: string[] = [];
    for (let row = 0; row < reader.rowCount; row += 1) {
      if (reader.kindAt(row) !== 'window-fired') continue;
      const { a, c } = reader.event(row);
      firings.push(`${a / 1000} ${PANE_TIMINGS[c]} ${JSON.stringify(reader.valueAt(row))}`);
    }
    expect(firings).toEqual(['0 early 2', '0 on-time 3', '0 late 4', '0 late 5', '10 on-time 1']);
    // Only [30,40) is open: contents, count, and timers for its end and its clean-up.
    expect(run.entriesLeft).toBe(4);
  });

  test('merges its state with that of the windows', () => {
    const lines = countIn(
      '1 9 5 30',
      (keyed) => keyed.window(session5).trigger(new EarlyOnTimeLate()),
      { delayS: 8 },
    );
    // One of each session and the bridge: the third record finds a count of two.
    expect(lines).toEqual(['[1,14) k=3', '[1,14) k=3']);
  });

  test('leaves nothing of merged windows behind, even if it clears nothing', () => {
    class Untidy extends EarlyOnTimeLate {
      override clear(): void {}
    }
    const run = simulate(
      jobScenario(
        '1 9 5',
        (items) =>
          items
            .keyBy(({ key }) => key)
            .window(session5)
            .trigger(new Untidy())
            .aggregate(counting),
        { delayS: 8 },
      ),
    );
    const { subtasks } = new TraceReader(traceOf(run)).frameAt((run.trace?.rowCount ?? 0) - 1);
    const state = subtasks.flatMap((subtask) => [...subtask.state.values()]);
    // The count of all three was cleared as it fired.
    expect(state).toEqual([]);
  });

  test('shares its fields between all keys: state belongs in partitioned state', () => {
    const lines = (trigger: Trigger<Item>) =>
      countIn('a@1 b@2 a@3 b@4', (keyed) => keyed.window(tumbling10).trigger(trigger));
    expect(lines(new CountingInAField())).toEqual(['[0,10) b=1', '[0,10) b=2']);
    expect(lines(CountTrigger.of(2))).toEqual(['[0,10) a=2', '[0,10) b=2']);
  });

  test('starts anew with every run', () => {
    const trigger = new CountingInAField();
    const windows = () => countIn('1', (keyed) => keyed.window(tumbling10).trigger(trigger));
    expect([windows(), windows()]).toEqual([[], []]);
    expect(trigger.count).toBe(0);
  });

  test('must return a result', () => {
    class Forgetful extends CountingInAField {
      override onElement(): TriggerResult {
        return undefined as unknown as TriggerResult;
      }
    }
    expect(() =>
      countIn('1', (keyed) => keyed.window(tumbling10).trigger(new Forgetful())),
    ).toThrow(/must return a TriggerResult.*undefined from Forgetful.*CONTINUE/);
  });
});

describe('windows that merge', () => {
  const use = (trigger: Trigger<Item>) => () =>
    countIn('1 9 5', (keyed) => keyed.window(session5).trigger(trigger), { delayS: 8 });

  test('refuse a trigger that cannot', () => {
    for (const trigger of [
      new CountingInAField(),
      DeltaTrigger.of<Item>(1, () => 0),
      ProcessingTimeoutTrigger.of(EventTimeTrigger.create(), 5),
      PurgingTrigger.of(new CountingInAField()),
    ]) {
      expect(use(trigger)).toThrow(
        /A merging window assigner cannot be used with a trigger that does not support merging/,
      );
    }
  });

  test('refuse to merge state that cannot be', () => {
    class MergingValues extends EarlyOnTimeLate {
      override onMerge(_window: TimeWindow, context: OnMergeContext): void {
        const descriptor = new ValueStateDescriptor<number>('v');
        context.mergePartitionedState(descriptor as unknown as ListStateDescriptor<number>);
      }
    }
    expect(use(new MergingValues())).toThrow(
      /does not refer to a mergeable state.*value state "v"/,
    );
  });

  test('tell a trigger that it forgot onMerge', () => {
    class Forgetful extends CountingInAField {
      override canMerge(): boolean {
        return true;
      }
    }
    expect(use(new Forgetful())).toThrow(/does not support merging.*Forgetful.*onMerge/);
  });
});

describe('settings that cannot be', () => {
  const cases: readonly (readonly [string, () => unknown, RegExp])[] = [
    ['no gap', () => EventTimeSessionWindows.withGap(0), /must satisfy 0 < size.*0 ms/],
    ['a count of none', () => CountTrigger.of(0), /CountTrigger.*at least 1.*0/],
    [
      'a dynamic gap of none',
      () => countIn('1', (keyed) => keyed.window(EventTimeSessionWindows.withDynamicGap(() => 0))),
      /dynamic session time gap must satisfy 0 < gap/,
    ],
    [
      'a negative lateness',
      () => countIn('1', (keyed) => keyed.window(tumbling10).allowedLateness(-1)),
      /allowed lateness cannot be negative.*-1/,
    ],
    [
      'something else as a trigger',
      () => countIn('1', (keyed) => keyed.window(tumbling10).trigger({} as Trigger<Item>)),
      /needs a Trigger/,
    ],
    [
      'a class instead of windows',
      () => countIn('1', (keyed) => keyed.window(TumblingEventTimeWindows as never)),
      /needs a WindowAssigner/,
    ],
  ];
  for (const [name, run, message] of cases) {
    test(name, () => {
      expect(run).toThrow(message);
    });
  }
});
