import { describe, expect, test } from 'vitest';
import {
  ConfigError,
  TraceReader,
  WatermarkStrategy,
  appendSink,
  explainOutput,
  logSource,
  simulate,
} from '#engine';
import type { Operation, Scenario } from '#engine';
import type { Item } from '../stream-notation.ts';
import { countScenario, outputs, traceOf } from '../stream-notation.ts';
import { rowsOf, runCounting } from './counting-job.ts';
import type { CountingOptions } from './counting-job.ts';

const INPUT: CountingOptions = {
  partitions: ['a@1 b@1.5 c@2 d@3 a@4 e@5 b@6 a@9', 'c@1 d@2.2 e@3.3 f@4.4 a@5.5 f@8'],
  sourceParallelism: 2,
  configuration: { 'execution.checkpointing.interval': 2000 },
};

const sorted = (text: string): string => text.split(' ').sort().join(' ');

const rescale = (atMs: number, parallelism: number): Operation => ({
  type: 'rescale',
  parallelism,
  when: { atMs },
});

describe('a change of parallelism, from a savepoint', () => {
  const expected = sorted(rowsOf(runCounting(INPUT), 'append'));

  test('1 → 3 → 2 at any moment: every record counts once, everywhere', () => {
    for (let atMs = 1000; atMs < 9000; atMs += 350) {
      const operations = [rescale(atMs, 3), rescale(atMs + 1400, 2)];
      const run = runCounting({ ...INPUT, operations });
      const seen = [atMs, run.outcome, sorted(rowsOf(run, 'append'))];
      expect(seen).toEqual([atMs, 'finished', expected]);
      expect(sorted(rowsOf(run, 'transactional'))).toBe(expected);
    }
  });

  test('a crash after it restores the state at its new place', () => {
    for (let atMs = 3100; atMs < 8000; atMs += 400) {
      const crash = { type: 'job-manager-crash', when: { atMs } } as const;
      const run = runCounting({ ...INPUT, operations: [rescale(3000, 4)], faults: [crash] });
      expect([atMs, sorted(rowsOf(run, 'transactional'))]).toEqual([atMs, expected]);
    }
  });

  test('takes open windows along, and an output is still explained by all its records', () => {
    const base = countScenario(['a@1 b@2 c@3 a@4 b@5 c@6 a@30'], { sizeS: 10, delayS: 2 });
    const operations = [rescale(4500, 3)];
    const run = simulate({ ...base, operations });
    expect(outputs(run).sort()).toEqual(outputs(simulate(base)).sort());
    const reader = new TraceReader(traceOf(run));
    let row = reader.nextRow(-1, ['sink-written']);
    const counts: number[] = [];
    while (row !== -1) {
      counts.push(explainOutput(reader, row).records.length);
      row = reader.nextRow(row, ['sink-written']);
    }
    expect(counts).toEqual([2, 2, 2]);
    const frame = reader.frameAt(reader.nextRow(-1, ['sink-written']) - 2);
    const alive = frame.subtasks.filter((subtask) => subtask.isAlive).length;
    expect(alive).toBe(reader.trace.header.subtasks.filter(({ epoch }) => epoch === 1).length);
  });

  test('cannot exceed the max parallelism that the state was made with', () => {
    const scenario: Scenario = countScenario(['a@1 a@2 a@3'], { sizeS: 10, delayS: 2 });
    const job: Scenario['job'] = (env) => {
      env.setMaxParallelism(2);
      scenario.job(env);
    };
    const cluster = { taskManagers: 4, slotsPerTaskManager: 1 };
    const operations = [rescale(2500, 3)];
    const run = simulate({ ...scenario, job, cluster, operations });
    expect(run.outcome).toBe('failed');
    expect(run.failure?.error).toBeInstanceOf(ConfigError);
    expect(run.failure?.message).toMatch(/must not exceed its max parallelism 2.*got 3/);
  });
});

describe('failover regions', () => {
  test('a failure restarts what is connected to it, and nothing else', () => {
    const base = countScenario(['a@1 a@2 a@3 a@4', 'b@1 b@2 b@3 b@4'], { sizeS: 10, delayS: 0 });
    const run = simulate({
      ...base,
      cluster: { taskManagers: 2, slotsPerTaskManager: 1 },
      faults: [{ type: 'task-manager-crash', taskManager: 1, when: { atMs: 2500 } }],
      job: (env) => {
        env.setParallelism(2).enableCheckpointing(1000);
        const stream = env.fromSource(
          logSource<Item>('in'),
          WatermarkStrategy.noWatermarks(),
          'in',
        );
        stream.map((item) => item.key).sinkTo(appendSink({ name: 'out' }));
      },
    });
    const reader = new TraceReader(traceOf(run));
    const restored: string[] = [];
    let row = reader.nextRow(-1, ['subtask-restored']);
    while (row !== -1) {
      restored.push(reader.subtaskText(reader.event(row).subtask));
      row = reader.nextRow(row, ['subtask-restored']);
    }
    expect(restored).toEqual(['in-1', 'Map-1', 'out: Writer-1']);
  });
});
