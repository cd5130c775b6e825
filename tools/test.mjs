// `npm test`: installs what is missing and runs everything that must hold. The last line is
// `N passed, N failed`. `npm test -- --only unit,lint` runs some stages; Node 20 or newer.
import { ensureInstalled } from './install.mjs';
import { STAGES } from './test-stages.mjs';

function readStages() {
  const at = process.argv.indexOf('--only');
  if (at < 0) return STAGES;
  const names = (process.argv[at + 1] ?? '').split(',').filter(Boolean);
  const known = STAGES.map((stage) => stage.name);
  const unknown = names.find((name) => !known.includes(name));
  if (names.length === 0 || unknown !== undefined) {
    console.error(`--only takes names from ${known.join(', ')}: got ${unknown ?? 'nothing'}`);
    process.exit(1);
  }
  const needed = STAGES.filter((stage) => names.includes(stage.name)).map((stage) => stage.needs);
  return STAGES.filter((stage) => names.includes(stage.name) || needed.includes(stage.name));
}

async function runStage(stage, failedStages) {
  if (failedStages.has(stage.needs)) {
    const output = `Not run: it needs ${stage.needs}, which failed.\n`;
    return { passedCount: 0, failedCount: 1, output };
  }
  try {
    return await stage.run();
  } catch (error) {
    return { passedCount: 0, failedCount: 1, output: `${error.stack}\n` };
  }
}

const stages = readStages();
await ensureInstalled();
const failedStages = new Set();
let passedTotal = 0;
let failedTotal = 0;
for (const stage of stages) {
  const startedAtMs = performance.now();
  const { passedCount, failedCount, output } = await runStage(stage, failedStages);
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  if (failedCount > 0) {
    failedStages.add(stage.name);
    process.stdout.write(output.endsWith('\n') ? output : `${output}\n`);
  }
  passedTotal += passedCount;
  failedTotal += failedCount;
  const counts = `${passedCount} passed, ${failedCount} failed`;
  console.log(`${stage.name.padEnd(8)} ${seconds.padStart(6)} s  ${counts}`);
}
console.log(`${passedTotal} passed, ${failedTotal} failed`);
// Not process.exit(): it would cut off a long report that is still being written to a pipe.
process.exitCode = failedTotal === 0 ? 0 : 1;
