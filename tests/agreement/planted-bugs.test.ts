import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { PLANTED_BUGS } from './planted/bugs.ts';

/** Seeds within which each bug must be found; the tests of the engine as it is take as many. */
const SEEDS_MAX = 40;

const script = fileURLToPath(new URL('./planted/check-planted.ts', import.meta.url));

test.each(PLANTED_BUGS.map(({ name }, place) => ({ name, place })))(
  'a seed notices when $name',
  { timeout: 120_000 },
  ({ place }) => {
    const output = execFileSync(process.execPath, [script, String(place), String(SEEDS_MAX)], {
      encoding: 'utf8',
    });
    expect(JSON.parse(output)).toMatchObject({ seed: expect.any(Number) });
  },
);
