import { describe, expect, test } from 'vitest';
import {
  CoProcessFunction,
  KeyedCoProcessFunction,
  KeyedProcessFunction,
  OutputTag,
  ProcessFunction,
  Random,
  RichCoFlatMapFunction,
  TumblingEventTimeWindows,
  ValueStateDescriptor,
  simulate,
} from '#engine';
import type {
  Collector,
  DataStream,
  NonKeyedContext,
  OnTimerContext,
  ProcessContext,
  Run,
  ValueState,
} from '#engine';
import { forEachSeed } from '../stream-notation.ts';
import { atSink, recoveries, runTwo, twoStreamScenario, written } from '../two-stream-notation.ts';
import type { Word } from '../two-stream-notation.ts';

type Two = (left: DataStream<Word>, right: DataStream<Word>) => DataStream<unknown>;

const byKey = ({ key }: Word): string => key;
const failure = (script: string, build: Two): string =>
  simulate(twoStreamScenario(script, build)).failure?.message ?? 'no failure';

describe('union', () => {
  const united: Two = (left, right) => left.union(right).map(({ ms }) => `${ms}`);

  test('is one stream in the order of arrival', () => {
    expect(runTwo('l1 r2 l3 r1', united)).toEqual(['1', '2', '3', '1']);
  });

  test('the watermark is the smallest of all its channels', () => {
    const run = simulate(
      twoStreamScenario('wL5 r1 wR3 wL7 wR9', (left, right) =>
        left
          .union(right)
          .map((word) => word)
          .disableChaining(),
      ),
    );
    expect(atSink(run)).toEqual(['1', 'WM3', 'WM7']);
  });

  test('windows over a union wait for the slower stream', () => {
    const counted: Two = (left, right) =>
      left
        .union(right)
        .keyBy(byKey)
        .window(TumblingEventTimeWindows.of(10))
        .reduce((one, two) => ({ ...two, ms: one.ms + two.ms }))
        .map(({ ms }) => ms);
    expect(runTwo('l1 wL9 r2 r4 wR8', counted)).toEqual([]);
    expect(runTwo('l1 wL9 r2 r4 wR8 wR9', counted)).toEqual(['7']);
  });

  test('a stream can be united with itself, and keeps its partitioning per input', () => {
    expect(runTwo('l1 l2', (left) => left.union(left).map(({ ms }) => ms))).toEqual([
      '1',
      '1',
      '2',
      '2',
    ]);
  });
});

class Clocks extends ProcessFunction<Word, string> {
  override processElement({ ms }: Word, context: NonKeyedContext, out: Collector<string>): void {
    const watermarkMs = context.timerService().currentWatermark();
    out.collect(`${ms}/${context.timestamp()}/${watermarkMs < -1e15 ? 'min' : watermarkMs}`);
    context.output(ODD, ms);
  }
}

const ODD = new OutputTag<number>('odd');

class Refused extends ProcessFunction<Word, string> {
  how = '';

  override processElement(_word: Word, context: NonKeyedContext): void {
    const timers = context.timerService();
    if (this.how === 'register') timers.registerEventTimeTimer(1);
    if (this.how === 'delete') timers.deleteProcessingTimeTimer(1);
    if (this.how === 'state') {
      this.getRuntimeContext().getState(new ValueStateDescriptor<number>('n'));
    }
  }
}

const refused = (how: string): Refused => Object.assign(new Refused(), { how });

describe('ProcessFunction', () => {
  test('sees timestamp and watermark', () => {
    expect(runTwo('l5 w7 l6', (left) => left.process(new Clocks()))).toEqual(['5/5/min', '6/6/7']);
  });

  test('emits to side outputs', () => {
    const side: Two = (left) => left.process(new Clocks()).getSideOutput(ODD);
    expect(runTwo('l5 l6', side)).toEqual(['5', '6']);
  });

  test('timers and keyed state are refused, behind keyBy too', () => {
    const setting = /setting timers is only supported on a keyed stream/;
    expect(failure('l1', (left) => left.process(refused('register')))).toMatch(setting);
    expect(failure('l1', (left) => left.keyBy(byKey).process(refused('register')))).toMatch(
      setting,
    );
    expect(failure('l1', (left) => left.process(refused('delete')))).toMatch(
      /deleting timers is only supported on a keyed stream/,
    );
    expect(failure('l1', (left) => left.process(refused('state')))).toMatch(
      /keyed state can only be used on a 'keyed stream'/,
    );
  });

  test('a function for keyed streams needs keys', () => {
    class Keyed extends KeyedProcessFunction<string, Word, string> {
      override processElement(): void {}
    }
    const misuse: Two = (left) => left.process(new Keyed() as unknown as ProcessFunction<Word, 1>);
    expect(() => runTwo('l1', misuse)).toThrow(/can only be used on a keyed stream.*keyBy/);
    const nothing: Two = (left) => left.process({} as unknown as ProcessFunction<Word, 1>);
    expect(() => runTwo('l1', nothing)).toThrow(/needs a ProcessFunction/);
  });

  test('in one chain, a later operator sees the old watermark while the earlier one reacts', () => {
    // As in Flink: what a timer or window emits at watermark 20 reaches operators still at 9.
    const chained: Two = (left) =>
      left
        .keyBy(byKey)
        .window(TumblingEventTimeWindows.of(10))
        .reduce((one) => one)
        .process(new Clocks());
    expect(runTwo('l1 w9 l11 w20', chained)).toEqual(['1/9/min', '11/19/9']);
  });
});

