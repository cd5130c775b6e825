import { describe, expect, test } from 'vitest';
import { appendSink, incrementSink, seconds, sumsOf, tableOf } from '#engine';
import { transactionalSink, upsertSink } from '#engine';
import type {
  BatchRun,
  BatchScenario,
  Sink,
  StageFault,
  StreamExecutionEnvironment,
} from '#engine';
import { attemptsOf, runBatch, source, told, twoStages, written } from './batch-notation.ts';
import { Telling } from './batch-notation.ts';

const PARTITIONS = ['a@1 b@2 c@3', 'a@4 b@5 d@6'];
/** One record takes a second: tasks of a stage have three each. */
const SLOW = { serviceMs: { in: seconds(1), tell: seconds(1) } };
const ALL = ['a@1', 'a@4', 'b@2', 'b@5', 'c@3', 'd@6'];
const TWO_MACHINES = { taskManagers: 2, slotsPerTaskManager: 1 };

function run(faults: readonly StageFault[], overrides: Partial<BatchScenario> = {}): BatchRun {
  return runBatch(PARTITIONS, twoStages, {
    faults,
    costs: SLOW,
    cluster: TWO_MACHINES,
    startMs: 0,
    ...overrides,
  });
}

const crash = (taskManager: number, atS: number): StageFault => ({
  type: 'task-manager-crash',
  taskManager,
  when: { atMs: seconds(atS) },
});

test('without a restart strategy the first failure is the last', () => {
  const fault: StageFault = {
    type: 'subtask-failure',
    operator: 'tell',
    index: 0,
    when: { atMs: 4500 },
  };
  const job = (env: StreamExecutionEnvironment): void => {
    twoStages(env);
    env.configure({ 'restart-strategy.type': undefined });
  };
  const failed = run([fault], { job });
  expect(failed.outcome).toBe('failed');
  expect(failed.failure?.message).toMatch(
    /^tell .* \(1\/2\) failed and no restart is left: a fault/,
  );
  expect(failed.sinks['out']).toEqual([]);
});

describe('a task that fails', () => {
  const fault: StageFault = {
    type: 'subtask-failure',
    operator: 'tell',
    index: 1,
    when: { atMs: 4500 },
  };

  test('runs again alone, after a pause, and reads what was kept', () => {
    const failed = run([fault]);
    expect(attemptsOf(failed)).toEqual([
      ...['in/0#0 finished', 'in/1#0 finished'],
      ...['tell/1#0 failed', 'tell/0#0 finished', 'tell/1#1 finished'],
    ]);
    expect(written(failed).sort()).toEqual(ALL);
    expect(failed.recordsRead).toBe(6);
    expect(told(failed, 'attempt-failed', 'tasks-reset', 'transaction-aborted')).toEqual([
      'Attempt 0 of tell-1 fails on machine 1: a fault.',
      'Transaction 1 is aborted: its attempt failed.',
      'tell → out: Writer (2/2) will run again.',
    ]);
  });

  test('gets an attempt number that its functions can see', () => {
    class Numbering extends Telling {
      override after(...[, , say]: Parameters<Telling['after']>): void {
        say(`attempt ${this.getRuntimeContext().getTaskInfo().getAttemptNumber()}`);
      }
    }
    const job = (env: StreamExecutionEnvironment): void => {
      env.configure({ 'restart-strategy.type': 'fixed-delay' });
      source(env)
        .keyBy((item) => item.key)
        .process(new Numbering())
        .name('tell')
        .sinkTo(appendSink({ name: 'out' }));
    };
    const when = { afterStep: 6 };
    const failure = { type: 'subtask-failure', operator: 'tell', index: 0, when } as const;
    const failed = runBatch(['a@1 b@2'], job, { faults: [failure] });
    expect(written(failed).filter((text) => text.startsWith('attempt'))).toEqual([
      'attempt 0',
      ...['attempt 1', 'attempt 1'],
    ]);
  });
});

