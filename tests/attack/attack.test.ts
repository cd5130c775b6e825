import { describe, expect, test } from 'vitest';
import { TRACE_KINDS, simulate } from '#engine';
import type { TraceKind } from '#engine';
import { simulateMicroBatches } from '#engine/spark';
import { attackPlan } from './attack-plan.ts';
import { buildScenario } from './build-scenario.ts';
import { drawPlan } from './draw-plan.ts';
import { FAMILIES, attackSeed } from './families.ts';
import type { FamilyName } from './families.ts';
import { FOUND_PLANS } from './found-plans.ts';
import { buildBatchScenario } from './micro-batch/build-batch-scenario.ts';
import { drawBatchPlan } from './micro-batch/draw-batch-plan.ts';

const SEED_COUNT = 2000;
/** Seeds of one test: a failure is told soon, and a slow machine still gets through. */
const SEEDS_PER_TEST = 250;

const firstSeeds = Array.from(
  { length: SEED_COUNT / SEEDS_PER_TEST },
  (_, place) => place * SEEDS_PER_TEST,
);

describe.each(Object.keys(FAMILIES) as FamilyName[])('%s', (family) => {
  test.each(firstSeeds)(
    'random jobs, inputs and faults, seeds from %i',
    { timeout: 60_000 },
    (from) => {
      for (let seed = from; seed < from + SEEDS_PER_TEST; seed += 1) {
        expect(attackSeed(family, seed)).toBeUndefined();
      }
    },
  );
});

test.each(FOUND_PLANS)('no more: $bug', ({ plan }) => {
  expect(attackPlan(plan)).toBeUndefined();
});

/** Facts that no attack provokes: its code does not throw, log, time out or align watermarks. */
const UNSEEN: readonly TraceKind[] = [
  'split-active',
  'console',
  'function-failed',
  'split-paused',
  'split-resumed',
  'async-timed-out',
  // Of sinks: no commit is lost to another here.
  'file-deleted',
  'table-commit-failed',
  // Of stages.
  'stage-started',
  'stage-finished',
  'attempt-started',
  'attempt-finished',
  'attempt-failed',
  'attempt-killed',
  'partition-written',
  'partition-lost',
  'tasks-reset',
  // Of logs and their readers: they have an attack of their own.
  'record-appended',
  'high-watermark-moved',
  'stable-offset-moved',
  'log-start-moved',
  'record-compacted',
  'log-transaction-opened',
  'log-transaction-marked',
  'producer-fenced',
  'partition-opened',
  'shard-closed',
  'write-throttled',
  'leader-elected',
  'log-truncated',
  'split-assigned',
  'split-revoked',
  'records-fetched',
  'position-reset',
  'read-throttled',
  'offset-committed',
  'commit-refused',
  'record-processed',
  'member-joined',
  'member-gone',
  'rebalance-started',
  'generation-started',
  'record-acquired',
  'record-settled',
];

test('the attack meets every kind of fact', { timeout: 60_000 }, () => {
  const seen = new Set<string | undefined>();
  for (let seed = 0; seed < 400; seed += 1) {
    const runs = [
      simulate(buildScenario(drawPlan(seed))),
      simulateMicroBatches(buildBatchScenario(drawBatchPlan(seed), 'full')),
    ];
    for (const { trace } of runs) {
      for (const kind of trace?.columns.kind ?? []) seen.add(TRACE_KINDS[kind]);
    }
  }
  const missed = TRACE_KINDS.filter((kind) => !seen.has(kind) && !UNSEEN.includes(kind));
  expect(missed).toEqual([]);
});
