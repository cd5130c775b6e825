import { describe, expect, test } from 'vitest';
import { StateTtlConfig } from '../../../engine/state/state-ttl-config.ts';
import type { StateTtlConfigBuilder } from '../../../engine/state/state-ttl-config.ts';
import { KIND } from '../../../engine/trace/kinds.ts';
import { States, testContext } from './state-notation.ts';

const builder = (): StateTtlConfigBuilder =>
  StateTtlConfig.newBuilder(60).disableCleanupInBackground();

/** What every timeline below begins with: an entry at 0, one more element and entry at 30. */
const WRITES = '0 v=1 l+a m.a=1 r+1 g+1 | 30 l+b m.b=2 | 50 v?';
const READ_ALL = 'v? l? m? r? g?';
const ADDS = '200 r+5 g+5 r? g? | 259 r+6 g+6 r? g? | 319 r+7 g+7 r? g?';
const TIMELINE =
  `${WRITES} | 59 ${READ_ALL} | 60 ${READ_ALL} | 60 ${READ_ALL} | 60 m.a∈ | ` +
  `95 m~ l? m~ | 95 m? m~ | ${ADDS}`;

// Printed by KeyedProcessOperator of flink-runtime 2.3.0 in a
// KeyedOneInputStreamOperatorTestHarness on HashMapStateBackend and EmbeddedRocksDBStateBackend,
// time to live 60 ms, background clean-up disabled.
const PRINTED = {
  default: [
    '50 1',
    '59 1 [a,b] {a=1,b=2} 1 (1)',
    '60 null [b] {b=2} null null',
    '60 null [b] {b=2} null null',
    '60 false',
    '95 false [] false',
    '95 {} true',
    '200 5 (5)',
    '259 11 (5,6)',
    '319 7 (7)',
  ],
  returnExpiredIfNotCleanedUp: [
    '50 1',
    '59 1 [a,b] {a=1,b=2} 1 (1)',
    '60 1 [a,b] {a=1,b=2} 1 (1)',
    '60 null [a,b] {b=2} null null',
    '60 false',
    '95 false [a,b] false',
    '95 {b=2} true',
    '200 5 (5)',
    '259 11 (5,6)',
    '319 18 (5,6,7)',
  ],
  onReadAndWrite: [
    '50 1',
    '59 1 [a,b] {a=1,b=2} 1 (1)',
    '60 1 [a,b] {a=1,b=2} 1 (1)',
    '60 1 [a,b] {a=1,b=2} 1 (1)',
    '60 true',
    '95 false [a,b] false',
    '95 {a=1,b=2} false',
    '200 5 (5)',
    '259 11 (5,6)',
    '319 7 (7)',
  ],
};

describe('state expires as in Flink 2.3.0', () => {
  for (const backend of ['hashmap', 'rocksdb'] as const) {
    const run = (ttl: StateTtlConfig, text = TIMELINE): string[] =>
      new States({ backend, ttl }).run(text);

    test(`${backend}: written and 60 ms later it is gone, element by element`, () => {
      expect(run(builder().build())).toEqual(PRINTED.default);
    });

    test(`${backend}: what has expired can be read until a read has removed it`, () => {
      const ttl = builder().returnExpiredIfNotCleanedUp().build();
      expect(run(ttl)).toEqual(PRINTED.returnExpiredIfNotCleanedUp);
    });

    test(`${backend}: reads can let it live on`, () => {
      const ttl = builder().updateTtlOnReadAndWrite().build();
      expect(run(ttl)).toEqual(PRINTED.onReadAndWrite);
    });

    test(`${backend}: a list that reads refresh is written anew without what has expired`, () => {
      const text = '0 l+a | 30 l+b | 60 l? | 119 l? | 179 l?';
      const ttl = builder().updateTtlOnReadAndWrite();
      expect(run(ttl.build(), text)).toEqual(['60 [b]', '119 [b]', '179 []']);
      const visible = '0 l+a m.a=1 | 30 l+b m.b=2 | 60 l? m? | 60 l? m? | 119 l? m?';
      expect(run(ttl.returnExpiredIfNotCleanedUp().build(), visible)).toEqual([
        '60 [a,b] {a=1,b=2}',
        '60 [b] {b=2}',
        '119 [b] {b=2}',
      ]);
    });
  }

  test('TTL 60 s OnCreateAndWrite: write at 0, read at 50 gives the value, at 61 null', () => {
    const ttl = StateTtlConfig.newBuilder(60_000).build();
    expect(new States({ ttl }).run('0 v=7 | 50000 v? | 61000 v?')).toEqual([
      '50000 7',
      '61000 null',
    ]);
  });

  test('Disabled is no time to live', () => {
    const ttl = builder().setUpdateType(StateTtlConfig.UpdateType.Disabled).build();
    expect(new States({ ttl }).run('0 v=7 | 5000 v?')).toEqual(['5000 7']);
  });

  test('the time to live must be positive', () => {
    expect(() => StateTtlConfig.newBuilder(0).build()).toThrow(/TTL is expected to be positive.*0/);
  });
});