class Sides extends CoProcessFunction<Word, Word, string> {
  override processElement1({ ms }: Word, context: NonKeyedContext, out: Collector<string>): void {
    const watermarkMs = context.timerService().currentWatermark();
    out.collect(`1:${ms}/${watermarkMs < -1e15 ? 'min' : watermarkMs}`);
  }

  override processElement2({ ms }: Word, context: NonKeyedContext, out: Collector<string>): void {
    if (ms === 99) context.timerService().registerEventTimeTimer(1);
    const watermarkMs = context.timerService().currentWatermark();
    out.collect(`2:${ms}/${watermarkMs < -1e15 ? 'min' : watermarkMs}`);
  }

  override onTimer(timestampMs: number, _context: unknown, out: Collector<string>): void {
    out.collect(`timer ${timestampMs}`);
  }
}

/** Bids wait for their auction, by key; what no auction has come for by its time is given back. */
class Match extends KeyedCoProcessFunction<string, Word, Word, string> {
  #bid!: ValueState<number>;
  #auction!: ValueState<number>;

  override open(): void {
    const context = this.getRuntimeContext();
    this.#bid = context.getState(new ValueStateDescriptor<number>('bid'));
    this.#auction = context.getState(new ValueStateDescriptor<number>('auction'));
  }

  override processElement1(
    { key, ms }: Word,
    context: ProcessContext<string>,
    out: Collector<string>,
  ): void {
    const auction = this.#auction.value();
    if (auction !== null) {
      out.collect(`${key}:${ms}+${auction}`);
      return;
    }
    this.#bid.update(ms);
    context.timerService().registerEventTimeTimer(ms + 5);
  }

  override processElement2(
    { key, ms }: Word,
    context: ProcessContext<string>,
    out: Collector<string>,
  ): void {
    const bid = this.#bid.value();
    this.#auction.update(ms);
    context.timerService().registerEventTimeTimer(ms + 20);
    if (bid === null) return;
    out.collect(`${key}:${bid}+${ms}`);
    context.timerService().deleteEventTimeTimer(bid + 5);
    this.#bid.clear();
  }

  override onTimer(
    timestampMs: number,
    context: OnTimerContext<string>,
    out: Collector<string>,
  ): void {
    const bid = this.#bid.value();
    if (bid !== null) out.collect(`${context.getCurrentKey()}:${bid} back at ${timestampMs}`);
    this.#bid.clear();
    if (this.#auction.value() !== null && bid === null) this.#auction.clear();
  }
}

/** Half a second of processing time after a left record, says so. */
class Later extends KeyedCoProcessFunction<string, Word, Word, string> {
  override processElement1(
    _word: Word,
    context: ProcessContext<string>,
    out: Collector<string>,
  ): void {
    const timers = context.timerService();
    const nowMs = timers.currentProcessingTime();
    timers.registerProcessingTimeTimer(nowMs + 500);
    out.collect(`set at ${nowMs}`);
  }

  override processElement2(): void {}

