import { expect, test } from 'vitest';
import { TRACE_KINDS, simulate } from '#engine';
import type { TraceKind } from '#engine';
import { attackPlan } from './attack-plan.ts';
import { buildScenario } from './build-scenario.ts';
import { drawPlan } from './draw-plan.ts';
import { FOUND_PLANS } from './found-plans.ts';
import { planWords } from './plan-words.ts';
import { shrinkPlan } from './shrink-plan.ts';

const SEED_COUNT = 2000;
/** Seeds of one test: a failure is told soon, and a slow machine still gets through. */
const SEEDS_PER_TEST = 250;

const firstSeeds = Array.from(
  { length: SEED_COUNT / SEEDS_PER_TEST },
  (_, place) => place * SEEDS_PER_TEST,
);

test.each(firstSeeds)(
  'random jobs, inputs and faults, seeds from %i',
  { timeout: 60_000 },
  (from) => {
    for (let seed = from; seed < from + SEEDS_PER_TEST; seed += 1) {
      expect(attackSeed(seed)).toBeUndefined();
    }
  },
);

test.each(FOUND_PLANS)('no more: $bug', ({ plan }) => {
  expect(attackPlan(plan)).toBeUndefined();
});

/** What is wrong with the run of a seed, and how to see it again; undefined when all is well. */
function attackSeed(seed: number): string | undefined {
  const plan = drawPlan(seed);
  const problem = attackPlan(plan);
  if (problem === undefined) return undefined;
  const small = shrinkPlan(plan, problem);
  const { check, text } = small.problem;
  return `replay: SEED=${seed} npm run attack\n${planWords(small.plan)}\n→ ${check}: ${text}`;
}

/** Facts that no attack provokes: its code does not throw, log, time out or align watermarks. */
const UNSEEN: readonly TraceKind[] = [
  'split-active',
  'console',
  'function-failed',
  'split-paused',
  'split-resumed',
  'async-timed-out',
  // Of the micro-batch runtime.
  'query-started',
  'batch-planned',
  'offsets-logged',
  'state-committed',
  'sink-batch-committed',
  'query-watermark',
  'commit-logged',
  'driver-failed',
  'task-retried',
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
    const { trace } = simulate(buildScenario(drawPlan(seed)));
    for (const kind of trace?.columns.kind ?? []) seen.add(TRACE_KINDS[kind]);
  }
  const missed = TRACE_KINDS.filter((kind) => !seen.has(kind) && !UNSEEN.includes(kind));
  expect(missed).toEqual([]);
});
