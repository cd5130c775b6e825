import { describe, expect, test } from 'vitest';
import {
  CRASH_POINTS,
  StatefulProcessor,
  StatefulProcessorWithInitialState,
  TTLConfig,
  TimeMode,
  simulateMicroBatches,
} from '#engine/spark';
import type {
  BatchFault,
  ExpiredTimerInfo,
  ListState,
  MapState,
  OutputMode,
  Row,
  RowOf,
  SparkSession,
  TimeModeName,
  TimerValues,
  ValueState,
} from '#engine/spark';
import { ITEM, dropped, runQuery, scenarioOf, stateRows, written } from './batch-notation.ts';

type Item = RowOf<typeof ITEM>;
interface Out extends Row {
  readonly key: string;
  readonly text: string;
}

const ROCKSDB = { 'spark.sql.streaming.stateStore.providerClass': 'rocksdb' } as const;
const conf = { ...ROCKSDB, 'spark.sql.shuffle.partitions': 2 };

/** A query with a processor: `watch('event')` has a watermark of 0 s. */
const watch =
  (
    processor: StatefulProcessor<string, Item, Out>,
    timeMode: TimeModeName = TimeMode.None(),
    mode: OutputMode = 'append',
  ) =>
  (spark: SparkSession): void =>
    spark.readStream
      .schema(ITEM)
      .load('in')
      .withWatermark('time', '0 seconds')
      .groupByKey((row: Item) => row.key ?? '')
      .transformWithState(['key', 'text'], processor, timeMode, mode)
      .writeStream.outputMode(mode)
      .start();

/** Emits how many rows a key has had, and in how many calls. */
class Counting extends StatefulProcessor<string, Item, Out> {
  private rows!: ValueState<number>;
  private calls = 0;

  init(): void {
    this.rows = this.getHandle().getValueState<number>('rows');
  }

  *handleInputRows(key: string, rows: readonly Item[]): Iterable<Out> {
    this.calls += 1;
    const count = (this.rows.get() ?? 0) + rows.length;
    this.rows.update(count);
    yield { key, text: `${count} rows, ${this.calls} calls` };
  }
}

/** A timer a second after each row's own time; tells of its timers when one fires. */
class Alarm extends StatefulProcessor<string, Item, Out> {
  private readonly delayMs: number;

  constructor(delayMs = 1000) {
    super();
    this.delayMs = delayMs;
  }

  init(): void {}

  handleInputRows(key: string, rows: readonly Item[], times: TimerValues): Iterable<Out> {
    const isEventTime =
      times.getCurrentWatermarkInMs() > 0 || rows.some((row) => row.time !== null);
    for (const row of rows) {
      const nowMs = isEventTime ? (row.time as number) : times.getCurrentProcessingTimeInMs();
      this.getHandle().registerTimer(nowMs + this.delayMs);
    }
    return [];
  }

  override handleExpiredTimer(
    key: string,
    times: TimerValues,
    info: ExpiredTimerInfo,
  ): Iterable<Out> {
    const left = this.getHandle().listTimers();
    const at = info.getExpiryTimeInMs() / 1000;
    const watermark = times.getCurrentWatermarkInMs() / 1000;
    return [{ key, text: `${at} at ${watermark} of ${left.map((ms) => ms / 1000).join('+')}` }];
  }
}

