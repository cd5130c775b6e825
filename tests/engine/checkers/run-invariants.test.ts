import { describe, expect, test } from 'vitest';
import {
  KIND,
  TumblingEventTimeWindows,
  WatermarkStrategy,
  checkRunInvariants,
  lakeSink,
  logSource,
  seconds,
  simulate,
  transactionalSink,
} from '#engine';
import type { RunRule, Scenario, Trace, TraceColumns, TraceKind } from '#engine';
import type { Item } from '../stream-notation.ts';
import { stream, traceOf } from '../stream-notation.ts';

/** Windows counted by two subtasks from two sources, written in transactions; one crash. */
const SCENARIO: Scenario = {
  name: 'invariants',
  seed: 1,
  logs: { in: { partitions: [stream('a@1 b@4 a@12 b@9 c@21 a@25'), stream('b@2 a@3 c@14 b@30')] } },
  cluster: { taskManagers: 2, slotsPerTaskManager: 1 },
  faults: [{ type: 'job-manager-crash', when: { atMs: seconds(4.5) } }],
  trace: 'full',
  job: (env) => {
    env.setParallelism(2).enableCheckpointing(seconds(1));
    const strategy = WatermarkStrategy.forBoundedOutOfOrderness<Item>(seconds(3));
    const windows = env
      .fromSource(logSource<Item>('in'), strategy, 'in')
      .keyBy((item) => item.key)
      .window(TumblingEventTimeWindows.of(seconds(10)));
    const counted = windows.reduce((left) => left);
    counted.sinkTo(transactionalSink({ name: 'out' }));
    counted.sinkTo(lakeSink({ name: 'lake' }));
  },
};

type NumberColumn = Exclude<keyof TraceColumns, 'kind'>;

/** A copy of a trace of the scenario that may be written to. */
function freshTrace(): Trace {
  return traceOf(simulate(SCENARIO));
}

/** The n-th row of a kind, from 0; negative numbers count from the end. */
function rowOf({ columns, rowCount }: Trace, kind: TraceKind, place = 0): number {
  const rows = Array.from({ length: rowCount }, (_, row) => row);
  const row = rows.filter((each) => columns.kind[each] === KIND[kind]).at(place);
  if (row === undefined) throw new Error(`the trace has no ${kind} ${place}`);
  return row;
}

function write(trace: Trace, row: number, column: NumberColumn, value: number): void {
  trace.columns[column][row] = value;
}

/** Makes a fact into one that means nothing to the rules. */
function forget(trace: Trace, row: number): void {
  trace.columns.kind[row] = KIND['console'];
}

function rename(trace: Trace, row: number, kind: TraceKind): void {
  trace.columns.kind[row] = KIND[kind];
}

/** One way to break each rule. */
const BREAKS: { readonly [rule in RunRule]: (trace: Trace) => void } = {
  'a cause is an earlier fact': (trace) => write(trace, 5, 'cause', 5),
  'the clock never goes back': (trace) => write(trace, 5, 'atMs', 0),
  'nothing happens after the end': (trace) => rename(trace, trace.rowCount - 2, 'job-finished'),
  'a dead subtask does nothing': (trace) => forget(trace, rowOf(trace, 'subtask-restored')),
  'a channel keeps its order': (trace) => {
    const row = rowOf(trace, 'record-received', -1);
    write(trace, row, 'cause', 1);
  },
  'a blocked channel waits': (trace) => {
    const blocked = rowOf(trace, 'channel-blocked');
    rename(trace, blocked + 1, 'record-received');
    write(trace, blocked + 1, 'subtask', trace.columns.subtask[blocked] as number);
    write(trace, blocked + 1, 'c', trace.columns.c[blocked] as number);
  },
  'a watermark only grows': (trace) => {
    write(trace, rowOf(trace, 'watermark-emitted', -1), 'a', -5);
  },
  'a watermark is the least of its inputs': (trace) => {
    write(trace, rowOf(trace, 'watermark-advanced'), 'a', seconds(100));
  },
  'nothing fires before its time': (trace) => {
    write(trace, rowOf(trace, 'window-fired'), 'b', seconds(10_000_000_000_000));
  },
  'a complete checkpoint has every subtask': (trace) => {
    forget(trace, rowOf(trace, 'snapshot-taken', 1));
  },
  'a restore takes the latest complete checkpoint': (trace) => {
    write(trace, rowOf(trace, 'subtask-restored'), 'a', 77);
  },
  'a source goes on at its checkpointed offset': (trace) => {
    write(trace, rowOf(trace, 'split-rewound'), 'b', 1);
  },
  'a commit follows its checkpoint': (trace) => {
    const committed = rowOf(trace, 'transaction-committed');
    forget(trace, trace.columns.cause[committed] as number);
  },
  'a promised transaction is never aborted': (trace) => {
    rename(trace, rowOf(trace, 'transaction-committed'), 'transaction-aborted');
  },
  'a transaction is written by its own writer': (trace) => {
    write(trace, rowOf(trace, 'sink-written'), 'd', 77);
  },
  'no transaction is left at the end': (trace) => {
    forget(trace, rowOf(trace, 'transaction-committed', -1));
  },
  'a file is written by its own writer': (trace) => {
    forget(trace, rowOf(trace, 'file-opened'));
  },
  'a file becomes visible once': (trace) => {
    forget(trace, rowOf(trace, 'file-closed'));
  },
  'a version follows the one before': (trace) => {
    write(trace, rowOf(trace, 'table-committed'), 'a', 9);
  },
};

describe('a run as it should be', () => {
  test('breaks no rule', () => {
    expect(checkRunInvariants(freshTrace())).toEqual([]);
  });

  test('has a crash, blocked channels and transactions: something to break', () => {
    const { kind } = freshTrace().columns;
    for (const name of ['subtask-restored', 'channel-blocked', 'transaction-committed'] as const) {
      expect(kind.includes(KIND[name])).toBe(true);
    }
  });
});

describe('a trace that is tampered with', () => {
  test.each(Object.keys(BREAKS) as RunRule[])('breaks the rule: %s', (rule) => {
    const trace = freshTrace();
    BREAKS[rule](trace);
    const rules = checkRunInvariants(trace).map((violation) => violation.rule);
    expect(rules).toContain(rule);
  });

  test('may let barriers overtake, but never records', () => {
    const trace = freshTrace();
    write(trace, rowOf(trace, 'barrier-received', -1), 'cause', 1);
    expect(checkRunInvariants(trace).map(({ rule }) => rule)).toEqual([
      'a channel keeps its order',
    ]);
    expect(checkRunInvariants(trace, { barriersMayOvertake: true })).toEqual([]);
    BREAKS['a channel keeps its order'](trace);
    expect(checkRunInvariants(trace, { barriersMayOvertake: true })).toHaveLength(1);
  });
});
