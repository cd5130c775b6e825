import { describe, expect, test } from 'vitest';
import {
  ConfigError,
  OutputTag,
  ProcessJoinFunction,
  TraceReader,
  TumblingEventTimeWindows,
  explainOutput,
  simulate,
} from '#engine';
import type { Collector, DataStream, KeyedStream, ProcessJoinContext, Scenario } from '#engine';
import { forEachSeed, traceOf } from '../stream-notation.ts';
import { atSink, runTwo, twoLogs, twoStreamScenario, written } from '../two-stream-notation.ts';
import type { Word } from '../two-stream-notation.ts';
import { Random } from '#engine';

class Pairs extends ProcessJoinFunction<Word, Word, string> {
  override processElement(
    left: Word,
    right: Word,
    context: ProcessJoinContext,
    out: Collector<string>,
  ): void {
    out.collect(`${left.ms}+${right.ms}@${context.getTimestamp()}`);
  }
}

const LEFT_LATE = new OutputTag<Word>('left late');
const RIGHT_LATE = new OutputTag<Word>('right late');

interface Bounds {
  readonly lower: number;
  readonly upper: number;
  readonly isExclusive?: boolean;
}

function joined({ lower, upper, isExclusive = false }: Bounds) {
  return (left: DataStream<Word>, right: DataStream<Word>): DataStream<string> => {
    const keyed = (stream: DataStream<Word>): KeyedStream<Word, string> =>
      stream.keyBy(({ key }) => key);
    const join = keyed(left).intervalJoin(keyed(right)).between(lower, upper);
    if (isExclusive) join.lowerBoundExclusive().upperBoundExclusive();
    return join.process(new Pairs());
  };
}

const around = { lower: -2, upper: 1 };

/** Entries of state and timers after each word. */
function residue(script: string, bounds: Bounds): number[] {
  const words = script.split(' ');
  return words.map((_, place) => {
    const prefix = words.slice(0, place + 1).join(' ');
    return simulate(twoStreamScenario(prefix, joined(bounds))).entriesLeft;
  });
}

// All expectations of this group were printed by IntervalJoinOperator of flink-runtime 2.3.0 in
// KeyedTwoInputStreamOperatorTestHarness.
describe('interval join', () => {
  test('bounds are inclusive; a result has the later timestamp', () => {
    expect(runTwo('l10 r7 r8 r9 r11 r12', joined(around))).toEqual([
      '10+8@10',
      '10+9@10',
      '10+11@11',
    ]);
  });

  test('exclusive bounds are 1 ms tighter', () => {
    const bounds = { ...around, isExclusive: true };
    expect(runTwo('l10 r8 r9 r10 r11', joined(bounds))).toEqual(['10+9@10', '10+10@10']);
  });

  test('a record behind the watermark joins nothing, one at it does', () => {
    expect(runTwo('w10 l10 r10 l9 r9', joined(around))).toEqual(['10+10@10']);
  });

  test('each side is kept until no partner can come', () => {
    expect(residue('l10 r10 w10 w11 w12', around)).toEqual([2, 4, 4, 2, 0]);
    const later = { lower: 1, upper: 3 };
    expect(residue('l10 r10 w9 w10 w12 w13', later)).toEqual([2, 4, 4, 2, 2, 0]);
    const earlier = { lower: -3, upper: -1 };
    expect(residue('l10 r10 w9 w10 w12 w13', earlier)).toEqual([2, 4, 4, 2, 2, 0]);
  });

  test('the slower side holds the watermark: nothing is late or cleared before it moves', () => {
    // Flink's harness counts a map as one entry, so that it printed 1 for r49 and r50 together.
    expect(residue('wL50 l10 r49 wR60 r50', around)).toEqual([0, 2, 4, 2, 4]);
  });
});

