import { expect, test } from 'vitest';
import { difference } from './compare.ts';
import type { FlinkScenario, Step, StepOutcome, WindowWork } from './scenario.ts';

const TUMBLING: WindowWork = {
  type: 'windows',
  windows: { type: 'tumbling', sizeMs: 5_000 },
  trigger: null,
  evictor: null,
  latenessMs: 0,
  hasLateOutput: false,
  contents: 'process',
};
const W4999: Step = { type: 'watermark', atMs: 4_999 };
const A3: Step = { type: 'record', key: 'a', n: 3, atMs: 1_500 };

function scenario(work: FlinkScenario['work'], step: Step): FlinkScenario {
  return { feature: 'compared', seed: 1, work, steps: [step] };
}

function outcome(out: readonly string[], others: Partial<StepOutcome> = {}): StepOutcome[] {
  return [{ out, timers: [0, 0], entries: 0, dropped: 0, ...others }];
}

const A = 'out [0,5000) a: 3 @4999';
const B = 'out [0,5000) b: 1 @4999';

test('tells what came out of a step', () => {
  const found = difference(scenario(TUMBLING, W4999), outcome([A]), outcome([]));
  expect(found).toBe(`step 0, w4999: came out, in any order: ${A} in Flink, nothing in the engine`);
});

test('lets the timers of one time fire in any order, those of two times not', () => {
  const later = 'out [5000,10000) a: 3 @9999';
  const step = scenario(TUMBLING, W4999);
  expect(difference(step, outcome([A, B]), outcome([B, A]))).toBeUndefined();
  expect(difference(step, outcome([B, later]), outcome([later, B]))).toMatch('by time');
});

test('holds what one record leads to against its order', () => {
  const step = scenario(TUMBLING, A3);
  expect(difference(step, outcome([A, B]), outcome([B, A]))).toMatch('step 0, a=3@1500: came out');
});

test('tells timers, entries of state and drops apart', () => {
  const step = scenario(TUMBLING, A3);
  const told = (others: Partial<StepOutcome>): unknown =>
    difference(step, outcome([]), outcome([], others));
  expect(told({ timers: [1, 0] })).toMatch('event timers: 0 in Flink, 1 in the engine');
  expect(told({ timers: [0, 1] })).toMatch('processing-time timers: 0 in Flink');
  expect(told({ entries: 2 })).toMatch('entries of state: 0 in Flink, 2 in the engine');
  expect(told({ dropped: 1 })).toMatch('records dropped as late: 0 in Flink, 1 in the engine');
});

test('does not look at the order in which sessions that merge join what they hold', () => {
  const session = scenario({ ...TUMBLING, windows: { type: 'session', sizeMs: 5_000 } }, W4999);
  const of = (numbers: string): StepOutcome[] => outcome([`out [0,9000) a: ${numbers} @8999`]);
  expect(difference(session, of('1 2'), of('2 1'))).toBeUndefined();
  expect(difference(session, of('1 2'), of('2 2'))).toMatch('came out');
  expect(difference(scenario(TUMBLING, W4999), of('1 2'), of('2 1'))).toMatch('came out');
});
