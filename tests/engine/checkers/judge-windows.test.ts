import { describe, expect, test } from 'vitest';
import {
  type Fault,
  judgeTable,
  judgeWindows,
  KeyedProcessFunction,
  KIND,
  logSource,
  type LogRecord,
  type ProcessContext,
  type ProcessWindowContext,
  ProcessWindowFunction,
  Random,
  seconds,
  simulate,
  type Collector,
  type Json,
  type Trace,
  TumblingEventTimeWindows,
  upsertSink,
  WatermarkStrategy,
  type WindowSpec,
} from '#engine';

interface Item {
  readonly key: string;
}
interface Row {
  readonly key: string;
  readonly endMs: number;
  readonly count: number;
}

const SPEC: WindowSpec = {
  operator: 'count',
  sizeMs: seconds(10),
  readResult: (record: Json) => record as unknown as Row,
};

function item(key: string, eventSeconds: number, arrivalSeconds: number): LogRecord<Item> {
  return {
    value: { key },
    timestampMs: seconds(eventSeconds),
    arrivalMs: seconds(arrivalSeconds),
  };
}

/** Up to 20 s out of order, with a watermark delay of 5 s: some records are late. */
function disorder(seed: number): LogRecord<Item>[][] {
  const random = new Random(seed);
  const partitions: LogRecord<Item>[][] = [[], []];
  for (let second = 0; second < 60; second += 1) {
    const record = item(random.pick(['a', 'b', 'c']), second, second + random.below(20));
    random.pick(partitions).push(record);
  }
  return partitions.map((records) => records.sort((one, two) => one.arrivalMs - two.arrivalMs));
}

function runWindows(partitions: LogRecord<Item>[][], faults: readonly Fault[] = []): Trace {
  const run = simulate({
    name: 'count',
    seed: 1,
    logs: { in: { partitions } },
    cluster: { taskManagers: 2, slotsPerTaskManager: 1 },
    faults,
    trace: 'full',
    job: (env) => {
      env.setParallelism(2).enableCheckpointing(seconds(7));
      env
        .fromSource(
          logSource<Item>('in'),
          WatermarkStrategy.forBoundedOutOfOrderness(seconds(5)),
          'in',
        )
        .keyBy((value) => value.key)
        .window(TumblingEventTimeWindows.of(seconds(10)))
        .aggregate(
          { createAccumulator: () => 0, add: (_, n) => n + 1, getResult: (n) => n, merge: add },
          new NameWindow(),
        )
        .name('count')
        .sinkTo(upsertSink<Row>({ name: 'out', key: (row) => [row.key, row.endMs] }));
    },
  });
  return run.trace as Trace;
}

function add(left: number, right: number): number {
  return left + right;
}

class NameWindow extends ProcessWindowFunction<number, Row, string> {
  process(
    key: string,
    context: ProcessWindowContext,
    counts: readonly number[],
    out: Collector<Row>,
  ): void {
    out.collect({ key, endMs: context.window().endMs, count: counts[0] ?? 0 });
  }
}

describe('the engine’s own window operator', () => {
  test('has no anomaly under any disorder, and drops what the oracle calls late', () => {
    let lateCount = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const trace = runWindows(disorder(seed));
      const report = judgeWindows(trace, SPEC);
      const dropped = trace.columns.kind.filter((kind) => kind === KIND['record-dropped-late']);
      expect(report.findings, `seed ${seed}`).toEqual([]);
      expect(report.lateCount, `seed ${seed}`).toBe(dropped.length);
      lateCount += report.lateCount;
    }
    expect(lateCount).toBeGreaterThan(100);
  });

  test('has none either when it is restored after a crash', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const afterStep = 5 + seed * 3;
      const faults = [
        { type: 'task-manager-crash', taskManager: seed % 2, when: { afterStep } },
      ] as const;
      const report = judgeWindows(runWindows(disorder(seed), faults), SPEC);
      expect(report.findings, `seed ${seed}`).toEqual([]);
    }
  });
});