  override onTimer(
    timestampMs: number,
    context: OnTimerContext<string>,
    out: Collector<string>,
  ): void {
    out.collect(`timer ${timestampMs}/${context.timestamp()} of ${context.getCurrentKey()}`);
    context.output(ODD, timestampMs);
  }
}

const matched: Two = (left, right) => left.connect(right).keyBy(byKey, byKey).process(new Match());

describe('connected streams', () => {
  test('each record goes to the method of its side; the watermark is that of both', () => {
    const sides: Two = (left, right) => left.connect(right).process(new Sides());
    expect(runTwo('l1 r2 wL5 l6 wR3 r7', sides)).toEqual([
      '1:1/min',
      '2:2/min',
      '1:6/min',
      '2:7/3',
    ]);
  });

  test('a CoProcessFunction has timers only when both sides are keyed', () => {
    const half: Two = (left, right) => left.keyBy(byKey).connect(right).process(new Sides());
    expect(failure('r99', half)).toMatch(/setting timers is only supported/);
    const both: Two = (left, right) =>
      left.keyBy(byKey).connect(right.keyBy(byKey)).process(new Sides());
    expect(runTwo('r99 w1', both)).toEqual(['2:99/min', 'timer 1']);
  });

  test('map and flatMap have a method a side', () => {
    const mapped: Two = (left, right) =>
      left.connect(right).map({ map1: ({ ms }) => `l${ms}`, map2: ({ ms }) => `r${ms}` });
    expect(runTwo('l1 r2', mapped)).toEqual(['l1', 'r2']);
    class Seen extends RichCoFlatMapFunction<Word, Word, string> {
      #last!: ValueState<number>;

      override open(): void {
        this.#last = this.getRuntimeContext().getState(new ValueStateDescriptor<number>('last'));
      }

      override flatMap1({ ms }: Word): void {
        this.#last.update(ms);
      }

      override flatMap2({ ms }: Word, out: Collector<string>): void {
        const last = this.#last.value();
        if (last !== null) out.collect(`${ms} after ${last}`);
      }
    }
    const flat: Two = (left, right) => left.connect(right).keyBy(byKey, byKey).flatMap(new Seen());
    expect(runTwo('la@1 rb@2 lb@3 rb@4 ra@5', flat)).toEqual(['4 after 3', '5 after 1']);
  });

  test('both sides share state and timers of a key', () => {
    expect(runTwo('la@1 rb@2 lb@3 ra@4 lc@5 w10', matched)).toEqual([
      'b:3+2',
      'a:1+4',
      'c:5 back at 10',
    ]);
  });

  test('a timer waits for the watermark of the slower side', () => {
    expect(runTwo('lc@5 wL30 r1 wR9', matched)).toEqual([]);
    expect(runTwo('lc@5 wL30 r1 wR10', matched)).toEqual(['c:5 back at 10']);
  });

  // As printed by CoBroadcastWithKeyedOperator of flink-runtime 2.3.0: `timer 5 … ts=5`, without a
  // timestamp, and its side output with the timestamp 5.
  test('what a processing-time timer emits has no timestamp, its side output has the time', () => {
    const pick = (isSide: boolean) =>
      simulate(
        twoStreamScenario('l1 r2', (left, right) => {
          const late = left.connect(right).keyBy(byKey, byKey).process(new Later());
          const stream: DataStream<string | number> = isSide ? late.getSideOutput(ODD) : late;
          return stream.map((text) => text).disableChaining();
        }),
      );
    expect(written(pick(false))).toEqual(['set at 1000', 'timer 1500/1500 of k']);
    expect(atSink(pick(false))).toEqual(['1', 'none']);
    expect(atSink(pick(true))).toEqual(['1500']);
  });

  test('an overdue processing-time timer fires after the restore', () => {
    const fault = { type: 'task-manager-crash', taskManager: 0, when: { atMs: 1400 } } as const;
    const run = simulate(
      twoStreamScenario(
        'l1 r2 r3 r4',
        (left, right, env) => {
          env.enableCheckpointing(300);
          return left.connect(right).keyBy(byKey, byKey).process(new Later());
        },
        { faults: [fault] },
      ),
    );
    expect(written(run)).toEqual(['set at 1000', 'timer 1500/1500 of k']);
  });

  test('a timer sees the watermark that fires it', () => {
    class Late extends KeyedCoProcessFunction<string, Word, Word, string> {
      override processElement1({ ms }: Word, context: ProcessContext<string>): void {
        context.timerService().registerEventTimeTimer(ms);
      }

      override processElement2(): void {}

      override onTimer(
        timestampMs: number,
        context: OnTimerContext<string>,
        out: Collector<string>,
      ): void {
        out.collect(`${timestampMs} at ${context.timerService().currentWatermark()}`);
      }
    }
    const late: Two = (left, right) => left.connect(right).keyBy(byKey, byKey).process(new Late());
    expect(runTwo('l1 l5 w7', late)).toEqual(['1 at 7', '5 at 7']);
  });

  test('a KeyedCoProcessFunction needs two keyed streams', () => {
    const half: Two = (left, right) => left.keyBy(byKey).connect(right).process(new Match());
    expect(() => runTwo('l1', half)).toThrow(/both input streams are of type KeyedStream/);
    const nothing: Two = (left, right) =>
      left.connect(right).process({} as unknown as CoProcessFunction<Word, Word, 1>);
    expect(() => runTwo('l1', nothing)).toThrow(/needs a CoProcessFunction/);
  });
});

describe('recovery', () => {
  const script = 'la@1 rb@2 lb@3 ra@4 lc@5 w6 lb@8 rc@9 la@9 w40';

  test('keyed state and timers are as of the checkpoint', () => {
    for (const [straight, recovered] of recoveries(script, matched)) {
      expect(recovered).toEqual(straight);
    }
  });

  test('the same seed gives the same trace', () => {
    forEachSeed(10, (seed) => {
      const random = new Random(seed);
      const words = Array.from({ length: 25 }, () => {
        const mark = random.chance(0.2);
        if (mark) return `w${random.between(0, 30)}`;
        return `${random.pick(['l', 'r'])}${random.pick(['a', 'b'])}@${random.between(0, 30)}`;
      });
      const run = (): Run => simulate(twoStreamScenario(words.join(' '), matched));
      expect(run().trace).toEqual(run().trace);
    });
  });
});
