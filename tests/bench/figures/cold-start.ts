/** The first run of a fresh process, before anything is compiled, against the tenth. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from '../measure.ts';
import { rounded } from './figure.ts';
import type { Figure } from './figure.ts';

const PROCESSES = 5;
const CHILD = fileURLToPath(new URL('cold-start-child.ts', import.meta.url));

export const coldStart: Figure = {
  title: 'first run of a process (W2)',
  lines: function* () {
    for (const records of [1_000, 100_000]) {
      const runs = Array.from({ length: PROCESSES }, () => runChild(records));
      const coldMs = median(runs.map(({ cold }) => cold));
      const warmMs = median(runs.map(({ warm }) => warm));
      const timesWarm = rounded(coldMs / warmMs);
      yield { records, coldMs: rounded(coldMs), warmMs: rounded(warmMs), timesWarm };
    }
  },
};

function runChild(records: number): { readonly cold: number; readonly warm: number } {
  const child = spawnSync(process.execPath, [CHILD, String(records)], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(`${CHILD} failed (${child.status}): ${child.stderr}`);
  return JSON.parse(child.stdout) as { cold: number; warm: number };
}
