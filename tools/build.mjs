// Builds the site: `node tools/build.mjs [--out dir] [--if-changed]`, or only prepares the
// data: `--data-only`. BASE_PATH=/millrace/ builds for a sub-path, SITE_URL=https://… for an origin.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot, runCommand } from './project.mjs';

const DATA_SCRIPT = 'tools/make-flights.mjs';
const FINGERPRINT_FILE = '.fingerprint';
const INPUTS = [
  'content',
  'engine',
  'public',
  'src',
  // The model page counts the recordings.
  'tests/conformance',
  'tools',
  'astro.config.mjs',
  'package.json',
  'package-lock.json',
  'svelte.config.js',
  'tsconfig.json',
];
// Made by DATA_SCRIPT from a package of the lockfile, so its inputs are in the fingerprint already.
const GENERATED = ['public/data/flights/days', 'tools/node/node_modules'];

function inputFiles() {
  const files = [];
  for (const input of INPUTS) {
    const full = path.join(projectRoot, input);
    if (!existsSync(full)) continue;
    if (path.extname(input) !== '') files.push(input);
    else {
      for (const entry of readdirSync(full, { recursive: true, withFileTypes: true })) {
        const parent = entry.parentPath ?? entry.path;
        const relative = path.relative(projectRoot, path.join(parent, entry.name));
        if (entry.isFile()) files.push(relative.split(path.sep).join('/'));
      }
    }
  }
  const isSource = (file) => !GENERATED.some((folder) => file.startsWith(`${folder}/`));
  return files.filter(isSource).sort();
}

/** A hash of everything a build reads: two equal fingerprints mean two equal sites. */
export function buildFingerprint(environment = process.env) {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([environment.BASE_PATH ?? '/', environment.SITE_URL ?? '']));
  for (const file of inputFiles()) {
    hash.update(`\n${file}\n`).update(readFileSync(path.join(projectRoot, file)));
  }
  return hash.digest('hex');
}

/** Makes the data files that are too large to be committed. Resolves to `{ code, output }`. */
export function prepareData({ isQuiet = false } = {}) {
  return runCommand('node', [DATA_SCRIPT], { isQuiet });
}

/**
 * Builds into `outDir` and resolves to `{ isOk, output }`. With `isSkippedWhenFresh`, a site that
 * was built from the same inputs is left as it is.
 */
export async function buildSite({
  outDir = 'dist',
  environment = {},
  isQuiet = false,
  isSkippedWhenFresh = false,
} = {}) {
  const data = await prepareData({ isQuiet });
  if (data.code !== 0) return { isOk: false, output: data.output };
  const fingerprint = buildFingerprint({ ...process.env, ...environment });
  const stamp = path.resolve(projectRoot, outDir, FINGERPRINT_FILE);
  const isFresh = existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint;
  if (isSkippedWhenFresh && isFresh) return { isOk: true, output: '' };
  const args = ['build', '--outDir', outDir, ...(isQuiet ? ['--silent'] : [])];
  const { code, output } = await runCommand('astro', args, { environment, isQuiet });
  // The stamp lies in the output folder, which every build empties: no build, no stamp.
  if (code === 0) writeFileSync(stamp, fingerprint);
  return { isOk: code === 0, output };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--data-only')) process.exit((await prepareData()).code);
  const outFlag = process.argv.indexOf('--out');
  const { isOk } = await buildSite({
    outDir: outFlag < 0 ? 'dist' : process.argv[outFlag + 1],
    isSkippedWhenFresh: process.argv.includes('--if-changed'),
  });
  process.exit(isOk ? 0 : 1);
}
