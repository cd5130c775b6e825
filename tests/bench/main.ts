/**
 * `npm run bench` prints how fast the engine is, as a ratio to what a good engineer would write by
 * hand (the loop) and to the same with typed arrays (the limit). All sides run in turns in one
 * process: absolute times on a shared machine mean nothing.
 *
 *   --json           one line of JSON per workload
 *   --only W2,W6     these workloads only
 *   --rounds 9       rounds that count; default 5
 *   --records 50000  fewer records: a quick look, of no use for figures
 *   --all            also growth, snapshots, seeking in a trace, and the first run of a process
 */
import { parseArgs } from 'node:util';
import { WORKLOADS } from './catalog.ts';
import { FIGURES } from './figures/catalog.ts';
import { ROUNDS, measure } from './measure.ts';
import { tableHead, tableRow } from './report.ts';
import type { Workload } from './workload.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    records: { type: 'string' },
    all: { type: 'boolean', default: false },
  },
});

/** @throws RangeError naming the workload that there is none of. */
function chosen(only: string | undefined): readonly Workload[] {
  if (only === undefined) return WORKLOADS;
  return only.split(',').map((id) => {
    const workload = WORKLOADS.find((other) => other.id === id);
    if (workload !== undefined) return workload;
    const known = WORKLOADS.map((other) => other.id).join(', ');
    throw new RangeError(`--only: there is no workload "${id}". Use one of ${known}.`);
  });
}

/** @throws RangeError when it is not a whole number above zero. */
function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} must be a whole number above 0: got "${text}".`);
}

const rounds = positive('rounds', options.rounds) ?? ROUNDS;
const recordCount = positive('records', options.records);
if (!options.json) console.log(tableHead());
for (const workload of chosen(options.only)) {
  const line = measure(workload, await workload.prepare(recordCount), rounds);
  console.log(options.json ? JSON.stringify(line) : tableRow(workload, line));
}
if (options.all) {
  for (const { title, lines } of FIGURES) {
    if (!options.json) console.log(`\n${title}`);
    for (const figure of lines()) {
      console.log(options.json ? JSON.stringify({ figure: title, ...figure }) : format(figure));
    }
  }
}

function format(figure: { readonly [name: string]: number | string }): string {
  const cells = Object.entries(figure).map(([name, value]) =>
    typeof value === 'string' ? `${name} ${value}` : `${name} ${value.toLocaleString('en')}`,
  );
  return `  ${cells.join('   ')}`;
}