describe('what a dead machine had written', () => {
  test('is made anew from the nearest output that is kept', () => {
    // Machine 1 dies when the second stage has just begun: its task fails, and needs in-1 again.
    const failed = run([crash(1, 3.5)]);
    expect(attemptsOf(failed)).toEqual([
      ...['in/0#0 finished', 'in/1#0 finished', 'tell/1#0 failed', 'tell/0#0 killed'],
      ...['in/1#1 finished', 'tell/0#1 finished', 'tell/1#1 finished'],
    ]);
    expect(failed.recordsRead).toBe(9);
    expect(written(failed).sort()).toEqual(ALL);
  });

  test('is not missed when nobody needs it any more', () => {
    const lost = run([{ type: 'partition-loss', operator: 'in', index: 0, when: { atMs: 4500 } }]);
    expect(told(lost, 'partition-lost')).toEqual([
      'What in-0 had written on machine 0 is gone: its disk is broken.',
    ]);
    expect(lost.attempts.filter(({ status }) => status !== 'finished')).toEqual([]);
  });

  test('is missed by who comes to fetch it', () => {
    const lost = run([{ type: 'partition-loss', operator: 'in', index: 0, when: { atMs: 3000 } }], {
      costs: { ...SLOW, deployMs: 100 },
    });
    expect(told(lost, 'attempt-failed')).toEqual([]);
    const later = run(
      [{ type: 'partition-loss', operator: 'in', index: 0, when: { atMs: 3150 } }],
      {
        costs: { ...SLOW, deployMs: 100 },
      },
    );
    expect(told(later, 'attempt-failed')[0]).toBe(
      "Attempt 0 of tell-0 fails on machine 0: it can't fetch what in (1/2) had written.",
    );
    expect(written(later).sort()).toEqual(ALL);
  });

  // Of the second stage, task 0 has finished long before machine 1 dies under task 1.
  const slowTask: StageFault = {
    type: 'subtask-slowdown',
    operator: 'tell',
    index: 1,
    when: { atMs: 3100 },
    factor: 10,
  };

  test('takes consumers that have finished with it, as in Flink', () => {
    const failed = run([slowTask, crash(1, 10)]);
    expect(attemptsOf(failed)).toEqual([
      ...['in/0#0 finished', 'in/1#0 finished', 'tell/0#0 finished', 'tell/1#0 failed'],
      ...['in/1#1 finished', 'tell/0#1 finished', 'tell/1#1 finished'],
    ]);
    expect(written(failed).sort()).toEqual(ALL);
  });

  test('leaves consumers that have finished, as in Spark', () => {
    const failed = run([slowTask, crash(1, 10)], { recovery: 'keep-consumers' });
    expect(attemptsOf(failed)).toEqual([
      ...['in/0#0 finished', 'in/1#0 finished', 'tell/0#0 finished', 'tell/1#0 failed'],
      ...['in/1#1 finished', 'tell/1#1 finished'],
    ]);
    expect(written(failed).sort()).toEqual(ALL);
  });

  /** Deals records out at random: another attempt sends them elsewhere. */
  const dealt = (env: StreamExecutionEnvironment): void => {
    env.setParallelism(2).configure({ 'restart-strategy.type': 'fixed-delay' });
    source(env)
      .shuffle()
      .map(({ key, atMs }) => `${key}@${atMs / 1000}`)
      .name('tell')
      .sinkTo(transactionalSink({ name: 'out' }));
  };

  test('an indeterminate output made anew loses and doubles, unless consumers run again', () => {
    const partitions = ['a@1 a@2 a@3 a@4', 'b@1 b@2 b@3 b@4 b@5 b@6'];
    const everything = partitions.join(' ').split(' ').sort();
    const slow = { ...slowTask, when: { atMs: 5000 } };
    const outcomes = (recovery: Partial<BatchScenario>): string[][] =>
      [1, 2, 3, 4, 5, 6].map((seed) => {
        const options = { seed, costs: SLOW, cluster: TWO_MACHINES, startMs: 0, ...recovery };
        const faults = [slow, crash(1, 16)];
        return written(runBatch(partitions, dealt, { ...options, faults })).sort();
      });
    for (const rows of outcomes({ recovery: 'restart-consumers' })) {
      expect(rows).toEqual(everything);
    }
    const kept = outcomes({ recovery: 'keep-consumers' });
    expect(kept.some((rows) => new Set(rows).size < everything.length)).toBe(true);
    expect(kept.some((rows) => new Set(rows).size < rows.length)).toBe(true);
    const declared = { recovery: 'keep-consumers', indeterminate: ['in'] } as const;
    for (const rows of outcomes(declared)) expect(rows).toEqual(everything);
  });
});

describe('sinks', () => {
  interface Told {
    readonly text: string;
  }
  const into =
    (sink: Sink<Told>) =>
    (env: StreamExecutionEnvironment): void => {
      env.configure({ 'restart-strategy.type': 'fixed-delay' });
      source(env)
        .map(({ key, atMs }) => ({ text: `${key}@${atMs / 1000}` }))
        .startNewChain()
        .name('tell')
        .sinkTo(sink);
    };
  const failing = (sink: Sink<Told>): BatchRun =>
    runBatch(['a@1 b@2 c@3'], into(sink), {
      faults: [{ type: 'subtask-failure', operator: 'tell', index: 0, when: { afterStep: 8 } }],
    });

  test('a sink that appends keeps what a failed attempt has written', () => {
    expect(written(failing(appendSink({ name: 'out' })))).toHaveLength(5);
  });

  test('a table written by key comes to the same', () => {
    const sink = upsertSink<Told>({ name: 'out', key: ({ text }) => text });
    const { sinks } = failing(sink);
    expect(sinks['out']).toHaveLength(5);
    expect(tableOf(sinks['out'] ?? [])).toHaveLength(3);
  });

  test('a counter counts what a failed attempt has added, in a batch as in a stream', () => {
    const amounts = { key: () => 'all', amount: () => 1 };
    const { sinks } = failing(incrementSink<Told>({ name: 'out', ...amounts }));
    expect(sumsOf(sinks['out'] ?? [])).toEqual([{ key: 'all', row: 5 }]);
  });
});
