import { expect, test } from 'vitest';
import { appendSink } from '#engine';
import type { BatchScenario, StageFault, StreamExecutionEnvironment } from '#engine';
import { runBatch, source } from './batch-notation.ts';

const job = (env: StreamExecutionEnvironment): void => {
  source(env).sinkTo(appendSink({ name: 'out' }));
};
const when = { atMs: 0 };
const lost = { type: 'partition-loss', when } as const;

test.each<readonly [what: string, overrides: Partial<BatchScenario>, message: RegExp]>([
  [
    'a fault on a machine that is not there',
    { faults: [{ type: 'task-manager-crash', taskManager: 3, when }] },
    /must strike a task manager of the cluster \(0 to 0\): got 3/,
  ],
  [
    'the loss of what no operator has written',
    { faults: [{ ...lost, operator: 'nobody', index: 0 }] },
    /must strike an operator of the job: got nobody; use one of: in/,
  ],
  [
    'the loss of what a task that is not there has written',
    { faults: [{ ...lost, operator: 'in', index: 1 }] },
    /must strike a subtask of "in" \(0 to 0\): got 1/,
  ],
  [
    'a fault without a time',
    { faults: [{ ...lost, operator: 'in', index: 0, when: { afterStep: 0 } }] },
    /a fault must say when/,
  ],
  [
    'the death of a coordinator that a batch does not have',
    { faults: [{ type: 'job-manager-crash', when } as unknown as StageFault] },
    /must strike a machine, a task or what a task has written/,
  ],
  [
    'a negative service time',
    { costs: { serviceMs: { in: -1 } } },
    /costs.serviceMs\["in"\] must be a number ≥ 0: got -1/,
  ],
  [
    'a service time of nobody',
    { costs: { serviceMs: { out: 1 } } },
    /an operator must be one of the job: got out/,
  ],
  ['a negative time to deploy', { costs: { deployMs: -5 } }, /costs.deployMs must be a number ≥ 0/],
  [
    'an indeterminate operator that is not there',
    { indeterminate: ['nobody'] },
    /an operator must be one of the job: got nobody/,
  ],
  [
    'a cluster without machines',
    { cluster: { taskManagers: 0, slotsPerTaskManager: 1 } },
    /cluster.taskManagers must be at least 1: got 0/,
  ],
])('refuses %s', (_what, overrides, message) => {
  expect(() =>
    runBatch(['1'], job, { cluster: { taskManagers: 1, slotsPerTaskManager: 1 }, ...overrides }),
  ).toThrow(message);
});

test('refuses options of batches that make no sense', () => {
  const wrong = (option: string, value: unknown): (() => unknown) => {
    return () => runBatch(['1'], (env) => job(env.configure({ [option]: value }) && env));
  };
  expect(wrong('execution.batch.speculative.enabled', 'yes')).toThrow(/must be one of true, false/);
  expect(wrong('slow-task-detector.check-interval', 0)).toThrow(/should be positive: got 0/);
  const ratio = 'slow-task-detector.execution-time.baseline-ratio';
  expect(wrong(ratio, 1)).toThrow(/should be in \[0, 1\): got 1/);
});

test('a run that takes too many steps is stopped, and says so', () => {
  const run = runBatch(['1 2 3'], job, { stepCountMax: 3 });
  expect(run.outcome).toBe('failed');
  expect(run.failure).toMatchObject({
    type: 'limit',
    message: 'the run was stopped after 3 steps',
  });
});
