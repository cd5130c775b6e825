import { describe, expect, test } from 'vitest';
import { TraceReader, simulate, sumsOf, tableOf } from '#engine';
import type { Configuration, Run, TraceKind } from '#engine';
import { traceOf } from '../stream-notation.ts';
import type { CountingOptions } from './counting-job.ts';
import { countingScenario, rowsOf, runCounting } from './counting-job.ts';

const every = (intervalS: number, more: Partial<Configuration> = {}): Partial<Configuration> => ({
  'execution.checkpointing.interval': intervalS * 1000,
  ...more,
});

/** The kinds asked for, as `kind@seconds`, in order. */
function facts(run: Run, kinds: readonly TraceKind[]): string[] {
  const reader = new TraceReader(traceOf(run));
  const lines: string[] = [];
  for (let row = reader.nextRow(-1, kinds); row !== -1; row = reader.nextRow(row, kinds)) {
    const event = reader.event(row);
    lines.push(`${event.kind}@${(event.atMs - reader.event(0).atMs) / 1000}`);
  }
  return lines;
}

describe('alignment, with channel B slower than channel A', () => {
  // Source B serves a record when the checkpoint is triggered, so that its barrier leaves late.
  // Meanwhile A's records go on behind A's barrier: they have to wait, or else they are counted
  // before the snapshot and again after a restore.
  const options = (configuration: Partial<Configuration>): CountingOptions => ({
    partitions: ['a@1 a@2 a@3.2 a@3.4 a@9', 'b@1 b@2.8 b@8'],
    configuration: every(2, configuration),
    costs: { networkDelayMs: 1 },
    faults: [
      { type: 'subtask-slowdown', operator: 'in', index: 1, when: { atMs: 2500 }, factor: 1 },
      { type: 'subtask-stall', operator: 'in', index: 1, when: { atMs: 2500 }, durationMs: 1500 },
    ],
  });

  const largestAfterAnyCrash = (configuration: Partial<Configuration>): number => {
    const straight = runCounting(options(configuration));
    let largest = 0;
    for (let step = 1; step <= straight.stepCount; step += 1) {
      const crash = { type: 'job-manager-crash', when: { afterStep: step } } as const;
      const base = options(configuration);
      const run = runCounting({ ...base, faults: [...(base.faults ?? []), crash] });
      for (const word of rowsOf(run, 'upsert').split(' ')) {
        if (word.startsWith('a=')) largest = Math.max(largest, Number(word.slice(2)));
      }
    }
    return largest;
  };

  test('exactly-once never counts a record twice; at-least-once does', () => {
    expect(largestAfterAnyCrash({})).toBe(5);
    const unaligned = { 'execution.checkpointing.unaligned.enabled': true };
    expect(largestAfterAnyCrash(unaligned)).toBe(5);
    expect(largestAfterAnyCrash({ 'execution.checkpointing.mode': 'AT_LEAST_ONCE' })).toBe(7);
  });

  test('the fast channel is blocked until the slow one has delivered its barrier', () => {
    const run = runCounting(options({}));
    const seen = facts(run, ['channel-blocked', 'alignment-finished']).slice(0, 2);
    expect(seen).toEqual(['channel-blocked@2.001', 'alignment-finished@3.001']);
  });
});