describe('rows and state', () => {
  test('all rows of a key in one call, state goes on, fields do not', () => {
    const run = runQuery({ in: 'a@1 b@2 a@3 | a@4 | b@5' }, watch(new Counting()), { conf });
    expect(written(run)).toBe(
      '0: a 2 rows, 1 calls, b 1 rows, 1 calls | 1: – | 2: a 3 rows, 1 calls | 3: – | ' +
        '4: b 2 rows, 1 calls | 5: –',
    );
    // Batches without data run as the watermark moves, whether or not there is a timer.
    expect(stateRows(run)).toBe('2 2 2 2 2 2');
  });

  test('a value read is a copy: changing it changes no state', () => {
    class Mutating extends StatefulProcessor<string, Item, Out> {
      private list!: ValueState<number[]>;
      init(): void {
        this.list = this.getHandle().getValueState<number[]>('list');
      }
      handleInputRows(key: string): Iterable<Out> {
        const list = this.list.get() ?? [];
        if (!this.list.exists()) this.list.update(list);
        list.push(1);
        return [{ key, text: String(this.list.get()?.length) }];
      }
    }
    const run = runQuery({ in: 'a@1 | a@2 | a@3' }, watch(new Mutating()), { conf });
    expect(run.rows.map(({ text }) => text)).toEqual(['0', '0', '0']);
  });

  test('a list and a map, with every way to write them', () => {
    class Collecting extends StatefulProcessor<string, Item, Out> {
      private list!: ListState<number>;
      private map!: MapState<string, number>;
      init(): void {
        this.list = this.getHandle().getListState<number>('list');
        this.map = this.getHandle().getMapState<string, number>('map');
      }
      handleInputRows(key: string, [row]: readonly Item[]): Iterable<Out> {
        const step = (row as Item).time as number;
        if (step === 1000) {
          this.list.appendValue(1);
          this.list.appendList([2, 3]);
          this.map.updateValue('y', 1);
          this.map.updateValue('x', 2);
        }
        if (step === 2000) {
          this.list.put([9]);
          this.map.removeKey('y');
        }
        if (step === 3000) {
          this.list.clear();
          this.map.clear();
        }
        const entries = this.map.iterator().map(([name, value]) => `${name}${value}`);
        const has = `${this.list.exists()} ${this.map.exists()} ${this.map.containsKey('x')}`;
        return [{ key, text: `${this.list.get().join('+')} ${entries.join('+')} ${has}` }];
      }
    }
    const run = runQuery({ in: 'a@1 | a@2 | a@3' }, watch(new Collecting()), { conf });
    expect(run.rows.map(({ text }) => text)).toEqual([
      '1+2+3 x2+y1 true true true',
      '9 x2 true true true',
      '  false false false',
    ]);
    // A list is one row, a map one for each of its keys.
    expect(stateRows(run)).toBe('3 3 2 2 0 0');
    const [operator] = run.progress[0]!.stateOperators;
    expect(operator?.customMetrics).toMatchObject({ numListStateVars: 2, numMapStateVars: 2 });
  });
});

describe('timers', () => {
  test('event time: when the watermark is at them, in order of time, after all rows', () => {
    // The watermark of a batch comes from the ones before.
    const run = runQuery({ in: 'a@1 b@1 a@3 | c@4 | | d@10' }, watch(new Alarm(), 'EventTime'), {
      conf,
    });
    expect(written(run)).toBe(
      '0: – | 1: a 2 at 3 of 2+4, b 2 at 3 of 2 | 2: – | 3: a 4 at 4 of 4 | 4: – | ' +
        '5: c 5 at 10 of 5',
    );
  });

  test('event time drops rows behind the watermark, other modes do not', () => {
    const logs = { in: 'a@10 | b@20 | a@5 | a@50' };
    expect(dropped(runQuery(logs, watch(new Alarm(), 'EventTime'), { conf }))).toBe(
      '0 0 0 0 1 0 0',
    );
    expect(dropped(runQuery(logs, watch(new Counting()), { conf }))).not.toContain('1');
  });

  test('processing time: at the batch whose time has come, without data too', () => {
    class Later extends StatefulProcessor<string, Item, Out> {
      init(): void {}
      handleInputRows(_key: string, _rows: readonly Item[], times: TimerValues): Iterable<Out> {
        this.getHandle().registerTimer(times.getCurrentProcessingTimeInMs() + 500);
        return [];
      }
      override handleExpiredTimer(key: string, times: TimerValues): Iterable<Out> {
        return [{ key, text: `at ${times.getCurrentProcessingTimeInMs()}` }];
      }
    }
    const run = runQuery({ in: 'a@1 | b@2' }, watch(new Later(), 'ProcessingTime'), { conf });
    expect(run.rows.map(({ key, text }) => `${key} ${text}`)).toEqual(['a at 500', 'b at 1500']);
  });

  test('the same time twice is one timer; one set again while it fires goes with it', () => {
    class Again extends StatefulProcessor<string, Item, Out> {
      init(): void {}
      handleInputRows(_key: string, rows: readonly Item[]): Iterable<Out> {
        for (const row of rows) {
          this.getHandle().registerTimer(row.time as number);
          this.getHandle().registerTimer(row.time as number);
        }
        return [];
      }
      override handleExpiredTimer(
        key: string,
        _times: TimerValues,
        info: ExpiredTimerInfo,
      ): Iterable<Out> {
        this.getHandle().registerTimer(info.getExpiryTimeInMs());
        return [{ key, text: 'fired' }];
      }
    }
    const run = runQuery({ in: 'a@1 | b@2 | b@9' }, watch(new Again(), 'EventTime'), { conf });
    expect(run.rows.map(({ key }) => key)).toEqual(['a', 'b', 'b']);
  });

  test('a deleted timer does not fire', () => {
    class Off extends StatefulProcessor<string, Item, Out> {
      init(): void {}
      handleInputRows(_key: string, rows: readonly Item[]): Iterable<Out> {
        for (const row of rows) this.getHandle().registerTimer((row.time as number) + 1000);
        if (rows.length > 1) this.getHandle().deleteTimer((rows[0]?.time as number) + 1000);
        return [];
      }
      override handleExpiredTimer(key: string, _t: TimerValues, at: ExpiredTimerInfo): Out[] {
        return [{ key, text: String(at.getExpiryTimeInMs()) }];
      }
    }
    const run = runQuery({ in: 'a@1 a@2 | b@60' }, watch(new Off(), 'EventTime'), { conf });
    expect(run.rows.map(({ text }) => text)).toEqual(['3000']);
  });
});

