import { describe, expect, test } from 'vitest';
import { KeyTable } from '../../../engine/core/key-table.ts';
import {
  AggregatingStateDescriptor,
  ListStateDescriptor,
  MapStateDescriptor,
  ReducingStateDescriptor,
  ValueStateDescriptor,
} from '../../../engine/state/descriptors.ts';
import type { StateDescriptor } from '../../../engine/state/descriptors.ts';
import { KeySlots } from '../../../engine/state/key-slots.ts';
import { KeyedStateBackend } from '../../../engine/state/keyed-state-backend.ts';
import { Random } from '../../../engine/core/random.ts';
import { KIND } from '../../../engine/trace/kinds.ts';
import { forEachSeed } from '../stream-notation.ts';
import { States, testContext } from './state-notation.ts';

const BACKENDS = ['hashmap', 'rocksdb'] as const;

for (const backend of BACKENDS) {
  const run = (text: string): string[] => new States({ backend }).run(text);

  // Printed by KeyedProcessOperator of flink-runtime 2.3.0 on both backends.
  describe(`${backend}: as in Flink 2.3.0`, () => {
    test('nothing is there at first', () => {
      expect(run('0 v? l? m? r? g? m~')).toEqual(['0 null [] {} null null true']);
    });

    test('each kind keeps what it is for', () => {
      expect(run('0 v=1 v=2 v? l+a l+b l? r+1 r+2 r? g+1 g+2 g?')).toEqual(['0 2 [a,b] 3 (1,2)']);
      expect(run('0 m.a=1 m.b=2 m.a=3 m? m.a? m.c? m.a∈ m.c∈ m~')).toEqual([
        '0 {a=3,b=2} 3 null true false false',
      ]);
      expect(run('0 m.a=1 m.a- m? m~ m.b=2 m! m?')).toEqual(['0 {} true {}']);
    });

    test('an empty update clears a list; update replaces it', () => {
      expect(run('0 l=x,y l+z l? l= l?')).toEqual(['0 [x,y,z] []']);
    });

    test('state is of one key', () => {
      expect(run('0 a: v=1 l+a m.x=1 b: v? l? m? v=2 a: v? b: v?')).toEqual(['0 null [] {} 1 2']);
    });

    test('null clears a value, is an entry of a map, and is refused by a list', () => {
      const states = new States({ backend });
      states.run('0 v=3');
      states.value.update(null);
      expect(states.value.value()).toBe(null);
      states.map.put('x', null);
      expect([states.map.get('x'), states.map.contains('x'), states.map.isEmpty()]).toEqual([
        null,
        true,
        false,
      ]);
      expect(() => states.list.add(null)).toThrow(/cannot add null to a ListState/);
      expect(() => states.list.update(['x', null])).toThrow(/cannot add null to a ListState/);
      expect(() => states.list.addAll(null as never)).toThrow(/list of values to add cannot be/);
    });

    test('a default is read while there is no value', () => {
      const { backend: states } = new States({ backend });
      const value = states.valueState(new ValueStateDescriptor('d', 7));
      const seen = [value.value()];
      value.update(1);
      seen.push(value.value());
      value.clear();
      seen.push(value.value());
      expect(seen).toEqual([7, 1, 7]);
    });
  });
}

