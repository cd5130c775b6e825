import { describe, expect, test } from 'vitest';
import { ListStateDescriptor, MapStateDescriptor } from '../../../engine/state/descriptors.ts';
import { OperatorStateBackend } from '../../../engine/state/operator-state-backend.ts';
import { testContext } from './state-notation.ts';

const backendOf = (): OperatorStateBackend => new OperatorStateBackend(testContext(), () => 0);
const rules = new MapStateDescriptor<string, { limit: number }>('rules');

describe('list state of an operator', () => {
  test('needs no key, keeps its order, and comes back from a snapshot', () => {
    const before = backendOf();
    const list = before.getListState(new ListStateDescriptor<number>('l'));
    list.add(1);
    list.addAll([2, 3]);
    list.update([...list.get(), 4]);
    expect(list.get()).toEqual([1, 2, 3, 4]);
    const after = backendOf();
    after.restore(before.snapshot());
    expect(after.getListState(new ListStateDescriptor<number>('l')).get()).toEqual([1, 2, 3, 4]);
    expect([after.entryCount(), before.entryCount()]).toEqual([4, 4]);
    list.clear();
    expect([list.get(), before.entryCount(), before.byteCount()]).toEqual([[], 0, 0]);
  });

  test('shares no object with a snapshot, before or after a restore', () => {
    const descriptor = new ListStateDescriptor<number[]>('l');
    const before = backendOf();
    const list = before.getListState(descriptor);
    list.add([1]);
    const snapshot = before.snapshot();
    list.get()[0]?.push(2);
    expect(list.get()).toEqual([[1, 2]]);
    const after = backendOf();
    after.restore(snapshot);
    after.getListState(descriptor).get()[0]?.push(3);
    expect(snapshot[0]?.items[0]?.[1]).toEqual([1]);
  });

  // "Incompatible state assignment modes. Was [UNION], registered with [SPLIT_DISTRIBUTE]."
  // flink-runtime 2.3.0.
  test('is split or union for life', () => {
    const descriptor = new ListStateDescriptor<number>('l');
    const before = backendOf();
    before.getUnionListState(descriptor).add(1);
    const message = /incompatible state assignment modes: .*\[UNION\].*\[SPLIT_DISTRIBUTE\]/;
    expect(() => before.getListState(descriptor)).toThrow(message);
    const after = backendOf();
    after.restore(before.snapshot());
    expect(() => after.getListState(descriptor)).toThrow(message);
    expect(after.getUnionListState(descriptor).get()).toEqual([1]);
  });

  test('that nobody asks for stays in the next snapshot', () => {
    const before = backendOf();
    before.getListState(new ListStateDescriptor<number>('l')).add(1);
    before.getBroadcastState(rules).put('a', { limit: 1 });
    const idle = backendOf();
    idle.restore(before.snapshot());
    expect(idle.snapshot()).toEqual(before.snapshot());
  });
});

describe('broadcast state', () => {
  test('is a map; names are told apart from those of lists', () => {
    const backend = backendOf();
    const state = backend.getBroadcastState(rules);
    state.put('a', { limit: 1 });
    state.putAll([['b', { limit: 2 }]]);
    state.remove('a');
    state.remove('c');
    expect([state.get('a'), state.get('b'), state.contains('b'), state.contains('a')]).toEqual([
      null,
      { limit: 2 },
      true,
      false,
    ]);
    expect([...state.immutableEntries()]).toEqual([['b', { limit: 2 }]]);
    backend.getListState(new ListStateDescriptor<number>('rules')).add(1);
    expect([
      backend.getRegisteredStateNames(),
      backend.getRegisteredBroadcastStateNames(),
      backend.entryCount(),
    ]).toEqual([['rules'], ['rules'], 2]);
    state.clear();
    expect(state.entries()).toEqual([]);
  });

  test('is on the heap: objects alias, but never with a snapshot', () => {
    const before = backendOf();
    const state = before.getBroadcastState(rules);
    state.put('a', { limit: 1 });
    const snapshot = before.snapshot();
    (state.get('a') as { limit: number }).limit = 5;
    expect(state.get('a')).toEqual({ limit: 5 });
    const after = backendOf();
    after.restore(snapshot);
    const restored = after.getBroadcastState(rules);
    expect(restored.get('a')).toEqual({ limit: 1 });
    (restored.get('a') as { limit: number }).limit = 7;
    expect(snapshot[0]?.items[0]?.[1]).toEqual({ limit: 1 });
  });
});
