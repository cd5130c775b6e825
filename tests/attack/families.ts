import { attackPlan } from './attack-plan.ts';
import type { Problem } from './attack-plan.ts';
import { drawPlan } from './draw-plan.ts';
import { attackLogPlan } from './logs/attack-log-plan.ts';
import { drawLogPlan } from './logs/draw-log-plan.ts';
import { shrinkLogPlan } from './logs/shrink-log-plan.ts';
import { attackBatchPlan } from './micro-batch/attack-batch-plan.ts';
import { drawBatchPlan } from './micro-batch/draw-batch-plan.ts';
import { batchPlanWords, shrinkBatchPlan } from './micro-batch/shrink-batch-plan.ts';
import { planWords } from './plan-words.ts';
import { shrinkPlan } from './shrink-plan.ts';

/** A part of the engine that random plans attack. */
export interface AttackFamily {
  /** Runs the plan of a seed; returns the first thing that is wrong with it. */
  attack(seed: number): Problem | undefined;
  /** The same failure with as little as it needs, in words. */
  explain(seed: number, problem: Problem): string;
}

export type FamilyName = 'continuous' | 'micro-batch' | 'logs';

/** All families, by the name that `npm run attack -- --family` takes. */
export const FAMILIES: { readonly [N in FamilyName]: AttackFamily } = {
  continuous: {
    attack: (seed) => attackPlan(drawPlan(seed)),
    explain: (seed, problem) => {
      const small = shrinkPlan(drawPlan(seed), problem);
      return inWords(planWords(small.plan), small.problem);
    },
  },
  'micro-batch': {
    attack: (seed) => attackBatchPlan(drawBatchPlan(seed)),
    explain: (seed, problem) => {
      const small = shrinkBatchPlan(drawBatchPlan(seed), problem);
      return inWords(batchPlanWords(small.plan), small.problem);
    },
  },
  logs: {
    attack: (seed) => attackLogPlan(drawLogPlan(seed)),
    explain: (seed, problem) => {
      const small = shrinkLogPlan(drawLogPlan(seed), problem);
      return inWords(JSON.stringify(small.plan), small.problem);
    },
  },
};

function inWords(plan: string, { check, text }: Problem): string {
  return `${plan}\n→ ${check}: ${text}`;
}

/** What is wrong with the run of a seed, and how to see it again; undefined when all is well. */
export function attackSeed(name: FamilyName, seed: number): string | undefined {
  const problem = FAMILIES[name].attack(seed);
  if (problem === undefined) return undefined;
  const replay = `replay: SEED=${seed} npm run attack -- --family ${name}`;
  return `${replay}\n${FAMILIES[name].explain(seed, problem)}`;
}
