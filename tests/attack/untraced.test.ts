import { describe, expect, it } from 'vitest';
import { simulate } from '#engine';
import type { Run } from '#engine';
import { buildScenario } from './build-scenario.ts';
import { drawPlan } from './draw-plan.ts';
import type { Plan } from './plan.ts';

const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);

/** The plan as a line of tasks without costs: the one that an untraced run takes shortcuts in. */
function inLine(plan: Plan): Plan {
  const faults = plan.faults.filter((fault) => 'atMs' in fault.when && !('index' in fault));
  const operations = plan.operations.filter(({ type }) => type !== 'rescale');
  const { stages, parallelism } = plan;
  return {
    ...plan,
    stages: stages.filter((stage) => !stage.endsWith('Wait')),
    parallelism: { ...parallelism, usual: 1, source: 1, stages: 1, work: 1, sinks: 1 },
    costs: {},
    faults,
    operations,
  };
}

function endOf({ outcome, failure, stepCount, sinks, entriesLeft, endMs }: Run): object {
  const rows = Object.entries(sinks).map(([name, written]) => [name, JSON.stringify(written)]);
  return { outcome, failure: failure?.message, stepCount, entriesLeft, endMs, rows };
}

describe('a run without a trace', () => {
  it.each([
    { title: 'of a line of tasks', change: inLine },
    { title: 'of any job', change: (plan: Plan) => plan },
  ])('$title ends as one with a trace', ({ change }) => {
    for (const seed of SEEDS) {
      const plan = change(drawPlan(seed));
      const traced = endOf(simulate(buildScenario(plan)));
      expect(endOf(simulate(buildScenario(plan, 'none'))), `seed ${seed}`).toEqual(traced);
    }
  });
});
