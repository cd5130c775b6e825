import { expect, test } from 'vitest';
import { EventTimeSessionWindows, ProcessWindowFunction, Random } from '#engine';
import type { Collector, ProcessWindowContext } from '#engine';
import type { Operator, OperatorContext } from '../../../engine/operators/operator.ts';
import { SessionWindowOperator } from '../../../engine/operators/session-window-operator.ts';
import { listingContents } from '../../../engine/operators/window-contents.ts';
import { EventTimeTrigger } from '../../../engine/operators/window-time-triggers.ts';
import { TriggeredWindowOperator } from '../../../engine/operators/window-triggered-operator.ts';
import { forEachSeed } from '../stream-notation.ts';
import { OperatorHarness } from './operator-harness.ts';

/** Shows a session with its records, in the order in which they are kept. */
class Show extends ProcessWindowFunction<number, string, string> {
  override process(
    key: string,
    context: ProcessWindowContext,
    elements: readonly number[],
    out: Collector<string>,
  ): void {
    const { startMs, endMs } = context.window();
    out.collect(`[${startMs},${endMs}) ${key}=${elements.join(' ')}`);
  }
}

interface Settings {
  readonly gapMs: number;
  readonly lateTagId: string | undefined;
}

function plain({ gapMs, lateTagId }: Settings) {
  return (context: OperatorContext): Operator =>
    new SessionWindowOperator(context, {
      gapMs,
      lateTagId,
      contents: listingContents(),
      windowFunction: new Show() as never,
    });
}

function triggered({ gapMs, lateTagId }: Settings) {
  return (context: OperatorContext): Operator =>
    new TriggeredWindowOperator(context, {
      assigner: EventTimeSessionWindows.withGap(gapMs),
      trigger: EventTimeTrigger.create(),
      evictor: undefined,
      allowedLatenessMs: 0,
      lateTagId,
      contents: listingContents(),
      windowFunction: new Show() as never,
    });
}

test('plain sessions are those of the operator for any trigger, in its order', () => {
  forEachSeed(300, (seed) => {
    const random = new Random(seed);
    const settings = {
      gapMs: 1 + random.below(9),
      lateTagId: random.below(3) === 0 ? undefined : 'late',
    };
    const left = new OperatorHarness(plain(settings));
    const right = new OperatorHarness(triggered(settings));
    const both = [left, right];
    let timeMs = 0;
    let watermarkMs = -40;
    for (let step = 0; step < 80; step += 1) {
      const what = random.below(12);
      if (what < 8) {
        const key = 'abc'[random.below(3)] as string;
        const atMs = timeMs + random.below(24) - 14;
        timeMs = Math.max(timeMs, atMs);
        for (const harness of both) harness.record(key, atMs, atMs);
      } else if (what < 11) {
        watermarkMs = Math.max(watermarkMs + 1, timeMs - random.below(16));
        for (const harness of both) harness.watermark(watermarkMs);
      } else {
        for (const harness of both) harness.restart(true);
      }
      expect(left.takeNews()).toEqual(right.takeNews());
      expect(left.operator.entryCount()).toBe(right.operator.entryCount());
      expect(left.operator.byteCount?.()).toBe(right.operator.byteCount?.());
    }
    for (const harness of both) harness.watermark(1e6);
    expect(left.takeNews()).toEqual(right.takeNews());
    expect(left.operator.entryCount()).toBe(0);
  });
});

test('each of the two goes on from what the other has saved', () => {
  const settings = { gapMs: 5, lateTagId: 'late' };
  const [left, right] = [plain(settings), triggered(settings)];
  for (const [before, after] of [
    [left, right],
    [right, left],
  ] as const) {
    const harness = new OperatorHarness(before);
    for (const atMs of [1, 4, 20, 12]) harness.record('a', atMs, atMs);
    harness.restart(true, after);
    for (const atMs of [8, 25]) harness.record('a', atMs, atMs);
    harness.watermark(100);
    const shown = harness.takeNews().map(({ value }) => value);
    expect(shown).toEqual(['[1,17) a=1 4 12 8', '[20,30) a=20 25']);
  }
});