describe('exactly-once, after a crash at every single step', () => {
  const modes: readonly (readonly [string, Partial<Configuration>])[] = [
    ['aligned', {}],
    ['unaligned', { 'execution.checkpointing.unaligned.enabled': true }],
    [
      'aligned with a timeout',
      {
        'execution.checkpointing.unaligned.enabled': true,
        'execution.checkpointing.aligned-checkpoint-timeout': 100,
      },
    ],
  ];
  for (const [name, configuration] of modes) {
    test(`${name}: state and transactions are exact, and the plain sinks show why`, () => {
      const options: CountingOptions = {
        partitions: ['a@1 b@1.2 a@1.4 b@3 a@5 c@6', 'a@1 c@1.1 b@2.5 a@4 b@7'],
        parallelism: 2,
        sourceParallelism: 2,
        configuration: every(1, configuration),
        costs: { serviceMs: { count: 300 }, networkDelayMs: 50, bufferRecords: 2 },
      };
      const straight = runCounting(options);
      const expected = sorted(rowsOf(straight, 'append'));
      expect(sorted(rowsOf(straight, 'transactional'))).toBe(expected);
      let hasDuplicates = false;
      let hasOvercount = false;
      for (let step = 1; step <= straight.stepCount; step += 1) {
        for (const taskManager of [0, 1]) {
          const crash = {
            type: 'task-manager-crash',
            taskManager,
            when: { afterStep: step },
          } as const;
          const run = runCounting({ ...options, faults: [crash] });
          const exact = [step, run.outcome, sorted(rowsOf(run, 'transactional'))];
          expect(exact).toEqual([step, 'finished', expected]);
          expect(tableOf(run.sinks['upsert'] ?? []).map(({ key, row }) => [key, row])).toEqual(
            expect.arrayContaining([['a', { key: 'a', count: 5 }]]),
          );
          const appended = rowsOf(run, 'append').split(' ').length;
          expect(appended).toBeGreaterThanOrEqual(expected.split(' ').length);
          hasDuplicates ||= appended > expected.split(' ').length;
          hasOvercount ||= sumsOf(run.sinks['increment'] ?? []).some(
            ({ key, row }) => key === 'a' && Number(row) > 5,
          );
        }
      }
      expect({ hasDuplicates, hasOvercount }).toEqual({ hasDuplicates: true, hasOvercount: true });
    });
  }
});

function sorted(text: string): string {
  return text.split(' ').sort().join(' ');
}

describe('transactions', () => {
  const options: CountingOptions = {
    partitions: ['a@1 a@2 a@3 a@40'],
    configuration: every(2),
  };

  test('are visible only once their checkpoint is complete', () => {
    const run = runCounting({ ...options, partitions: ['a@1 a@2'], isBounded: false });
    expect(rowsOf(run, 'append')).toBe('a=1 a=2');
    expect(rowsOf(run, 'transactional')).toBe('');
  });

  test('a timeout that passes while the job is down loses data', () => {
    // The checkpoint is complete, but the machine dies before anyone commits; the restart comes
    // later than the broker is willing to wait.
    const configuration = every(2, {
      'restart-strategy.type': 'fixed-delay',
      'restart-strategy.fixed-delay.delay': 20_000,
    });
    const withTimeout = (transactionTimeoutMs: number): string => {
      const straight = countingScenario({ ...options, configuration, transactionTimeoutMs });
      const reader = new TraceReader(traceOf(simulate(straight)));
      const completed = reader.event(reader.nextRow(-1, ['checkpoint-completed']));
      const steps = stepsUntil(straight, completed.row);
      const crash = { type: 'job-manager-crash', when: { afterStep: steps } } as const;
      return rowsOf(simulate({ ...straight, faults: [crash] }), 'transactional');
    };
    expect(withTimeout(60_000)).toBe('a=1 a=2 a=3 a=4');
    expect(withTimeout(15_000)).toBe('a=4');
  });
});

/** The first step after which a crash still finds the fact at `row` done. */
function stepsUntil(scenario: ReturnType<typeof countingScenario>, row: number): number {
  for (let step = 1; step < 1000; step += 1) {
    const crash = { type: 'job-manager-crash', when: { afterStep: step } } as const;
    const reader = new TraceReader(traceOf(simulate({ ...scenario, faults: [crash] })));
    const restart = reader.nextRow(-1, ['job-restarting']);
    if (restart > row) return step;
  }
  throw new Error('no such step');
}

