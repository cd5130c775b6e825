import { expect, test } from 'vitest';
import {
  ProcessJoinFunction,
  Random,
  WatermarkStrategy,
  appendSink,
  logSource,
  simulateBatch,
} from '#engine';
import type { Collector, ProcessJoinContext } from '#engine';
import { BareIntervalJoinOperator } from '../../../engine/operators/bare-interval-join-operator.ts';
import { IntervalJoinOperator } from '../../../engine/operators/interval-join-operator.ts';
import type { IntervalJoinConfig } from '../../../engine/operators/interval-join-operator.ts';
import type {
  Operator,
  OperatorContext,
  OperatorSnapshot,
} from '../../../engine/operators/operator.ts';
import { forEachSeed } from '../stream-notation.ts';
import { OperatorHarness } from '../windows/operator-harness.ts';

class Show extends ProcessJoinFunction<string, string, string> {
  override processElement(
    left: string,
    right: string,
    context: ProcessJoinContext,
    out: Collector<string>,
  ): void {
    out.collect(`${left}-${right} ${context.getLeftTimestamp()} ${context.getRightTimestamp()}`);
  }
}

type Create = (context: OperatorContext) => Operator;

function bare(config: IntervalJoinConfig): Create {
  return (context) => new BareIntervalJoinOperator(context, new Show() as never, config);
}

function timed(config: IntervalJoinConfig): Create {
  return (context) => new IntervalJoinOperator(context, new Show() as never, config);
}

function between(lowerBoundMs: number, upperBoundMs: number): IntervalJoinConfig {
  return { lowerBoundMs, upperBoundMs, leftLateTagId: 'late', rightLateTagId: undefined };
}

/** Timers in their order; what is kept in the order of keys and times. */
function shown({ keyed = [], eventTimers }: OperatorSnapshot): object {
  const kept = keyed.map(({ entries, ...state }) => ({
    ...state,
    entries: entries.map((entry) => JSON.stringify(entry)).sort(),
  }));
  return { kept, timers: eventTimers?.entries };
}

/** A few keys, times close together, and sometimes far enough ahead for a sweep. */
function act(harnesses: readonly OperatorHarness[], random: Random, steps: number): () => void {
  let timeMs = 0;
  let watermarkMs = -40;
  let count = 0;
  return () => {
    for (let step = 0; step < steps; step += 1) {
      const what = random.below(10);
      if (what < 8) {
        const key = 'abc'[random.below(3)] as string;
        const atMs = timeMs + random.below(30) - 20;
        timeMs = Math.max(timeMs, atMs);
        count += 1;
        const value = `${key}${count}`;
        for (const harness of harnesses) {
          if (what % 2 === 0) harness.record(key, value, atMs);
          else harness.operator.processRecord2?.(value, atMs, harness.keys.intern(key), -1);
        }
      } else {
        if (random.below(20) === 0) timeMs += 3_000;
        watermarkMs = Math.max(watermarkMs + 1, timeMs - random.below(18));
        for (const harness of harnesses) harness.watermark(watermarkMs);
      }
    }
  };
}

test('a join without timers pairs, keeps and clears as the one with timers does', () => {
  forEachSeed(300, (seed) => {
    const random = new Random(seed);
    const lowerBoundMs = random.below(16) - 10;
    const config = between(lowerBoundMs, lowerBoundMs + random.below(12));
    const left = new OperatorHarness(bare(config));
    const right = new OperatorHarness(timed(config));
    const go = act([left, right], random, 8);
    for (let round = 0; round < 20; round += 1) {
      go();
      expect(left.takeNews()).toEqual(right.takeNews());
      expect(left.operator.entryCount()).toBe(right.operator.entryCount());
      expect(left.operator.byteCount?.()).toBe(right.operator.byteCount?.());
      expect(shown(left.operator.snapshot(1))).toEqual(shown(right.operator.snapshot(1)));
      if (random.below(4) === 0) for (const harness of [left, right]) harness.restart(true);
    }
    for (const harness of [left, right]) harness.watermark(1e6);
    expect(left.operator.entryCount()).toBe(0);
    expect(left.operator.byteCount?.()).toBe(0);
  });
});

test('many records of one key are found again by their times', () => {
  const config = between(-50, 50);
  const both = [new OperatorHarness(bare(config)), new OperatorHarness(timed(config))] as const;
  for (const harness of both) {
    for (let atMs = 0; atMs < 60; atMs += 1) harness.record('a', `l${atMs}`, (atMs * 7) % 40);
    harness.watermark(20);
    for (let atMs = 0; atMs < 60; atMs += 1)
      harness.record('a', `m${atMs}`, 20 + ((atMs * 3) % 30));
    harness.operator.processRecord2?.('r', 45, harness.keys.intern('a'), -1);
  }
  const [left, right] = both;
  expect(left.takeNews()).toEqual(right.takeNews());
  expect(left.operator.entryCount()).toBe(right.operator.entryCount());
});

test('each goes on from what the other has saved, under other bounds too', () => {
  forEachSeed(100, (seed) => {
    const random = new Random(seed);
    const [first, second] = [
      between(-5, 9),
      random.below(2) === 0 ? between(-5, 9) : between(-9, 4),
    ];
    const left = new OperatorHarness(random.below(2) === 0 ? bare(first) : timed(first));
    const right = new OperatorHarness(timed(first));
    const go = act([left, right], random, 20);
    go();
    left.restart(true, bare(second));
    right.restart(true, timed(second));
    go();
    expect(left.takeNews()).toEqual(right.takeNews());
    expect(left.operator.entryCount()).toBe(right.operator.entryCount());
    expect(shown(left.operator.snapshot(1))).toEqual(shown(right.operator.snapshot(1)));
  });
});

test('in a batch job, where one key follows the other, no trace makes no difference', () => {
  const random = new Random(5);
  const records = Array.from({ length: 120 }, (_, place) => ({
    value: `${'abc'[random.below(3)] ?? ''}${place}`,
    timestampMs: random.below(60),
    arrivalMs: place,
  }));
  const [lefts, rights] = [records.slice(0, 60), records.slice(60)];
  const rowsOf = (trace: 'full' | 'none'): string => {
    const run = simulateBatch({
      name: 'join',
      seed: 1,
      cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
      logs: { left: { partitions: [lefts] }, right: { partitions: [rights] } },
      trace,
      job: (env) => {
        const streamOf = (log: string) =>
          env
            .fromSource(logSource<string>(log), WatermarkStrategy.noWatermarks<string>(), log)
            .keyBy((value) => value.slice(0, 1));
        streamOf('left')
          .intervalJoin(streamOf('right'))
          .between(-10, 5)
          .process(new Show())
          .sinkTo(appendSink({ name: 'pairs' }));
      },
    });
    return JSON.stringify([run.outcome, run.sinks['pairs']]);
  };
  expect(rowsOf('none')).toBe(rowsOf('full'));
  expect(rowsOf('full').length).toBeGreaterThan(1000);
});
