/**
 * Attacks an engine with one planted bug: `node attack-planted.ts <place in the list> <seeds>`.
 * Prints the first seed that noticed, as JSON, or null.
 */
import { PLANTED_BUGS } from './bugs.ts';
import { plantBug } from './plant-bug.ts';

const bug = PLANTED_BUGS[Number(process.argv[2])];
const seedCount = Number(process.argv[3]);
if (bug === undefined) throw new Error(`there is no planted bug ${process.argv[2]}`);

plantBug(bug);

const { FAMILIES } = await import('../families.ts');
const { drawPlan } = await import('../draw-plan.ts');
const family = bug.family ?? 'continuous';

let found: { seed: number; check: string; text: string } | null = null;
for (let seed = 0; seed < seedCount && found === null; seed += 1) {
  if (bug.work !== undefined && drawPlan(seed).work.type !== bug.work) continue;
  const problem = FAMILIES[family].attack(seed);
  if (problem !== undefined) found = { seed, ...problem };
}
console.log(JSON.stringify(found));
