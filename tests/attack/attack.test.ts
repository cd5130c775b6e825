import { expect, test } from 'vitest';
import { attackPlan } from './attack-plan.ts';
import { drawPlan } from './draw-plan.ts';
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

/** What is wrong with the run of a seed, and how to see it again; undefined when all is well. */
function attackSeed(seed: number): string | undefined {
  const plan = drawPlan(seed);
  const problem = attackPlan(plan);
  if (problem === undefined) return undefined;
  const small = shrinkPlan(plan, problem);
  const { check, text } = small.problem;
  return `replay: SEED=${seed} npm run attack\n${planWords(small.plan)}\n→ ${check}: ${text}`;
}
