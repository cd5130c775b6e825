/**
 * Checks seeds with one planted bug in the engine: `node check-planted.ts <place in the list>
 * <seeds>`. Prints the first seed that noticed and what it noticed, as JSON, or null.
 */
import { plantBug } from '../../attack/planted/plant-bug.ts';
import { PLANTED_BUGS } from './bugs.ts';

const bug = PLANTED_BUGS[Number(process.argv[2])];
const seedCount = Number(process.argv[3]);
if (bug === undefined) throw new Error(`there is no planted bug ${process.argv[2]}`);
plantBug(bug);

const { disagreement, lossProblem } = await import('../check-seed.ts');

function problemOf(seed: number): string | undefined {
  try {
    return disagreement(seed) ?? lossProblem(seed);
  } catch (error) {
    return String(error);
  }
}

let found: { seed: number; problem: string } | null = null;
for (let seed = 0; seed < seedCount && found === null; seed += 1) {
  const problem = problemOf(seed);
  if (problem !== undefined) found = { seed, problem };
}
console.log(JSON.stringify(found));
