import { describe, expect, test } from 'vitest';
import { KeyTable } from '../../../engine/core/key-table.ts';
import { ListStateDescriptor, MapStateDescriptor } from '../../../engine/state/descriptors.ts';
import { ValueStateDescriptor } from '../../../engine/state/descriptors.ts';
import { keyGroupOf, subtaskOfKeyGroup } from '../../../engine/state/key-groups.ts';
import { KeyedStateBackend } from '../../../engine/state/keyed-state-backend.ts';
import { OperatorStateBackend } from '../../../engine/state/operator-state-backend.ts';
import { redistribute, repartition } from '../../../engine/state/rescale.ts';
import type { RescalableState } from '../../../engine/state/rescale.ts';
import { checkRestorable } from '../../../engine/state/restorable.ts';
import { TimerQueue } from '../../../engine/state/timers.ts';
import { States, testContext } from './state-notation.ts';

const MAX_PARALLELISM = 128;

/** State and a timer for each key, kept by the subtask that owns it. */
function keyedSnapshots(keys: KeyTable, names: readonly string[], parallelism: number) {
  return Array.from({ length: parallelism }, (_, subtask): RescalableState => {
    const context = testContext(keys, false);
    const states = new States({ context });
    const timers = new TimerQueue(context, 0);
    names.forEach((name, index) => {
      if (ownerOf(name, parallelism) !== subtask) return;
      states.run(`0 ${name}: v=${index} l+x l+y m.a=${index} r+${index} g+${index}`);
      timers.register(index);
      timers.register(1000 + index);
    });
    return { keyed: states.backend.snapshot(), eventTimers: timers.snapshot() };
  });
}

function ownerOf(name: string, parallelism: number): number {
  return subtaskOfKeyGroup(keyGroupOf(name, MAX_PARALLELISM), MAX_PARALLELISM, parallelism);
}

const NAMES = Array.from({ length: 60 }, (_, index) => `key-${index}`);

describe('keyed state and timers go with the key group of their key', () => {
  for (const [from, to] of [
    [2, 3],
    [3, 2],
    [1, 4],
    [4, 1],
    [3, 3],
    [2, 128],
  ] as const) {
    test(`from ${from} to ${to} subtasks, into a run with other key ids`, () => {
      const fromKeys = new KeyTable();
      const toKeys = new KeyTable();
      // The new run has met some keys in another order already.
      for (const name of [...NAMES].reverse().slice(0, 20)) toKeys.intern(name);
      const moved = redistribute(keyedSnapshots(fromKeys, NAMES, from), {
        fromKeys,
        toKeys,
        maxParallelism: MAX_PARALLELISM,
        newParallelism: to,
      });
      expect(moved.length).toBe(to);
      const seen: string[] = [];
      moved.forEach((state, subtask) => {
        const context = testContext(toKeys);
        const states = new States({ context, restored: state.keyed ?? [] });
        const timers = new TimerQueue(context, 0);
        timers.restore(state.eventTimers ?? { entries: [] });
        for (const key of states.backend.keysOf('v')) {
          const name = String(toKeys.valueOf(key));
          const index = NAMES.indexOf(name);
          expect([name, ownerOf(name, to)]).toEqual([name, subtask]);
          expect(states.run(`0 ${name}: v? l? m? r? g?`)).toEqual([
            `0 ${index} [x,y] {a=${index}} ${index} (${index})`,
          ]);
          seen.push(name);
        }
        const owned = NAMES.flatMap((name, index) =>
          ownerOf(name, to) === subtask ? [index] : [],
        );
        const fired: number[] = [];
        for (let timeMs = timers.fireNext(5000, -1); timeMs !== undefined;) {
          fired.push(timeMs);
          expect(toKeys.valueOf(context.currentKey)).toBe(NAMES[timeMs % 1000]);
          timeMs = timers.fireNext(5000, -1);
        }
        expect(fired).toEqual([...owned, ...owned.map((index) => 1000 + index)]);
      });
      expect(seen.sort()).toEqual([...NAMES].sort());
    });
  }

  test('in the same run the facts that wrote the state are still known', () => {
    const keys = new KeyTable();
    const context = testContext(keys);
    const states = new States({ context });
    states.run('0 v=1');
    const rescaling = { fromKeys: keys, toKeys: keys, maxParallelism: 128, newParallelism: 1 };
    const [moved] = redistribute([{ keyed: states.backend.snapshot() }], rescaling);
    expect(moved?.keyed?.[0]?.entries).toEqual([[keys.intern('k'), null, 1, 0, 0]]);
    const other = { ...rescaling, toKeys: new KeyTable() };
    const [foreign] = redistribute([{ keyed: states.backend.snapshot() }], other);
    expect(foreign?.keyed?.[0]?.entries).toEqual([[0, null, 1, -1, 0]]);
  });
});

