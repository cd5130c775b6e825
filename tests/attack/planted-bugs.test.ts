import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { PLANTED_BUGS } from './planted/bugs.ts';

/** Seeds within which each bug must be found; `npm run attack` and the tests take far more. */
const SEEDS_MAX = 4000;

const script = fileURLToPath(new URL('./planted/attack-planted.ts', import.meta.url));

test.each(PLANTED_BUGS.map(({ name }, place) => ({ name, place })))(
  'the attack notices when $name',
  { timeout: 120_000 },
  ({ place }) => {
    const output = execFileSync(process.execPath, [script, String(place), String(SEEDS_MAX)], {
      encoding: 'utf8',
    });
    expect(JSON.parse(output)).toMatchObject({ seed: expect.any(Number) });
  },
);
