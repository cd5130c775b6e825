import { describe, expect, test } from 'vitest';
import {
  EventTimeSessionWindows,
  EventTimeTrigger,
  SlidingEventTimeWindows,
  Trigger,
  TriggerResult,
  TumblingEventTimeWindows,
  WatermarkStrategy,
  appendSink,
  logSource,
  seconds,
  simulate,
} from '#engine';
import type { Run, Savepoint, Scenario, WindowAssigner } from '#engine';
import { countScenario } from '../stream-notation.ts';
import type { Item } from '../stream-notation.ts';

/** What EventTimeTrigger does, as a trigger of one's own: such windows run by another operator. */
class OwnTrigger extends Trigger {
  readonly #trigger = EventTimeTrigger.create();

  override onElement = this.#trigger.onElement.bind(this.#trigger);
  override onEventTime = this.#trigger.onEventTime.bind(this.#trigger);
  override clear = this.#trigger.clear.bind(this.#trigger);

  override onProcessingTime(): TriggerResult {
    return TriggerResult.CONTINUE;
  }
}

type Kind = 'default' | 'own';

const INPUT = 'a@1 b@2 a@14 a@3 b@16 a@11 a@5 b@4 a@27 a@12 b@23 a@40';

function job(
  kind: Kind,
  more: Partial<Scenario> = {},
  assigner: WindowAssigner = TumblingEventTimeWindows.of(seconds(10)),
): Scenario {
  const base = countScenario([INPUT], { sizeS: 10, delayS: 2, isBounded: true });
  return {
    ...base,
    job: (env) => {
      const strategy = WatermarkStrategy.forGenerator<Item>(() => ({
        onEvent: (_item, timestampMs, output) => output.emitWatermark(timestampMs - 2000),
        onPeriodicEmit: () => undefined,
      })).withTimestampAssigner((item) => item.atMs);
      const windowed = env
        .fromSource(logSource<Item>(Object.keys(base.logs)[0] as string), strategy, 'in')
        .keyBy((item) => item.key)
        .window(assigner as TumblingEventTimeWindows)
        .allowedLateness(seconds(10));
      const triggered = kind === 'default' ? windowed : windowed.trigger(new OwnTrigger());
      triggered
        .aggregate({
          createAccumulator: () => '',
          add: (item, text) => `${text}${item.key}${item.atMs / 1000} `,
          getResult: (text) => text,
          merge: (left, right) => left + right,
        })
        .uid('windows')
        .sinkTo(appendSink({ name: 'out' }));
    },
    ...more,
  };
}

const rows = (run: Run): string[] => (run.sinks['out'] ?? []).map(({ row }) => String(row));

function stopped(kind: Kind, atMs: number): Run & { readonly savepoint: Savepoint } {
  const run = simulate(
    job(kind, { operations: [{ type: 'stop-with-savepoint', when: { atMs } }] }),
  );
  if (run.savepoint === undefined) throw new Error(`no savepoint at ${atMs} ms`);
  return run as Run & { readonly savepoint: Savepoint };
}

describe('a savepoint of windows goes on under another trigger that decides the same', () => {
  const whole = rows(simulate(job('default')));
  const kinds: readonly Kind[] = ['default', 'own'];

  test('both give the same to begin with', () => {
    expect(rows(simulate(job('own')))).toEqual(whole);
    expect(whole.length).toBeGreaterThan(6);
  });

  test.each(kinds.flatMap((from) => kinds.map((to) => [from, to] as const)))(
    'from %s to %s, at every moment',
    (from, to) => {
      for (let atMs = 500; atMs < 12_000; atMs += 500) {
        const before = stopped(from, atMs);
        const after = simulate(job(to, { restoreFrom: before.savepoint }));
        expect([atMs, ...rows(before), ...rows(after)]).toEqual([atMs, ...whole]);
        expect(after.entriesLeft).toBe(0);
      }
    },
  );

  test('but not as windows of another size, or as sessions', () => {
    const { savepoint } = stopped('default', 3500);
    const larger = SlidingEventTimeWindows.of(seconds(20), seconds(10));
    expect(simulate(job('default', { restoreFrom: savepoint }, larger)).failure?.message).toMatch(
      /windows of 20000 ms cannot go on from windows of another size/,
    );
    const sessions = EventTimeSessionWindows.withGap(seconds(10));
    expect(simulate(job('default', { restoreFrom: savepoint }, sessions)).failure?.message).toMatch(
      /windows that merge cannot go on from windows that do not/,
    );
  });
});
