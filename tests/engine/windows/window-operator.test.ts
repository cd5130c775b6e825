import { describe, expect, test } from 'vitest';
import { ProcessWindowFunction, Random, ValueStateDescriptor } from '#engine';
import type { Collector, ProcessWindowContext } from '#engine';
import type { Operator, OperatorContext } from '../../../engine/operators/operator.ts';
import { listingContents } from '../../../engine/operators/window-contents.ts';
import { WindowOperator } from '../../../engine/operators/window-operator.ts';
import { EventTimeTrigger } from '../../../engine/operators/window-time-triggers.ts';
import { TriggeredWindowOperator } from '../../../engine/operators/window-triggered-operator.ts';
import { SlidingEventTimeWindows } from '../../../engine/windows/assigners.ts';
import { forEachSeed } from '../stream-notation.ts';
import { OperatorHarness } from './operator-harness.ts';
import type { News } from './operator-harness.ts';

interface Settings {
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;
  readonly allowedLatenessMs: number;
  readonly lateTagId: string | undefined;
}

/** Shows the window with its records, and counts its firings in state of every kind. */
class Show extends ProcessWindowFunction<number, string, string> {
  readonly #firings = new ValueStateDescriptor<number>('firings');

  override process(
    key: string,
    context: ProcessWindowContext,
    elements: readonly number[],
    out: Collector<string>,
  ): void {
    const ofWindow = context.windowState().getState(this.#firings);
    const ofKey = context.globalState().getState(this.#firings);
    ofWindow.update((ofWindow.value() ?? 0) + 1);
    ofKey.update((ofKey.value() ?? 0) + 1);
    const { startMs } = context.window();
    const counts = `${ofWindow.value()}/${ofKey.value()}`;
    out.collect(`[${startMs} ${key}=${elements.join(' ')} firing ${counts}`);
  }

  override clear(context: ProcessWindowContext): void {
    context.windowState().getState(this.#firings).clear();
  }
}

/** The operator with panes shared by all keys. */
function paned(settings: Settings) {
  return (context: OperatorContext): Operator =>
    new WindowOperator(context, {
      windows: settings,
      allowedLatenessMs: settings.allowedLatenessMs,
      lateTagId: settings.lateTagId,
      contents: listingContents(),
      windowFunction: new Show() as never,
    });
}

/** The operator that runs any trigger, with the default one. */
function triggered({ sizeMs, slideMs, offsetMs, allowedLatenessMs, lateTagId }: Settings) {
  return (context: OperatorContext): Operator =>
    new TriggeredWindowOperator(context, {
      assigner: SlidingEventTimeWindows.of(sizeMs, slideMs, offsetMs),
      trigger: EventTimeTrigger.create(),
      evictor: undefined,
      allowedLatenessMs,
      lateTagId,
      contents: listingContents(),
      windowFunction: new Show() as never,
    });
}

function drawSettings(random: Random): Settings {
  const slideMs = 1 + random.below(8);
  return {
    sizeMs: 1 + random.below(12),
    slideMs,
    offsetMs: random.below(slideMs) * (random.below(2) === 0 ? 1 : -1),
    allowedLatenessMs: random.below(2) * random.below(12),
    lateTagId: random.below(3) === 0 ? undefined : 'late',
  };
}

/** In order by key; the order of keys within one window is open. */
function byKey(news: readonly News[]): unknown[] {
  const times = news.map(({ tag, timestampMs }) => [tag, timestampMs]);
  const keys = ['a=', 'b=', 'c='].map((key) =>
    news.filter(({ value }) => String(value).includes(key)),
  );
  return [times, ...keys];
}

describe('the same records, watermarks and restarts', () => {
  test('give the same results with panes and with timers', () => {
    forEachSeed(100, (seed) => {
      const random = new Random(seed);
      const settings = drawSettings(random);
      const left = new OperatorHarness(paned(settings));
      const right = new OperatorHarness(triggered(settings));
      let timeMs = -20;
      let watermarkMs = -40;
      for (let step = 0; step < 60; step += 1) {
        const what = random.below(10);
        if (what < 6) {
          const key = 'abc'[random.below(3)] as string;
          const atMs = timeMs + random.below(16) - 9;
          timeMs = Math.max(timeMs, atMs);
          for (const harness of [left, right]) harness.record(key, atMs, atMs);
        } else if (what < 9) {
          watermarkMs = Math.max(watermarkMs + 1, timeMs - random.below(6));
          for (const harness of [left, right]) harness.watermark(watermarkMs);
        } else {
          for (const harness of [left, right]) harness.restart();
          watermarkMs = -40;
        }
        expect(byKey(left.takeNews())).toEqual(byKey(right.takeNews()));
      }
      for (const harness of [left, right]) harness.watermark(1e6);
      expect(byKey(left.takeNews())).toEqual(byKey(right.takeNews()));
      // What is left is the state that the function keeps for each key.
      expect(left.operator.entryCount()).toBe(right.operator.entryCount());
      expect(left.operator.entryCount()).toBeLessThanOrEqual(3);
    });
  });
});
