/**
 * `npm run attack -- --seeds 10000 --from 0` runs that many random jobs with random inputs, costs
 * and faults, and checks each. A failure is made small, told in words, and can be run again:
 * `SEED=41 npm run attack`.
 */
import { attackPlan } from './attack-plan.ts';
import { drawPlan } from './draw-plan.ts';
import { planWords } from './plan-words.ts';
import { shrinkPlan } from './shrink-plan.ts';

const PROGRESS_SECONDS = 10;

function readOption(name: string): number | undefined {
  const at = process.argv.indexOf(`--${name}`);
  if (at < 0) return undefined;
  const value = Number(process.argv[at + 1]);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`--${name} must be followed by a whole number: got ${process.argv[at + 1]}`);
}

/** Attacks one seed; tells what is wrong, and returns whether all is well. */
function attackSeed(seed: number): boolean {
  const plan = drawPlan(seed);
  const problem = attackPlan(plan);
  if (problem === undefined) return true;
  console.log(`\nseed ${seed} failed the check "${problem.check}": ${problem.text}`);
  const small = shrinkPlan(plan, problem);
  console.log(planWords(small.plan));
  console.log(`→ ${small.problem.check}: ${small.problem.text}`);
  console.log(`replay: SEED=${seed} npm run attack\n`);
  return false;
}

function main(): number {
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
    if (!attackSeed(from + done)) failed.push(from + done);
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