/** Three subtasks with 3, 1 and 4 elements; `second` has one of each. */
function operatorSnapshots(): RescalableState[] {
  return [3, 1, 4].map((count, subtask) => {
    const backend = new OperatorStateBackend(testContext(), () => 0);
    const split = backend.getListState(new ListStateDescriptor<string>('split'));
    const union = backend.getUnionListState(new ListStateDescriptor<string>('union'));
    const second = backend.getListState(new ListStateDescriptor<string>('second'));
    const broadcast = backend.getBroadcastState(new MapStateDescriptor<string, number>('b'));
    for (let index = 0; index < count; index += 1) {
      split.add(`s${subtask}${index}`);
      union.add(`u${subtask}${index}`);
      broadcast.put(`k${subtask}${index}`, 1);
    }
    second.add(`t${subtask}0`);
    return { operatorState: backend.snapshot() };
  });
}

function dealt(newParallelism: number): string[] {
  return repartition(operatorSnapshots(), newParallelism).map((states) =>
    states
      .filter(({ name }) => name !== 'union')
      .map(({ name, mode, items }) => {
        const words = items.map(([key, value]) => (mode === 'broadcast' ? key : value));
        return `${name}=${words.join()}`;
      })
      .join(' '),
  );
}

describe('operator state is dealt out as RoundRobinOperatorStateRepartitioner does', () => {
  // Printed by CheckpointedFunction in ProcessOperator of flink-runtime 2.3.0, with
  // AbstractStreamOperatorTestHarness.repartitionOperatorState (which lists the union and, for one
  // subtask, the split elements by handle: their order is not compared).
  test('with the same number of subtasks everyone keeps what is split', () => {
    expect(dealt(3)).toEqual([
      'split=s00,s01,s02 second=t00 b=k00,k01,k02',
      'split=s10 second=t10 b=k10',
      'split=s20,s21,s22,s23 second=t20 b=k20,k21,k22,k23',
    ]);
  });

  test('with fewer, all elements are cut into equal pieces', () => {
    expect(dealt(2)).toEqual([
      'split=s00,s01,s02,s10 second=t00,t10 b=k00,k01,k02',
      'split=s20,s21,s22,s23 second=t20 b=k10',
    ]);
  });

  test('with more, the next list begins where the odd elements of the last one ended', () => {
    expect(dealt(5)).toEqual([
      'split=s00,s01 second=t20 b=k00,k01,k02',
      'split=s02,s10 second= b=k10',
      'split=s20,s21 second= b=k20,k21,k22,k23',
      'split=s22 second=t00 b=k00,k01,k02',
      'split=s23 second=t10 b=k10',
    ]);
  });

  test('a union list is given to everyone, whatever the parallelism', () => {
    for (const parallelism of [1, 2, 3, 5]) {
      for (const states of repartition(operatorSnapshots(), parallelism)) {
        const union = states.find(({ name }) => name === 'union');
        expect(union?.items.map(([, value]) => value)).toEqual([
          'u00',
          'u01',
          'u02',
          'u10',
          'u20',
          'u21',
          'u22',
          'u23',
        ]);
      }
    }
  });

  test('nothing is lost or doubled', () => {
    for (let parallelism = 1; parallelism <= 12; parallelism += 1) {
      const all = repartition(operatorSnapshots(), parallelism).flatMap((states) =>
        states.flatMap(({ name, items }) => (name === 'split' ? items.map((item) => item[1]) : [])),
      );
      expect(all.sort()).toEqual(['s00', 's01', 's02', 's10', 's20', 's21', 's22', 's23']);
    }
  });
});

describe('a savepoint and the job that starts from it', () => {
  const count = { id: 'count', name: 'Count', maxParallelism: 128 };
  const other = { id: 'sum', name: 'Sum', maxParallelism: 128 };

  test('operators are found by their uid', () => {
    expect(checkRestorable([count], [other, count], false)).toEqual(['count']);
  });

  test('an operator that is gone stops the job, unless its state may be dropped', () => {
    expect(() => checkRestorable([count, other], [other], false)).toThrow(
      /cannot map savepoint state to the new program.*"Count".*allowNonRestoredState/,
    );
    expect(checkRestorable([count, other], [other], true)).toEqual(['sum']);
  });

  test('the number of key groups is for life', () => {
    const wider = { ...count, maxParallelism: 256 };
    expect(() => checkRestorable([count], [wider], true)).toThrow(
      /max parallelism mismatch.*\(128\).*got 256/,
    );
  });
});

test('keyed state of a redistributed list keeps its order and labels', () => {
  const keys = new KeyTable();
  const backend = new KeyedStateBackend(
    { ...testContext(keys), currentKey: keys.intern('k') },
    'hashmap',
    () => 0,
  );
  const list = backend.listState(new ListStateDescriptor<string>('l'));
  list.addAll(['a', 'b', 'c']);
  backend.valueState(new ValueStateDescriptor<number>('v')).update(1);
  const rescaling = { fromKeys: keys, toKeys: keys, maxParallelism: 128, newParallelism: 1 };
  const [moved] = redistribute([{ keyed: backend.snapshot() }], rescaling);
  expect(moved?.keyed?.[0]?.entries.map((entry) => entry.slice(1, 3))).toEqual([
    [0, 'a'],
    [1, 'b'],
    [2, 'c'],
  ]);
});
