import { describe, expect, test } from 'vitest';
import { appendSink, seconds, transactionalSink } from '#engine';
import type {
  BatchRun,
  Configuration,
  Sink,
  StageFault,
  StreamExecutionEnvironment,
} from '#engine';
import { attemptsOf, runBatch, source, told, written } from './batch-notation.ts';

const PARTITIONS = ['a@1 a@2 a@3', 'b@1 b@2 b@3', 'c@1 c@2 c@3', 'd@1 d@2 d@3'];
const ALL = PARTITIONS.join(' ').split(' ').sort();
/** The last of four tasks is slow from its first record on: 12 s instead of 3 s. */
const STRAGGLER: StageFault = {
  type: 'subtask-slowdown',
  operator: 'in',
  index: 3,
  when: { atMs: 0 },
  factor: 4,
};

function run(
  options: Partial<Configuration>,
  faults: readonly StageFault[] = [STRAGGLER],
  sink: Sink<string> = transactionalSink({ name: 'out' }),
): BatchRun {
  const job = (env: StreamExecutionEnvironment): void => {
    env.setParallelism(4).configure({
      'execution.batch.speculative.enabled': true,
      'slow-task-detector.execution-time.baseline-lower-bound': 0,
      'restart-strategy.type': 'fixed-delay',
      ...options,
    });
    source(env)
      .map(({ key, atMs }) => `${key}@${atMs / 1000}`)
      .sinkTo(sink);
  };
  return runBatch(PARTITIONS, job, {
    faults,
    costs: { serviceMs: { in: seconds(1) } },
    cluster: { taskManagers: 4, slotsPerTaskManager: 2 },
    startMs: 0,
  });
}

describe('a slow task', () => {
  test('keeps everyone waiting when nothing is done about it', () => {
    const waiting = run({ 'execution.batch.speculative.enabled': false });
    expect(waiting.endMs).toBe(seconds(12));
  });

  test('gets a twin on another machine, and the first to finish counts', () => {
    const doubled = run({});
    // Three have finished at 3 s; at 5 s the fourth has taken 1.5 times as long.
    expect(attemptsOf(doubled).slice(3)).toEqual(['in/3#1 finished', 'in/3#0 killed']);
    expect(told(doubled, 'attempt-started').at(-1)).toBe(
      'in-3 begins on machine 0, beside its slow twin, as attempt 1.',
    );
    expect(doubled.endMs).toBe(seconds(8));
    expect(written(doubled).sort()).toEqual(ALL);
    expect(told(doubled, 'transaction-committed')).toHaveLength(4);
    expect(told(doubled, 'transaction-aborted')).toEqual([
      'Transaction 3 is aborted: its attempt killed.',
    ]);
  });

  test('keeps its machine from new tasks for a minute', () => {
    const twoStages = (options: Partial<Configuration>): BatchRun => {
      const job = (env: StreamExecutionEnvironment): void => {
        env.setParallelism(4).configure({
          'execution.batch.speculative.enabled': true,
          'slow-task-detector.execution-time.baseline-lower-bound': 0,
          ...options,
        });
        source(env)
          .rebalance()
          .map((item) => item.key)
          .name('next')
          .sinkTo(transactionalSink<string>({ name: 'out' }));
      };
      return runBatch(PARTITIONS, job, {
        faults: [STRAGGLER],
        costs: { serviceMs: { in: seconds(1) } },
        cluster: { taskManagers: 2, slotsPerTaskManager: 2 },
        startMs: 0,
      });
    };
    const machines = (run: BatchRun): string =>
      run.attempts
        .filter(({ task }) => task.startsWith('next'))
        .map(({ taskManager, startMs }) => `${taskManager}@${startMs / 1000}`)
        .join(' ');
    expect(machines(twoStages({}))).toBe('0@8 0@8 0@8 0@8');
    const duration = 'execution.batch.speculative.block-slow-node-duration';
    expect(machines(twoStages({ [duration]: 0 }))).toBe('0@8 0@8 1@8 1@8');
  });

  test('is none before a minute has passed, unless told otherwise', () => {
    const bound = 'slow-task-detector.execution-time.baseline-lower-bound';
    expect(run({ [bound]: seconds(60) }).attempts).toHaveLength(4);
  });

  test('is none while fewer than three quarters of its stage have finished', () => {
    const slower = [2, 3].map((index) => ({ ...STRAGGLER, index }));
    expect(run({}, slower).attempts).toHaveLength(4);
    const half = 'slow-task-detector.execution-time.baseline-ratio';
    expect(run({ [half]: 0.5 }, slower).attempts).toHaveLength(6);
  });

  test('gets no twin when a sink would show what the slower one has written', () => {
    expect(run({}, [STRAGGLER], appendSink({ name: 'out' })).attempts).toHaveLength(4);
  });

  test('goes on alone when its twin fails', () => {
    const crash = { type: 'task-manager-crash', taskManager: 0, when: { atMs: 6000 } } as const;
    const alone = run({ 'execution.batch.speculative.max-concurrent-executions': 2 }, [
      STRAGGLER,
      crash,
    ]);
    expect(told(alone, 'tasks-reset')).toEqual([]);
    expect(attemptsOf(alone)).toContain('in/3#1 failed');
    expect(written(alone).sort()).toEqual(ALL);
  });
});