describe('an object changed in place', () => {
  interface Box {
    items: number[];
  }

  /** Changes what each kind of state gave out, without writing it back. */
  function changeInPlace(backend: 'hashmap' | 'rocksdb'): unknown[] {
    const states = new States({ backend });
    const given: Box = { items: [1] };
    states.value.update(given);
    states.list.add(given);
    states.map.put('a', given);
    given.items.push(2);
    (states.value.value() as Box).items.push(3);
    (states.list.get()[0] as Box).items.push(4);
    (states.map.get('a') as Box).items.push(5);
    (states.map.values()[0] as Box).items.push(6);
    (states.map.entries()[0]?.[1] as Box).items.push(7);
    return [states.value.value(), states.list.get()[0], states.map.get('a')].map(
      (box) => (box as Box).items,
    );
  }

  test('is the state on the heap: all hold the very object', () => {
    const all = [1, 2, 3, 4, 5, 6, 7];
    expect(changeInPlace('hashmap')).toEqual([all, all, all]);
  });

  test('is lost with RocksDB', () => {
    expect(changeInPlace('rocksdb')).toEqual([[1], [1], [1]]);
  });

  test('a reduce function gets the stored object on the heap, a copy from RocksDB', () => {
    const seen = BACKENDS.map((type) => {
      const backend = new KeyedStateBackend(contextOfKey(), type, () => 0);
      const kept: Box[] = [];
      const state = backend.reducingState(
        new ReducingStateDescriptor<Box>('r', (left, right) => {
          kept.push(left);
          return { items: [...left.items, ...right.items] };
        }),
      );
      const first = { items: [1] };
      state.add(first);
      state.add({ items: [2] });
      return kept[0] === first;
    });
    expect(seen).toEqual([true, false]);
  });

  test('a snapshot shares nothing with the state on either backend', () => {
    for (const backend of BACKENDS) {
      const states = new States({ backend });
      states.value.update({ items: [1] });
      states.list.add({ items: [1] });
      states.map.put('a', { items: [1] });
      const snapshot = states.backend.snapshot();
      const before = JSON.stringify(snapshot);
      for (const box of [states.value.value(), states.list.get()[0], states.map.get('a')]) {
        (box as Box).items.push(2);
      }
      expect(JSON.stringify(snapshot)).toBe(before);
      const restored = new States({ backend, restored: snapshot });
      restored.setKey('k');
      (restored.value.value() as Box).items.push(3);
      expect(JSON.stringify(snapshot)).toBe(before);
    }
  });
});

function contextOfKey(key = 'k') {
  const context = testContext();
  context.currentKey = context.keys.intern(key);
  return context;
}

describe('names and kinds', () => {
  const descriptors: readonly StateDescriptor[] = [
    new ValueStateDescriptor('s'),
    new ListStateDescriptor('s'),
    new MapStateDescriptor('s'),
    new ReducingStateDescriptor<number>('s', (left, right) => left + right),
    new AggregatingStateDescriptor<number, number, number>('s', {
      createAccumulator: () => 0,
      add: (value, sum) => value + sum,
      getResult: (sum) => sum,
      merge: (left, right) => left + right,
    }),
  ];

  function ask(backend: KeyedStateBackend, descriptor: StateDescriptor): unknown {
    if (descriptor instanceof ValueStateDescriptor) return backend.valueState(descriptor);
    if (descriptor instanceof ListStateDescriptor) return backend.listState(descriptor);
    if (descriptor instanceof MapStateDescriptor) return backend.mapState(descriptor);
    if (descriptor instanceof ReducingStateDescriptor) return backend.reducingState(descriptor);
    return backend.aggregatingState(
      descriptor as AggregatingStateDescriptor<unknown, unknown, unknown>,
    );
  }

  // "Incompatible key/value state types. Was [VALUE], registered with [MAP]." flink-runtime 2.3.0.
  test('state that was saved as one kind is not restored as another', () => {
    for (const saved of descriptors) {
      for (const wanted of descriptors) {
        const first = new KeyedStateBackend(contextOfKey(), 'hashmap', () => 0);
        ask(first, saved);
        const second = new KeyedStateBackend(contextOfKey(), 'hashmap', () => 0);
        second.restore(first.snapshot());
        const message = new RegExp(
          `incompatible key/value state types: state "s" was \\[${saved.kind.toUpperCase()}\\].*` +
            `registered with \\[${wanted.kind.toUpperCase()}\\]`,
        );
        if (saved === wanted) expect(() => ask(second, wanted)).not.toThrow();
        else expect(() => ask(second, wanted)).toThrow(message);
      }
    }
  });

  test('one name is one state within an operator', () => {
    const backend = new KeyedStateBackend(contextOfKey(), 'hashmap', () => 0);
    const descriptor = new ValueStateDescriptor<number>('s');
    backend.valueState(descriptor).update(4);
    expect(backend.valueState(descriptor).value()).toBe(4);
    expect(() => backend.listState(new ListStateDescriptor('s'))).toThrow(/already a value state/);
  });

  test('state needs a key, and a name', () => {
    const backend = new KeyedStateBackend(testContext(), 'hashmap', () => 0);
    const value = backend.valueState(new ValueStateDescriptor('v'));
    const list = backend.listState(new ListStateDescriptor('l'));
    const map = backend.mapState(new MapStateDescriptor('m'));
    const uses = [
      () => value.value(),
      () => value.update(1),
      () => value.clear(),
      () => list.get(),
      () => list.add(1),
      () => map.get('a'),
      () => map.isEmpty(),
      () => map.entries(),
      () => map.put('a', 1),
    ];
    for (const use of uses) expect(use).toThrow(/no key is set/);
    expect(() => new ValueStateDescriptor('')).toThrow(/must have a name/);
  });

  test('state that nobody asks for stays in the next snapshot', () => {
    const before = new States();
    before.run('0 v=1');
    const idle = new KeyedStateBackend(contextOfKey(), 'hashmap', () => 0);
    idle.restore(before.backend.snapshot());
    expect(idle.snapshot()).toEqual(before.backend.snapshot());
  });
});

