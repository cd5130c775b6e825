/**
 * `npm run conformance -- --seeds 200` runs that many fresh random scenarios on Spark itself and on
 * the engine, and prints the share that agrees, by feature; the first that differs is made small.
 * It needs Java and Maven, and says so.
 *
 *   --engine flink       on the operators of Flink instead of Spark
 *   --seeds 200          how many scenarios; default 130
 *   --from 7             the first seed, to run the same again; default: another one each time
 *   --only sessions      these features only, with commas between
 *   --record             keep what it does in tests/conformance/spark/recorded/, or flink's
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { conformToFlink } from './flink/conform.ts';
import { difference } from './spark/compare.ts';
import { FEATURES, drawScenario } from './spark/generate.ts';
import type { Feature } from './spark/generate.ts';
import {
  SPARK_VERSION,
  buildHarness,
  hashOnSpark,
  runOnSpark,
  whyNoHarness,
} from './spark/harness.ts';
import { drawKeys, writeHashedKeys } from './spark/hashed-keys.ts';
import { writeRecording } from './spark/recordings.ts';
import { replay } from './spark/replay.ts';
import type { Outcome, SparkScenario } from './spark/scenario.ts';
import { shrink } from './spark/shrink.ts';
import type { Shrunk } from './spark/shrink.ts';

const HASHED_KEYS_SEED = 1;

const { values: options } = parseArgs({
  options: {
    engine: { type: 'string', default: 'spark' },
    seeds: { type: 'string', default: '130' },
    from: { type: 'string' },
    only: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
});

/** @throws RangeError when it is not a whole number. */
function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new RangeError(`--${name} must be a whole number: got "${text}".`);
}

/** @throws RangeError naming the feature that there is none of. */
function chosenFeatures(): readonly Feature[] {
  if (options.only === undefined) return FEATURES;
  return options.only.split(',').map((name) => {
    const feature = FEATURES.find((other) => other === name);
    if (feature !== undefined) return feature;
    throw new RangeError(`--only: no feature "${name}". Use one of ${FEATURES.join(', ')}.`);
  });
}

/** Compares all, tells what differs and prints a line for each feature. Returns what differed. */
function report(
  scenarios: readonly SparkScenario[],
  outcomes: readonly Outcome[],
): Shrunk | undefined {
  const differing = new Map<string, number>();
  let first: Shrunk | undefined;
  for (const [at, scenario] of scenarios.entries()) {
    const found = difference(scenario, outcomes[at] as Outcome, replay(scenario));
    const { feature, seed } = scenario;
    const before = differing.get(feature) ?? 0;
    differing.set(feature, found === undefined ? before : before + 1);
    if (found === undefined) continue;
    first ??= { scenario, difference: found };
    console.log(`${feature}, seed ${seed}: ${found}`);
    console.log(`  again: npm run conformance -- --only ${feature} --from ${seed} --seeds 1`);
  }
  for (const [feature, count] of differing) {
    const all = scenarios.filter((scenario) => scenario.feature === feature).length;
    const share = (((all - count) / all) * 100).toFixed(1);
    console.log(`${feature.padEnd(16)}${share.padStart(6)} % of ${all} agree`);
  }
  return first;
}

function tell({ scenario, difference: found }: Shrunk): void {
  console.log(`\nThe first difference, made small: ${found}`);
  const { query, steps, ...others } = scenario;
  console.log(JSON.stringify(others));
  console.log(JSON.stringify(query));
  for (const step of steps) console.log(JSON.stringify(step));
}

function record(scenarios: readonly SparkScenario[], outcomes: readonly Outcome[]): void {
  const java = execFileSync('java', ['--version'], { encoding: 'utf8' }).split('\n')[0] as string;
  const pairs = scenarios.map((scenario, at) => ({ scenario, spark: outcomes[at] as Outcome }));
  for (const feature of chosenFeatures()) {
    const own = pairs.filter(({ scenario }) => scenario.feature === feature);
    if (own.length === 0) continue;
    writeRecording(feature, { head: { spark: SPARK_VERSION, java }, scenarios: own });
  }
  if (options.only === undefined) writeHashedKeys(hashOnSpark(drawKeys(HASHED_KEYS_SEED)));
}

function main(): number {
  if (options.engine !== 'spark' && options.engine !== 'flink') {
    throw new RangeError(`--engine must be spark or flink: got "${options.engine}".`);
  }
  const missing = whyNoHarness();
  if (missing !== undefined) {
    console.log(`Nothing was compared with ${options.engine}: ${missing}.`);
    return 0;
  }
  const from = whole('from', options.from ?? String(Math.floor(Date.now() / 1000) % 1_000_000));
  const count = whole('seeds', options.seeds);
  if (options.engine === 'flink') {
    const { only, record: isRecorded } = options;
    return conformToFlink({ from, count, only, isRecorded }) ? 0 : 1;
  }
  const features = chosenFeatures();
  const scenarios = Array.from({ length: count }, (_, at) =>
    drawScenario(features[at % features.length]!, from + Math.floor(at / features.length)),
  );
  console.log(`${count} scenarios on Spark ${SPARK_VERSION}, seeds from ${from} on`);
  buildHarness();
  const outcomes = runOnSpark(scenarios);
  if (options.record) record(scenarios, outcomes);
  const differing = report(scenarios, outcomes);
  if (differing === undefined) return 0;
  tell(shrink(differing, runOnSpark));
  return 1;
}

process.exitCode = main();
