import { difference } from './compare.ts';
import { replay } from './replay.ts';
import type { Outcome, SparkScenario, Step } from './scenario.ts';

const ROUNDS_MAX = 8;

/** Runs scenarios on Spark itself. */
type Run = (scenarios: readonly SparkScenario[]) => readonly Outcome[];

/** A scenario that still differs, as small as it gets, and how it differs. */
export interface Shrunk {
  readonly scenario: SparkScenario;
  readonly difference: string;
}

/**
 * Leaves out of a scenario what its difference does not need: crashes, steps, rows, partitions.
 * Each round runs all that could be left out next in one go, since starting Spark costs most.
 */
export function shrink(differing: Shrunk, run: Run): Shrunk {
  let best = differing;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const smaller = smallerThan(best.scenario);
    const outcomes = run(smaller);
    const found = smaller.flatMap((scenario, at) => {
      const text = difference(scenario, outcomes[at] as Outcome, replay(scenario));
      return text === undefined ? [] : [{ scenario, difference: text }];
    });
    if (found.length === 0) return best;
    best = found.reduce((left, right) => (sizeOf(right) < sizeOf(left) ? right : left));
  }
  return best;
}

function sizeOf({ scenario }: Shrunk): number {
  return JSON.stringify(scenario).length;
}

/** All scenarios with one thing less. */
function smallerThan(scenario: SparkScenario): readonly SparkScenario[] {
  const { steps, crashes, conf, inputPartitions } = scenario;
  const withSteps = (changed: readonly Step[]): SparkScenario => ({ ...scenario, steps: changed });
  return [
    ...crashes.map((_, at) => ({ ...scenario, crashes: crashes.toSpliced(at, 1) })),
    ...(steps.length > 1 ? steps.map((_, at) => withSteps(steps.toSpliced(at, 1))) : []),
    ...steps.flatMap((step, at) =>
      withoutRow(step).map((changed) => withSteps(steps.with(at, changed))),
    ),
    ...(inputPartitions > 1 ? [{ ...scenario, inputPartitions: 1 }] : []),
    ...(conf.shufflePartitions > 1
      ? [{ ...scenario, conf: { ...conf, shufflePartitions: 1 } }]
      : []),
  ];
}

function withoutRow(step: Step): readonly Step[] {
  if (step.type !== 'add') return [];
  return Object.entries(step.rows).flatMap(([stream, rows]) =>
    rows.map((_, at): Step => ({
      ...step,
      rows: { ...step.rows, [stream]: rows.toSpliced(at, 1) },
    })),
  );
}
