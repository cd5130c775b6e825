import { describe, expect, test } from 'vitest';
import { CountTrigger, ProcessWindowFunction, TumblingEventTimeWindows, seconds } from '#engine';
import type { Collector, DataStream, ProcessWindowContext } from '#engine';
import type { Item } from '../stream-notation.ts';
import { jobScenario, linesOf } from './window-scenario.ts';

/** Changes the records that it is given, which a function should not. */
class Doubling extends ProcessWindowFunction<Item, string, string> {
  override process(
    _key: string,
    _context: ProcessWindowContext,
    elements: readonly Item[],
    out: Collector<string>,
  ): void {
    for (const element of elements) (element as { atMs: number }).atMs *= 2;
    out.collect(elements.map(({ atMs }) => atMs / 1000).join(' '));
  }
}

describe('a window function that changes records in place', () => {
  const windows = [
    (items: DataStream<Item>) =>
      items
        .keyBy(({ key }) => key)
        .window(TumblingEventTimeWindows.of(seconds(10)))
        .allowedLateness(seconds(5))
        .process(new Doubling()),
    (items: DataStream<Item>) =>
      items
        .keyBy(({ key }) => key)
        .window(TumblingEventTimeWindows.of(seconds(10)))
        .trigger(CountTrigger.of(2))
        .process(new Doubling()),
  ];
  const run = (place: number, backend: 'hashmap' | 'rocksdb', text: string) => {
    const scenario = jobScenario(text, windows[place] as (typeof windows)[number]);
    return linesOf({
      ...scenario,
      job: (env) => {
        env.configure({ 'state.backend.type': backend });
        scenario.job(env);
      },
    });
  };

  test('changes what the heap keeps for the next firing', () => {
    expect(run(0, 'hashmap', '1 12 3')).toEqual(['2', '4 6']);
    expect(run(1, 'hashmap', '1 2 3 4')).toEqual(['2 4', '4 8 6 8']);
  });

  test('does not change what RocksDB keeps', () => {
    expect(run(0, 'rocksdb', '1 12 3')).toEqual(['2', '2 6']);
    expect(run(1, 'rocksdb', '1 2 3 4')).toEqual(['2 4', '2 4 6 8']);
  });
});