describe('expiry and checkpoints', () => {
  const writes = '0 v=1 l+a m.a=1 r+1 g+1 | 30 l+b m.b=2';

  // Printed by flink-runtime 2.3.0 on both backends: restored with the clock at 10, then at 60.
  test('the times of writing are saved: time spent down counts', () => {
    const before = new States({ ttl: builder().build() });
    before.run(writes);
    const after = new States({ ttl: builder().build(), restored: before.backend.snapshot() });
    expect(after.run(`10 ${READ_ALL} | 60 ${READ_ALL}`)).toEqual([
      '10 1 [a,b] {a=1,b=2} 1 (1)',
      '60 null [b] {b=2} null null',
    ]);
  });

  test('cleanupFullSnapshot leaves what has expired out of the snapshot, not the job', () => {
    const ttl = builder().cleanupFullSnapshot().build();
    const before = new States({ ttl });
    before.run(`${writes} | 60 m~`);
    const restored = before.backend.snapshot();
    expect(before.backend.entryCount()).toBe(7);
    const context = testContext(before.context.keys);
    const after = new States({ ttl, restored, context });
    expect(after.backend.entryCount()).toBe(2);
    expect(after.run(`10 ${READ_ALL}`)).toEqual(['10 null [b] {b=2} null null']);
  });

  // Printed by flink-runtime 2.3.0: restored at 190, alive at 249, gone at 250.
  test('state that gets a time to live at a restore lives from then', () => {
    const before = new States();
    before.run('0 v=1');
    const restored = before.backend.snapshot();
    const context = testContext();
    context.atMs = 190;
    const after = new States({ ttl: builder().build(), context, restored });
    expect(after.run('249 v? | 250 v?')).toEqual(['249 1', '250 null']);
  });

  test('state that loses its time to live is kept', () => {
    const before = new States({ ttl: builder().build() });
    before.run('0 v=1');
    const after = new States({ restored: before.backend.snapshot() });
    expect(after.run('250 v?')).toEqual(['250 1']);
  });
});

describe('clean-up in the background', () => {
  test('each access looks at some more entries, on the heap only', () => {
    const ttl = StateTtlConfig.newBuilder(60).cleanupIncrementally(2, false).build();
    const left = (backend: 'hashmap' | 'rocksdb'): number[] => {
      const states = new States({ backend, ttl });
      states.run('0 a: v=1 b: v=1 c: v=1 d: v=1 e: v=1');
      return ['100 f: v?', '100 v?', '100 v?'].map((step) => {
        states.run(step);
        return states.backend.entryCount();
      });
    };
    expect(left('hashmap')).toEqual([4, 2, 0]);
    expect(left('rocksdb')).toEqual([5, 5, 5]);
  });

  test('every record counts as an access when asked for', () => {
    const ttl = StateTtlConfig.newBuilder(60).cleanupIncrementally(5, true).build();
    const states = new States({ ttl });
    states.run('0 v=1 l+a m.a=1 | 30 l+b m.b=1');
    states.context.atMs = 60;
    states.backend.onRecord();
    expect(states.backend.entryCount()).toBe(2);
  });

  test('the default looks at five entries with every access', () => {
    const states = new States({ ttl: StateTtlConfig.newBuilder(60).build() });
    states.run('0 a: v=1 b: v=1 c: v=1 d: v=1 e: v=1 f: v=1 | 100 g: v?');
    expect(states.backend.entryCount()).toBe(1);
  });
});

test('the trace says what expired, when, and which write it was', () => {
  const states = new States({ ttl: builder().build() });
  states.run('0 m.a=1 | 30 m.b=2 | 100 m?');
  const { recorder, keys } = states.context;
  const trace = recorder.finish({} as never, keys);
  const expired = [...trace.columns.kind.keys()].filter(
    (row) => trace.columns.kind[row] === KIND['state-expired'],
  );
  const { a, b, d } = trace.columns;
  expect(expired.map((row) => [a[row], trace.keys[b[row] as number], d[row]])).toEqual([
    [60, 'a', 0],
    [90, 'b', 1],
  ]);
});
