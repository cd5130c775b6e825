import { describe, expect, test } from 'vitest';
import { checkRunInvariants, judgeSink, minutes, simulate } from '#engine';
import type { AnomalyName, ReaderIsolation, Run } from '#engine';
import { countingScenario } from '../flink/counting-job.ts';
import { found, runSinking } from '../connectors/sinking-job.ts';
import type { SinkingOptions } from '../connectors/sinking-job.ts';
import { traceOf } from '../stream-notation.ts';

const OPTIONS: SinkingOptions = {
  partitions: ['a@1 b@1.2 a@1.4 b@3 a@5 c@6', 'a@1 c@1.1 b@2.5 a@4 b@7'],
  configuration: { 'execution.checkpointing.interval': 1000 },
  compaction: { smallerThanRows: 100, filesMin: 3, durationMs: 300 },
};
const CRASH = { type: 'job-manager-crash', when: { atMs: 2900 } } as const;

function names(run: Run, sink: string, isolation?: ReaderIsolation): AnomalyName[] {
  return judgeSink(traceOf(run), sink, isolation).map(({ name }) => name);
}

describe('a reader of a sink', () => {
  const straight = runSinking(OPTIONS);
  const struck = runSinking({ ...OPTIONS, faults: [CRASH] });

  test('finds nothing twice without a failure', () => {
    for (const sink of Object.keys(straight.stores)) {
      expect([sink, names(straight, sink)]).toEqual([sink, []]);
    }
  });

  test('finds rows twice after one where each write counts, and nowhere else', () => {
    const extraCount = found(struck, 'plain').split(' ').length - 11;
    expect(extraCount).toBeGreaterThan(0);
    const repeated = Array.from({ length: extraCount }, () => 'output repeated');
    expect(names(struck, 'plain')).toEqual(repeated);
    expect(names(struck, 'increment')).toEqual(repeated);
    for (const sink of ['upsert', 'versioned', 'dashboard', 'topic', 'files', 'lake', 'ledger']) {
      expect([sink, names(struck, sink)]).toEqual([sink, []]);
    }
  });

  test('finds them twice in exact sinks too when it reads what is not committed', () => {
    // A part file is cut back when its writer goes on: nothing is left over in it.
    expect(names(struck, 'files', 'read-uncommitted')).toEqual([]);
    for (const sink of ['topic', 'lake']) {
      expect([sink, names(struck, sink, 'read-uncommitted')]).toContainEqual(
        expect.arrayContaining(['output repeated']),
      );
    }
  });

  test('is told the steps that prove it', () => {
    const [finding] = judgeSink(traceOf(struck), 'plain');
    expect(finding?.text).toMatch(
      /^A reader finds an output twice: it was written in row \d+ and again here, for .* in-1@2/,
    );
    // The replay has met the records of the two partitions in another order.
    expect(finding).toMatchObject({
      expected: '{"key":"b","count":2}',
      actual: '{"key":"b","count":3}',
    });
  });
});

test('equal rows of different records are no repetition', () => {
  const run = simulate(countingScenario({ partitions: ['a@1 a@2 a@3'] }));
  // Every write adds 1 under key a.
  expect(run.sinks['increment']?.map(({ row }) => row)).toEqual([1, 1, 1]);
  expect(names(run, 'increment')).toEqual([]);
});

test('what a timeout has aborted is lost, although every rule was kept', () => {
  const scenario = (transactionTimeoutMs: number): ReturnType<typeof countingScenario> =>
    countingScenario({
      partitions: ['a@1 a@2 a@3 a@40'],
      configuration: {
        'execution.checkpointing.interval': 2000,
        'restart-strategy.type': 'fixed-delay',
        'restart-strategy.fixed-delay.delay': 20_000,
      },
      transactionTimeoutMs,
    });
  const lost = new Set<number>();
  for (let step = 1; step < 40; step += 1) {
    const crash = { type: 'job-manager-crash', when: { afterStep: step } } as const;
    const run = simulate({ ...scenario(15_000), faults: [crash] });
    expect([step, checkRunInvariants(traceOf(run))]).toEqual([step, []]);
    const missing = names(run, 'transactional').filter((name) => name === 'output missing');
    lost.add(missing.length);
    const patient = simulate({ ...scenario(minutes(15)), faults: [crash] });
    expect([step, names(patient, 'transactional')]).toEqual([step, []]);
  }
  expect([...lost].sort()).toEqual([0, 3]);
});
