import { expect, test } from 'vitest';
import { KeyedProcessFunction } from '#engine';
import type { Collector, OnTimerContext, ProcessContext } from '#engine';
import { KeyedProcessOperator } from '../../../engine/operators/keyed-process-operator.ts';
import { OperatorHarness } from '../windows/operator-harness.ts';

/** Sets a timer of processing time for each number that it gets. */
class Alarms extends KeyedProcessFunction<string, number, string> {
  override processElement(timeMs: number, context: ProcessContext<string>): void {
    context.timerService().registerProcessingTimeTimer(timeMs);
  }

  override onTimer(timeMs: number, _context: OnTimerContext<string>, out: Collector<string>): void {
    out.collect(`fired ${timeMs}`);
  }
}

function alarms(...timesMs: readonly number[]): { readonly firedAt: (nowMs: number) => unknown[] } {
  const harness = new OperatorHarness(
    (context) => new KeyedProcessOperator(context, new Alarms() as never),
  );
  for (const timeMs of timesMs) harness.record('k', timeMs, 0);
  return {
    firedAt: (nowMs) => {
      harness.processingTime(nowMs);
      return harness.takeNews().map(({ value }) => value);
    },
  };
}

test('fires a timer when its millisecond is over', () => {
  const set = alarms(10, 30);
  expect(set.firedAt(9)).toEqual([]);
  expect(set.firedAt(10)).toEqual(['fired 10']);
  expect(set.firedAt(29)).toEqual([]);
  expect(set.firedAt(30)).toEqual(['fired 30']);
});

test('leaves the timer of the next millisecond alone, which may bring more records', () => {
  const set = alarms(11, 10);
  expect(set.firedAt(10)).toEqual(['fired 10']);
  expect(set.firedAt(11)).toEqual(['fired 11']);
});