/** Emits what a script says for each record: `a: 10=1, 10=2`. */
class Scripted extends KeyedProcessFunction<string, Item & { readonly emit: string }, Row> {
  processElement(
    value: Item & { readonly emit: string },
    context: ProcessContext<string>,
    out: Collector<Row>,
  ): void {
    if (value.emit === 'throw') throw new Error('no such airport');
    for (const [, end, count] of value.emit.matchAll(/(\d+)=(\d+)/g)) {
      const endMs = seconds(Number(end));
      out.collect({ key: context.getCurrentKey(), endMs, count: Number(count) });
    }
  }
}

/** A record a second; `3 "10=1"`: event time 3 s, whereupon the operator emits 1 for [0, 10). */
function anomalies(script: string): string[] {
  const records = [...script.matchAll(/(\d+)(?: "([^"]*)")?/g)].map(
    ([, event, emit = ''], index) => ({
      value: { key: 'a', emit },
      timestampMs: seconds(Number(event)),
      arrivalMs: seconds(index),
    }),
  );
  const run = simulate({
    name: 'scripted',
    seed: 1,
    logs: { in: { partitions: [records], isBounded: false } },
    cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
    faults: [],
    trace: 'full',
    job: (env) => {
      env
        .fromSource(
          logSource<Item & { readonly emit: string }>('in'),
          WatermarkStrategy.forMonotonousTimestamps(),
          'in',
        )
        .keyBy((value) => value.key)
        .process(new Scripted())
        .name('count')
        .sinkTo(upsertSink<Row>({ name: 'out', key: (row) => [row.key, row.endMs] }));
    },
  });
  const trace = run.trace as Trace;
  const report = judgeWindows(trace, SPEC);
  const table = judgeTable(trace, SPEC, report);
  return [
    ...report.findings.map(({ name, expected, actual }) => `${name}: ${expected} / ${actual}`),
    ...table.map(({ name }) => `table: ${name}`),
  ];
}

describe('names', () => {
  test.each([
    ['a result that never comes', '1 12', ['missing result: a [0 s, 10 s): 1 / undefined']],
    ['a result while the window is open', '1 "10=1"', ['premature emission: nothing yet']],
    ['a result in a later step', '1 12 13 "10=1"', ['overdue emission: a [0 s, 10 s): 1']],
    ['another number', '1 12 13 "10=5"', ['wrong result: a [0 s, 10 s): 1 / a [0 s, 10 s): 5']],
    [
      'a late record’s result',
      '1 2 12 "10=2" 3 "10=1"',
      ['resurrected window: nothing: the record is late'],
    ],
    ['a late record that is the first', '12 13 2 "10=1"', ['late record counted: nothing']],
    ['a second result', '1 12 13 "10=1" 14 "10=1"', ['duplicate result: a [0 s, 10 s): 1, once']],
    ['a window of its own', '1 "17=1"', ['unexpected result']],
    ['an error', '1 "throw"', ['function threw']],
  ])('%s', (_what, script, expected) => {
    const found = anomalies(script).filter((line) => !line.startsWith('table'));
    for (const line of expected) expect(found.join('\n')).toContain(line);
  });

  test('only that it was early, when an early result has the final number', () => {
    expect(anomalies('1 "10=1" 12')).toEqual([
      'premature emission: nothing yet / a [0 s, 10 s): 1',
    ]);
  });

  test('what is wrong in the table, whenever it came there', () => {
    expect(anomalies('1 2 12 13 "10=1"')).toContain('table: wrong result');
    expect(anomalies('1 2 12')).toContain('table: missing result');
    expect(anomalies('1 "17=1"')).toContain('table: unexpected result');
    expect(anomalies('1 2 "10=2" 12').filter((line) => line.startsWith('table'))).toEqual([]);
  });
});
