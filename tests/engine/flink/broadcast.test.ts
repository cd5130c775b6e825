import { describe, expect, test } from 'vitest';
import {
  BroadcastProcessFunction,
  KeyedBroadcastProcessFunction,
  ListStateDescriptor,
  MapStateDescriptor,
  ValueStateDescriptor,
  simulate,
} from '#engine';
import type {
  BroadcastReadContext,
  BroadcastWriteContext,
  Collector,
  DataStream,
  KeyedBroadcastReadContext,
  KeyedBroadcastTimerContext,
  KeyedBroadcastWriteContext,
  ValueState,
} from '#engine';
import { recoveries, runTwo, twoStreamScenario } from '../two-stream-notation.ts';
import type { Word } from '../two-stream-notation.ts';

type Two = (left: DataStream<Word>, right: DataStream<Word>) => DataStream<unknown>;

const byKey = ({ key }: Word): string => key;
const failure = (script: string, build: Two): string =>
  simulate(twoStreamScenario(script, build)).failure?.message ?? 'no failure';

const RULES = new MapStateDescriptor<string, number>('rules');
const SEEN = new ValueStateDescriptor<number>('seen');

/** Emits what is at least the limit that was broadcast for its key. */
class AboveLimit extends BroadcastProcessFunction<Word, Word, string> {
  how = '';

  override processElement(
    { key, ms }: Word,
    context: BroadcastReadContext,
    out: Collector<string>,
  ): void {
    const rules = context.getBroadcastState(RULES);
    if (this.how === 'write') (rules as unknown as { put(k: string, v: number): void }).put('x', 1);
    if (this.how === 'unknown') context.getBroadcastState(new MapStateDescriptor('rulse'));
    const limit = rules.get(key);
    if (limit !== null && ms >= limit) out.collect(`${key}:${ms}≥${limit}`);
  }

  override processBroadcastElement({ key, ms }: Word, context: BroadcastWriteContext): void {
    context.getBroadcastState(RULES).put(key, ms);
  }
}

const limited =
  (how = ''): Two =>
  (left, right) =>
    left.connect(right.broadcast(RULES)).process(Object.assign(new AboveLimit(), { how }));

/** Keeps the last record of each key; a rule asks all keys at once. */
class KeyedRules extends KeyedBroadcastProcessFunction<string, Word, Word, string> {
  how = '';
  #seen!: ValueState<number>;

  override open(): void {
    this.#seen = this.getRuntimeContext().getState(SEEN);
  }

  override processElement(
    { ms }: Word,
    context: KeyedBroadcastReadContext<string>,
    out: Collector<string>,
  ): void {
    this.#seen.update(ms);
    context.timerService().registerEventTimeTimer(ms + 1);
    const limit = context.getBroadcastState(RULES).get('all');
    out.collect(`${context.getCurrentKey()}:${ms} limit ${limit}`);
  }

  override processBroadcastElement(
    { ms }: Word,
    context: KeyedBroadcastWriteContext<string>,
    out: Collector<string>,
  ): void {
    if (this.how === 'state') this.#seen.value();
    context.getBroadcastState(RULES).put('all', ms);
    context.applyToKeyedState(SEEN, (key, state) => {
      out.collect(`${key} has ${state.value()}`);
      if ((state.value() ?? 0) < ms) state.clear();
    });
    if (this.how === 'state-after') this.#seen.value();
  }

  override onTimer(
    timestampMs: number,
    context: KeyedBroadcastTimerContext<string>,
    out: Collector<string>,
  ): void {
    const limit = context.getBroadcastState(RULES).get('all');
    const seen = this.#seen.value();
    out.collect(`${context.getCurrentKey()} timer ${timestampMs} seen ${seen} limit ${limit}`);
    this.#seen.clear();
  }
}

const ruled =
  (how = ''): Two =>
  (left, right) =>
    left
      .keyBy(byKey)
      .connect(right.broadcast(RULES))
      .process(Object.assign(new KeyedRules(), { how }));

describe('broadcast state', () => {
  test('a rule holds from its arrival on', () => {
    expect(runTwo('la@9 ra@5 la@4 la@5 ra@3 la@4', limited())).toEqual(['a:5≥5', 'a:4≥3']);
  });

  test('every subtask has all rules', () => {
    const wide = (left: DataStream<Word>, right: DataStream<Word>) =>
      left.rebalance().connect(right.broadcast(RULES)).process(new AboveLimit()).setParallelism(3);
    const words = Array.from({ length: 9 }, (_, place) => `la@${place}`).join(' ');
    expect(runTwo(`ra@4 ${words}`, wide)).toEqual(['a:4≥4', 'a:5≥4', 'a:6≥4', 'a:7≥4', 'a:8≥4']);
  });

  test('the other side only reads, and only what was named', () => {
    expect(failure('l1', limited('write'))).toMatch(/read-only outside of processBroadcastElement/);
    expect(failure('l1', limited('unknown'))).toMatch(/does not exist: got rulse/);
  });

  test('a keyed function has state and timers of its keys; a rule can visit all of them', () => {
    expect(runTwo('la@1 lb@5 r3 lc@7 w6', ruled())).toEqual([
      'a:1 limit null',
      'b:5 limit null',
      'a has 1',
      'b has 5',
      'c:7 limit 3',
      'a timer 2 seen null limit 3',
      'b timer 6 seen 5 limit 3',
    ]);
  });

  test('keyed state is refused on the broadcast side', () => {
    expect(failure('l1 r1', ruled('state'))).toMatch(/no key is set/);
    expect(failure('l1 r1', ruled('state-after'))).toMatch(/no key is set/);
  });

  test('a rule visits state of any kind', () => {
    const names = new ListStateDescriptor<string>('names');
    class Lists extends KeyedBroadcastProcessFunction<string, Word, Word, string> {
      override processElement({ key }: Word): void {
        this.getRuntimeContext().getListState(names).add(key);
      }

      override processBroadcastElement(
        _word: Word,
        context: KeyedBroadcastWriteContext<string>,
        out: Collector<string>,
      ): void {
        context.applyToKeyedState(names, (key, list) => {
          out.collect(`${key}: ${[...list.get()].join('')}`);
        });
      }
    }
    const lists: Two = (left, right) =>
      left.keyBy(byKey).connect(right.broadcast(RULES)).process(new Lists());
    expect(runTwo('la@1 lb@2 la@3 r4', lists)).toEqual(['a: aa', 'b: b']);
  });

  test('functions must fit the keys', () => {
    const keyed: Two = (left, right) =>
      left.keyBy(byKey).connect(right.broadcast(RULES)).process(new AboveLimit());
    expect(() => runTwo('l1', keyed)).toThrow(/can only be used on a non-keyed stream/);
    const plain: Two = (left, right) =>
      left.connect(right.broadcast(RULES)).process(new KeyedRules());
    expect(() => runTwo('l1', plain)).toThrow(/can only be used on a keyed stream/);
  });
});

describe('recovery', () => {
  const script = 'la@1 rb@2 lb@3 ra@4 lc@5 w6 lb@8 rc@9 la@9 w40';

  test('broadcast and keyed state and timers are as of the checkpoint', () => {
    for (const build of [limited(), ruled()]) {
      for (const [straight, recovered] of recoveries(script, build)) {
        expect(recovered).toEqual(straight);
      }
    }
  });
});