describe('the coordinator', () => {
  test('waits the minimum pause after a checkpoint', () => {
    const run = runCounting({
      partitions: ['a@1 a@2 a@3 a@4 a@5 a@6'],
      configuration: every(1, { 'execution.checkpointing.min-pause': 1500 }),
    });
    expect(facts(run, ['checkpoint-triggered'])).toEqual([
      'checkpoint-triggered@1',
      'checkpoint-triggered@2.5',
      'checkpoint-triggered@4',
      'checkpoint-triggered@5',
    ]);
  });

  test('gives up a checkpoint that takes too long, and fails the job that tolerates none', () => {
    const slow: CountingOptions = {
      partitions: ['a@1 a@2 a@3 a@4', 'a@1 a@9'],
      configuration: every(1, { 'execution.checkpointing.timeout': 500 }),
      costs: { serviceMs: { count: 1200 } },
    };
    const run = runCounting(slow);
    expect(facts(run, ['checkpoint-aborted']).length).toBeGreaterThan(0);
    expect(facts(run, ['job-restarting']).length).toBeGreaterThan(0);
    const tolerant = runCounting({
      ...slow,
      configuration: {
        ...slow.configuration,
        'execution.checkpointing.tolerable-failed-checkpoints': 100,
      },
    });
    expect(facts(tolerant, ['job-restarting'])).toEqual([]);
    expect(tolerant.outcome).toBe('finished');
  });

  test('a savepoint stops the job where it is asked to', () => {
    const run = runCounting({
      partitions: ['a@1 a@2 a@3'],
      operations: [{ type: 'stop-with-savepoint', when: { atMs: 2500 } }],
    });
    expect(run.outcome).toBe('stopped');
    expect(rowsOf(run, 'append')).toBe('a=1 a=2');
    expect(rowsOf(run, 'transactional')).toBe('a=1 a=2');
  });
});

describe('restart strategies', () => {
  const crashes = [2500, 5000, 7500].map(
    (atMs) => ({ type: 'job-manager-crash', when: { atMs } }) as const,
  );
  const restarts = (configuration: Partial<Configuration>): string[] =>
    facts(
      runCounting({
        partitions: ['a@1 a@2 a@3 a@20'],
        configuration: every(1, configuration),
        faults: crashes,
      }),
      ['job-restarting', 'job-failed', 'split-rewound'],
    );

  test('exponential-delay: 1 s, then half as much again each time', () => {
    expect(restarts({ 'restart-strategy.exponential-delay.jitter-factor': 0 })).toEqual([
      'job-restarting@1.5',
      'split-rewound@2.5',
      'job-restarting@4',
      'split-rewound@5.5',
      'job-restarting@6.5',
      'split-rewound@8.75',
    ]);
  });

  test('fixed-delay gives up after its attempts', () => {
    const fixed = {
      'restart-strategy.type': 'fixed-delay',
      'restart-strategy.fixed-delay.attempts': 2,
    } as const;
    expect(restarts(fixed).at(-1)).toBe('job-failed@6.5');
  });

  test('failure-rate gives up when failures come too fast', () => {
    const rate = {
      'restart-strategy.type': 'failure-rate',
      'restart-strategy.failure-rate.max-failures-per-interval': 2,
      'restart-strategy.failure-rate.failure-rate-interval': 4000,
    } as const;
    expect(restarts(rate)).not.toContain('job-failed@6.5');
    const stricter = { ...rate, 'restart-strategy.failure-rate.failure-rate-interval': 10_000 };
    expect(restarts(stricter).at(-1)).toBe('job-failed@6.5');
  });
});

describe('back pressure', () => {
  test('a slow operator fills its channel and makes the source wait', () => {
    const run = runCounting({
      partitions: ['a@1 a@1.1 a@1.2 a@1.3 a@1.4 a@1.5 a@1.6'],
      costs: { serviceMs: { count: 1000 }, bufferRecords: 2 },
    });
    const waits = facts(run, ['output-blocked', 'output-unblocked']);
    expect(waits[0]).toBe('output-blocked@0.2');
    expect(waits[1]).toBe('output-unblocked@1');
    expect(rowsOf(run, 'append')).toBe('a=1 a=2 a=3 a=4 a=5 a=6 a=7');
    expect(run.endMs - 1000).toBe(7000);
  });

  test('a stalled subtask goes on where it was', () => {
    const stall = {
      type: 'subtask-stall',
      operator: 'count',
      index: 0,
      when: { atMs: 1500 },
      durationMs: 5000,
    } as const;
    const run = runCounting({ partitions: ['a@1 a@2 a@3'], faults: [stall] });
    expect(rowsOf(run, 'append')).toBe('a=1 a=2 a=3');
    expect(run.endMs).toBe(6500);
  });
});