describe('expiring state', () => {
  class Remembering extends StatefulProcessor<string, Item, Out> {
    private value!: ValueState<number>;
    private list!: ListState<number>;
    private map!: MapState<number, number>;
    init(): void {
      const ttl = new TTLConfig('2 seconds');
      this.value = this.getHandle().getValueState<number>('value', ttl);
      this.list = this.getHandle().getListState<number>('list', ttl);
      this.map = this.getHandle().getMapState<number, number>('map', ttl);
    }
    handleInputRows(key: string, rows: readonly Item[], times: TimerValues): Iterable<Out> {
      const at = times.getCurrentProcessingTimeInMs() / 1000;
      const keys = this.map.keys().join('+');
      const text = `${this.value.get()} ${this.list.get().join('+')} ${keys}`;
      this.value.update(at);
      this.list.appendValue(at);
      this.map.updateValue(at, rows.length);
      return [{ key, text }];
    }
  }

  test('a value lives its length from its last write, in batch time; an element too', () => {
    const query = watch(new Remembering(), 'ProcessingTime');
    const run = runQuery({ in: 'a@1 | a@1 | a@1 | | | a@1' }, query, { conf });
    expect(run.rows.map(({ text }) => text)).toEqual(['null  ', '0 0 0', '1 1 1', 'null  ']);
    const expired = run.progress.map(
      ({ stateOperators }) => stateOperators[0]?.customMetrics['numValuesRemovedDueToTTLExpiry'],
    );
    // At 2 s: the list's first element and the map's first key; at 3 s the next; at 4 s the rest.
    expect(expired.join(' ')).toBe('0 0 2 2 3 0 3');
    expect(stateRows(run)).toBe('3 4 4 3 0 3 0');
  });
});

describe('initial state', () => {
  class Starting extends StatefulProcessorWithInitialState<
    string,
    Item,
    Out,
    { readonly key: string | null; readonly count: number | null }
  > {
    private count!: ValueState<number>;
    init(): void {
      this.count = this.getHandle().getValueState<number>('count');
    }
    handleInitialState(_key: string, row: { readonly count: number | null }): void {
      this.count.update((this.count.get() ?? 0) + (row.count ?? 0));
    }
    handleInputRows(key: string, rows: readonly Item[]): Iterable<Out> {
      this.count.update((this.count.get() ?? 0) + rows.length);
      return [{ key, text: String(this.count.get()) }];
    }
  }

  const query = (spark: SparkSession): void => {
    const table = spark.createDataFrame(
      [
        { key: 'a', count: 10 },
        { key: 'a', count: 5 },
        { key: 'z', count: 7 },
      ],
      { key: 'string', count: 'long' },
    );
    spark.readStream
      .schema(ITEM)
      .load('in')
      .groupByKey((row: Item) => row.key ?? '')
      .transformWithState(
        ['key', 'text'],
        new Starting(),
        TimeMode.None(),
        'update',
        table.groupByKey((row) => row.key ?? ''),
      )
      .writeStream.outputMode('update')
      .start();
  };

  test('is given in batch 0, before its rows, and never again', () => {
    const run = runQuery({ in: 'a@1 b@1 | z@2 | a@3' }, query, { conf });
    expect(written(run)).toBe('0: a 16, b 1 | 1: z 8 | 2: a 17');
    const crash = { type: 'driver-failure', batchId: 1, at: 'tasks-finished' } as const;
    const again = runQuery({ in: 'a@1 b@1 | z@2 | a@3' }, query, { conf, faults: [crash] });
    expect(again.rows).toEqual(run.rows);
  });
});