describe('size', () => {
  test('entries and bytes grow with what is held, and go back to nothing', () => {
    for (const backend of BACKENDS) {
      const states = new States({ backend });
      const sizes = ['0 v=1', '0 l+abc', '0 l+d', '0 m.a=1 m.b=2', '0 r+1', '0 g+1'].map((step) => {
        states.run(step);
        return [states.backend.entryCount(), states.backend.byteCount()];
      });
      const overhead = backend === 'hashmap' ? 48 : 10;
      // Key "k": 2 bytes. A number: 8. Text: its length and 1. An accumulator of one number: 12.
      expect(sizes).toEqual([
        [1, overhead + 10],
        [2, 2 * overhead + 16],
        [3, 3 * overhead + 18],
        [5, 5 * overhead + 42],
        [6, 6 * overhead + 52],
        [7, 7 * overhead + 66],
      ]);
      states.value.clear();
      states.list.clear();
      states.map.clear();
      states.reducing.clear();
      states.aggregating.clear();
      expect([states.backend.entryCount(), states.backend.byteCount()]).toEqual([0, 0]);
    }
  });
});

test('a list and a map are told to the trace entry by entry', () => {
  const states = new States();
  states.run('0 l+a l+b l? m.x=1 l=c');
  const { recorder, keys } = states.context;
  const { columns, rowCount, keys: names } = recorder.finish({} as never, keys);
  const names2 = new Map(Object.entries(KIND).map(([name, kind]) => [kind, name]));
  const lines = Array.from({ length: rowCount }, (_, row) => {
    const entry = columns.b[row] as number;
    const kind = names2.get(columns.kind[row] as number) ?? '';
    return `${kind} ${entry < 0 ? '*' : names[entry]} ${columns.d[row]}`;
  });
  expect(lines).toEqual([
    'state-updated 0 -1',
    'state-updated 1 -1',
    'state-read 0 0',
    'state-read 1 1',
    'state-updated x -1',
    'state-cleared * -1',
    'state-updated 0 -1',
  ]);
});

test('slots agree with a Map whatever is added and taken out', () => {
  forEachSeed(50, (seed) => {
    const random = new Random(seed);
    const slots = new KeySlots();
    const column: number[] = [];
    const model = new Map<number, number>();
    for (let step = 0; step < 400; step += 1) {
      const key = random.below(300);
      const place = slots.find(key);
      expect(place >= 0).toBe(model.has(key));
      if (place < 0) {
        expect(slots.add(key)).toBe(column.length);
        column.push(step);
        model.set(key, step);
        continue;
      }
      expect(column[place]).toBe(model.get(key));
      slots.removeAt(place);
      const last = column.pop() as number;
      if (place < column.length) column[place] = last;
      model.delete(key);
    }
    expect(slots.size).toBe(model.size);
  });
});

test('traced or not, state is the same', () => {
  const script = '0 v=1 l+a m.a=1 r+1 g+1 | 5 v? l? m? r? g? | 6 l= m! v? l? m?';
  const traced = new States().run(script);
  const silent = new States({ context: testContext(new KeyTable(), false) }).run(script);
  expect(silent).toEqual(traced);
});
