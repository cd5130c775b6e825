/**
 * `npm run attack -- --seeds 10000 --from 0` runs that many random jobs with random inputs, costs
 * and faults, and checks each. A failure is made small, told in words, and can be run again:
 * `SEED=41 npm run attack`. `--family micro-batch` attacks Spark's rules instead of Flink's.
 */
import { FAMILIES, attackSeed } from './families.ts';
import type { FamilyName } from './families.ts';

const PROGRESS_SECONDS = 10;

function readOption(name: string): number | undefined {
  const at = process.argv.indexOf(`--${name}`);
  if (at < 0) return undefined;
  const value = Number(process.argv[at + 1]);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`--${name} must be followed by a whole number: got ${process.argv[at + 1]}`);
}

function readFamily(): FamilyName {
  const at = process.argv.indexOf('--family');
  const name = at < 0 ? 'continuous' : process.argv[at + 1];
  if (name !== undefined && name in FAMILIES) return name as FamilyName;
  throw new Error(`--family must be ${Object.keys(FAMILIES).join(' or ')}: got ${name}`);
}

/** Attacks one seed; tells what is wrong, and returns whether all is well. */
function isWell(family: FamilyName, seed: number): boolean {
  const text = attackSeed(family, seed);
  if (text !== undefined) console.log(`\nseed ${seed} failed\n${text}\n`);
  return text === undefined;
}

function main(): number {
  const family = readFamily();
  const only =
    readOption('seed') ?? (process.env['SEED'] ? Number(process.env['SEED']) : undefined);
  const from = only ?? readOption('from') ?? 0;
  const count = only === undefined ? (readOption('seeds') ?? 2000) : 1;
  const failuresMax = readOption('failures') ?? 10;
  const startMs = performance.now();
  let toldMs = startMs;
  const failed: number[] = [];
  let done = 0;
  for (; done < count && failed.length < failuresMax; done += 1) {
    if (!isWell(family, from + done)) failed.push(from + done);
    const nowMs = performance.now();
    if (nowMs - toldMs < PROGRESS_SECONDS * 1000) continue;
    toldMs = nowMs;
    console.log(`${done + 1} seeds, ${rate(done + 1, nowMs - startMs)}, ${failed.length} failed`);
  }
  const speed = rate(done, performance.now() - startMs);
  console.log(
    `seeds ${from} to ${from + done - 1}: ${done} run, ${failed.length} failed, ${speed}`,
  );
  if (failed.length > 0) console.log(`failed: ${failed.join(' ')}`);
  return failed.length === 0 ? 0 : 1;
}

function rate(count: number, elapsedMs: number): string {
  return `${Math.round((count / Math.max(1, elapsedMs)) * 1000)} a second`;
}

process.exitCode = main();