describe('interval join, further', () => {
  test('keys do not meet', () => {
    expect(runTwo('la@10 rb@10 ra@10', joined(around))).toEqual(['10+10@10']);
  });

  test('late records go to the side outputs of their sides', () => {
    const late = (tag: OutputTag<Word>) => (left: DataStream<Word>, right: DataStream<Word>) =>
      left
        .keyBy(({ key }) => key)
        .intervalJoin(right.keyBy(({ key }) => key))
        .between(-2, 1)
        .sideOutputLeftLateData(LEFT_LATE)
        .sideOutputRightLateData(RIGHT_LATE)
        .process(new Pairs())
        .getSideOutput(tag)
        .map(({ ms }) => `late ${ms}`);
    expect(runTwo('w10 l10 r10 l9 r8', late(LEFT_LATE))).toEqual(['late 9']);
    expect(runTwo('w10 l10 r10 l9 r8', late(RIGHT_LATE))).toEqual(['late 8']);
  });

  test('a dropped record is a fact, and an output names its two records only', () => {
    const run = simulate(twoStreamScenario('l7 l10 l9 r10 w12 r9', joined(around)));
    const reader = new TraceReader(traceOf(run));
    const rows = Array.from({ length: reader.rowCount }, (_, row) => reader.event(row));
    expect(rows.filter(({ kind }) => kind === 'record-dropped-late').map(({ a }) => a)).toEqual([
      9,
    ]);
    const outputs = rows.filter(({ kind }) => kind === 'sink-written').map(({ row }) => row);
    const origins = outputs.map((row) => {
      const { records, firing } = explainOutput(reader, row);
      const times = records.map((record) => reader.event(record).a);
      return `${times.join('+')} let out by ${reader.event(firing).kind}`;
    });
    expect(origins).toEqual([
      '10+10 let out by record-received',
      '9+10 let out by record-received',
    ]);
  });

  test('agrees with a nested loop, and leaves nothing behind', () => {
    forEachSeed(40, (seed) => {
      const random = new Random(seed);
      const [lower = 0, upper = 0] = [random.between(-4, 4), random.between(-4, 4)].sort(
        (one, two) => one - two,
      );
      const words = Array.from({ length: 30 }, () => {
        const key = random.pick(['a', 'b']);
        return `${random.pick(['l', 'r'])}${key}@${random.between(0, 20)}`;
      });
      const script = [...words, 'w100'].join(' ');
      const scenario = twoStreamScenario(script, joined({ lower, upper }));
      const logs = twoLogs(script);
      const expected = logs.left.flatMap(({ value: left }) =>
        logs.right
          .filter(({ value: right }) => {
            const isMatch = left.mark === undefined && right.mark === undefined;
            const distance = right.ms - left.ms;
            return isMatch && left.key === right.key && distance >= lower && distance <= upper;
          })
          .map(({ value: right }) => {
            return `${left.ms}+${right.ms}@${Math.max(left.ms, right.ms)}`;
          }),
      );
      const run = simulate(scenario);
      expect(written(run).sort()).toEqual(expected.sort());
      expect(run.entriesLeft).toBe(0);
    });
  });

  test('state is exactly-once after a crash at every step', () => {
    const script = 'l10 r8 r9 l11 wL8 wR9 r12 l12 r13';
    const recoverable = (overrides: Partial<Scenario>): Scenario =>
      twoStreamScenario(
        script,
        (left, right, env) => {
          env.enableCheckpointing(2000);
          return joined(around)(left, right);
        },
        { faults: [], trace: 'none', ...overrides },
      );
    const straight = simulate(recoverable({}));
    const expected = written(straight).sort();
    expect(expected.length).toBeGreaterThan(5);
    for (let afterStep = 1; afterStep <= straight.stepCount; afterStep += 1) {
      const fault = { type: 'task-manager-crash', taskManager: 0, when: { afterStep } } as const;
      const run = simulate(recoverable({ faults: [fault] }));
      // A plain sink may have results twice, but none is lost and none is new.
      expect([...new Set(written(run))].sort()).toEqual([...new Set(expected)]);
      expect(run.entriesLeft).toBe(0);
    }
  });

  test('what cannot be joined says why', () => {
    expect(() => runTwo('l1', joined({ lower: 2, upper: 1 }))).toThrow(
      /lowerBound <= upperBound.*between\(2, 1\)/,
    );
    expect(() => runTwo('l1', joined({ lower: 0.5, upper: 1 }))).toThrow(ConfigError);
    const inProcessingTime = (left: DataStream<Word>, right: DataStream<Word>) =>
      left
        .keyBy(({ key }) => key)
        .intervalJoin(right.keyBy(({ key }) => key))
        .inProcessingTime()
        .between(0, 1)
        .process(new Pairs());
    expect(() => runTwo('l1', inProcessingTime)).toThrow(/only supported in event time/);
  });
});

const windowed = {
  join: (left: DataStream<Word>, right: DataStream<Word>) =>
    left
      .join(right)
      .where(({ key }) => key)
      .equalTo(({ key }) => key)
      .window(TumblingEventTimeWindows.of(10))
      .apply((one, two) => `${one.ms}+${two.ms}`),
  flatJoin: (left: DataStream<Word>, right: DataStream<Word>) =>
    left
      .join(right)
      .where(({ key }) => key)
      .equalTo(({ key }) => key)
      .window(TumblingEventTimeWindows.of(10))
      .apply<string>((one, two, out) => {
        if (one.ms < two.ms) out.collect(`${one.ms}<${two.ms}`);
      }),
  coGroup: (left: DataStream<Word>, right: DataStream<Word>) =>
    left
      .coGroup(right)
      .where(({ key }) => key)
      .equalTo(({ key }) => key)
      .window(TumblingEventTimeWindows.of(10))
      .apply<string>((ones, twos, out) => {
        const list = (words: readonly Word[]): string => words.map(({ ms }) => ms).join(',');
        out.collect(`{${list(ones)}|${list(twos)}}`);
      }),
};

describe('window join and coGroup', () => {
  test('a join is a cross product per key and window, when the window fires', () => {
    const script = 'l1 l2 r3 r4 lb@5 r12 wL9 l11 wR9 w30';
    expect(runTwo(script, windowed.join)).toEqual(['1+3', '1+4', '2+3', '2+4', '11+12']);
    expect(runTwo('l1 l5 r3 w10', windowed.flatJoin)).toEqual(['1<3']);
  });

  test('a coGroup also gets keys and windows with one side only', () => {
    const script = 'l1 l2 r3 lb@5 r12 w30';
    expect(runTwo(script, windowed.coGroup).sort()).toEqual(['{1,2|3}', '{5|}', '{|12}']);
  });

  test('a result has the time of the end of its window', () => {
    const run = simulate(
      twoStreamScenario('l1 r3 w10', (left, right) =>
        windowed
          .join(left, right)
          .map((text) => text)
          .disableChaining(),
      ),
    );
    expect(atSink(run)).toEqual(['9', 'WM10']);
  });
});
