import { execFileSync } from 'node:child_process';
import { FEATURES, drawScenario } from './generate.ts';
import type { Feature } from './generate.ts';
import { FLINK_VERSION, buildHarness, runOnFlink } from './harness.ts';
import { writeRecording } from './recordings.ts';
import { differenceFrom } from './replay-all.ts';
import type { FlinkScenario, StepOutcome } from './scenario.ts';
import { shrink } from './shrink.ts';
import type { Shrunk } from './shrink.ts';

type Outcomes = readonly (readonly StepOutcome[])[];

/** What is asked of a comparison with Flink. */
export interface FlinkConformance {
  readonly from: number;
  readonly count: number;
  /** Features with commas between; undefined: all. */
  readonly only: string | undefined;
  readonly isRecorded: boolean;
}

/**
 * Runs random scenarios on Flink's operators and on the engine's, and prints the share that agrees.
 * Returns whether all do.
 * @throws RangeError naming the feature that there is none of.
 */
export function conformToFlink({ from, count, only, isRecorded }: FlinkConformance): boolean {
  const features = chosenFeatures(only);
  const scenarios = Array.from({ length: count }, (_, at) =>
    drawScenario(features[at % features.length]!, from + Math.floor(at / features.length)),
  );
  console.log(`${count} scenarios on Flink ${FLINK_VERSION}, seeds from ${from} on`);
  buildHarness();
  const outcomes = runOnFlink(scenarios);
  if (isRecorded) record(features, scenarios, outcomes);
  const differing = report(scenarios, outcomes);
  if (differing === undefined) return true;
  const { scenario, difference } = shrink(differing, runOnFlink);
  console.log(`\nThe first difference, made small: ${difference}`);
  console.log(JSON.stringify(scenario.work));
  for (const step of scenario.steps) console.log(JSON.stringify(step));
  return false;
}

function chosenFeatures(only: string | undefined): readonly Feature[] {
  if (only === undefined) return FEATURES;
  return only.split(',').map((name) => {
    const feature = FEATURES.find((other) => other === name);
    if (feature !== undefined) return feature;
    throw new RangeError(`--only: no feature "${name}". Use one of ${FEATURES.join(', ')}.`);
  });
}

/** Compares all, tells what differs and prints a line for each feature. Returns what differed. */
function report(scenarios: readonly FlinkScenario[], outcomes: Outcomes): Shrunk | undefined {
  const counts = new Map<string, { all: number; differing: number }>();
  let first: Shrunk | undefined;
  for (const [at, scenario] of scenarios.entries()) {
    const { feature, seed } = scenario;
    const count = counts.get(feature) ?? { all: 0, differing: 0 };
    counts.set(feature, count);
    count.all += 1;
    const found = differenceFrom(outcomes[at] ?? [], scenario);
    if (found === undefined) continue;
    count.differing += 1;
    first ??= { scenario, difference: found };
    const which = `--only ${feature} --from ${seed} --seeds 1`;
    console.log(`${feature}, seed ${seed}: ${found}`);
    console.log(`  again: npm run conformance -- --engine flink ${which}`);
  }
  for (const [feature, { all, differing }] of counts) {
    const share = (((all - differing) / all) * 100).toFixed(1);
    console.log(`${feature.padEnd(16)}${share.padStart(6)} % of ${all} agree`);
  }
  return first;
}

function record(
  features: readonly Feature[],
  scenarios: readonly FlinkScenario[],
  outcomes: Outcomes,
): void {
  const java = execFileSync('java', ['--version'], { encoding: 'utf8' }).split('\n')[0] as string;
  const pairs = scenarios.map((scenario, at) => ({ scenario, flink: outcomes[at] ?? [] }));
  for (const feature of features) {
    const own = pairs.filter(({ scenario }) => scenario.feature === feature);
    if (own.length > 0) {
      writeRecording(feature, { head: { flink: FLINK_VERSION, java }, scenarios: own });
    }
  }
}
