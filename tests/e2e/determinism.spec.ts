import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { build } from 'vite';
import { runHashes } from './determinism/hashes.ts';

const EVENING = new URL('../../public/data/flights/evening.bin', import.meta.url);

/** The same module as a script for a browser. */
async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL('./determinism/hashes.ts', import.meta.url));
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry, formats: ['iife'], name: 'determinism' } },
  });
  const [output] = [result].flat();
  if (output === undefined || !('output' in output)) throw new Error('nothing was built');
  return output.output[0].code;
}

test('the same scenarios give the same traces in Node and in the browser', async ({ page }) => {
  const evening = await readFile(EVENING);
  const expected = runHashes(evening);
  await page.goto('about:blank');
  await page.addScriptTag({ content: await bundle() });
  const seen = await page.evaluate((base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const { determinism } = globalThis as unknown as {
      determinism: { runHashes: typeof runHashes };
    };
    return determinism.runHashes(bytes);
  }, evening.toString('base64'));
  expect(Object.keys(seen).length).toBeGreaterThan(5);
  expect(seen).toEqual(expected);
});
