/**
 * Attacks an engine with one planted bug: `node attack-planted.ts <place in the list> <seeds>`. The
 * text of one file is changed while it is loaded; nothing on the disk is, and the engine knows
 * nothing of it. Prints the first seed that noticed, as JSON, or null.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { PLANTED_BUGS } from './bugs.ts';

const bug = PLANTED_BUGS[Number(process.argv[2])];
const seedCount = Number(process.argv[3]);
if (bug === undefined) throw new Error(`there is no planted bug ${process.argv[2]}`);

const target = new URL(`../../../engine/${bug.file}`, import.meta.url).href;
registerHooks({
  load(url, context, nextLoad) {
    if (url !== target) return nextLoad(url, context);
    const text = readFileSync(fileURLToPath(url), 'utf8');
    const pieces = text.split(bug.find);
    if (pieces.length !== 2) {
      throw new Error(
        `engine/${bug.file} has the text of "${bug.name}" ${pieces.length - 1} times, not once: ` +
          'bring tests/attack/planted/bugs.ts up to date',
      );
    }
    return { format: 'module-typescript', source: pieces.join(bug.replace), shortCircuit: true };
  },
});

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