describe('recovery', () => {
  test.each([
    ['values', new Counting(), 'None'],
    ['timers', new Alarm(), 'EventTime'],
  ] as const)('a crash at any arrow of any batch changes no %s', (_, processor, timeMode) => {
    const logs = { in: 'a@1 b@2 a@3 | a@4 | b@5 c@9 | a@30 | | a@31' };
    // A restart forgets that a batch without data was due: a timer may find a later watermark.
    const results = (faults: readonly BatchFault[]): string[] =>
      runQuery(logs, watch(processor, timeMode), { conf, faults })
        .rows.map(({ key, text }) => `${key} ${String(text).split(' at ')[0]}`)
        .sort();
    const expected = results([]);
    expect(expected.length).toBeGreaterThan(4);
    for (const at of CRASH_POINTS) {
      for (let batchId = 0; batchId < 8; batchId += 1) {
        const faults = [{ type: 'driver-failure', batchId, at } as const];
        expect(results(faults), `${at} of batch ${batchId}`).toEqual(expected);
      }
    }
  });

  test('a variable may come or go with a restart, but not change its type', () => {
    class Before extends Counting {}
    const scenario = scenarioOf({ in: 'a@1' }, watch(new Before()), { conf });
    const { checkpoint } = simulateMicroBatches(scenario);
    class Changed extends StatefulProcessor<string, Item, Out> {
      init(): void {
        this.getHandle().getListState('rows');
      }
      handleInputRows(): Iterable<Out> {
        return [];
      }
    }
    class Other extends StatefulProcessor<string, Item, Out> {
      init(): void {
        this.getHandle().deleteIfExists('rows');
        this.getHandle().getValueState('others');
      }
      handleInputRows(): Iterable<Out> {
        return [];
      }
    }
    const restart = (
      processor: StatefulProcessor<string, Item, Out>,
      timeMode?: TimeModeName,
    ): unknown =>
      runQuery({ in: 'a@1 | a@2' }, watch(processor, timeMode), { conf, restoreFrom: checkpoint });
    expect(() => restart(new Changed())).toThrow(/INVALID_VARIABLE_TYPE_CHANGE.*rows.*ListState/);
    expect(() => restart(new Counting(), 'EventTime')).toThrow(/timeMode EventTime/);
    expect(() => restart(new Other())).not.toThrow();
  });
});

describe('refused', () => {
  const refuse = (
    act: (processor: { getHandle(): ReturnType<Counting['getHandle']> }) => void,
    timeMode: TimeModeName = 'ProcessingTime',
    where: 'init' | 'rows' | 'constructor' = 'init',
  ): (() => unknown) => {
    class Wrong extends StatefulProcessor<string, Item, Out> {
      init(): void {
        if (where === 'init') act(this);
      }
      handleInputRows(): Iterable<Out> {
        if (where === 'rows') act(this);
        return [];
      }
    }
    if (where === 'constructor') return () => act(new Wrong());
    return () => runQuery({ in: 'a@1' }, watch(new Wrong(), timeMode), { conf });
  };

  test.each([
    [
      'state outside of init',
      refuse((p) => p.getHandle().getValueState('x'), 'None', 'rows'),
      /get_value_state.*INITIALIZED/,
    ],
    ['a timer in init', refuse((p) => p.getHandle().registerTimer(1)), /register_timer.*PRE_INIT/],
    [
      'a timer without a time mode',
      refuse((p) => p.getHandle().registerTimer(1), 'None', 'rows'),
      /INVALID_TIME_MODE/,
    ],
    [
      'state read in init',
      refuse((p) => p.getHandle().getValueState('x').get()),
      /x\.get.*PRE_INIT/,
    ],
    [
      'expiry in event time',
      refuse((p) => p.getHandle().getValueState('x', new TTLConfig(5)), 'EventTime'),
      /INCORRECT_TIME_MODE_TO_ASSIGN_TTL/,
    ],
    [
      'expiry in no time',
      refuse((p) => p.getHandle().getValueState('x', new TTLConfig(-5))),
      /TTL_DURATION_MUST_BE_POSITIVE/,
    ],
    [
      'a name twice',
      refuse((p) => [p.getHandle().getValueState('x'), p.getHandle().getListState('x')]),
      /DUPLICATE_STATE_VARIABLE_DEFINED/,
    ],
    [
      'the handle in the constructor',
      refuse((p) => p.getHandle(), 'None', 'constructor'),
      /HANDLE_NOT_INITIALIZED/,
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message);
  });

  test('the default state store', () => {
    expect(() => runQuery({ in: 'a@1' }, watch(new Counting()))).toThrow(
      /STORE_BACKEND_NOT_SUPPORTED_FOR_TWS/,
    );
  });

  test("a user's error keeps its reason and says where", () => {
    class Failing extends Counting {
      override handleInputRows(): Iterable<Out> {
        throw new TypeError('no luck');
      }
    }
    const run = simulateMicroBatches(scenarioOf({ in: 'a@1' }, watch(new Failing()), { conf }));
    expect(run.failure?.message).toMatch(/USER_FUNCTION_ERROR.*handleInputRows.*no luck/);
  });
});
