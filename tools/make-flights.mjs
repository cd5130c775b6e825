/**
 * Makes public/data/flights from vega-datasets: the committed files, and one file a day (not
 * committed) under days/. Does nothing when they are up to date.
 *
 *   node tools/make-flights.mjs            make what is missing or stale
 *   node tools/make-flights.mjs --force    make everything again
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { committedFiles, dayFiles } from './flights/products.mjs';
import {
  FLIGHT_COUNT,
  SOURCE_FILE,
  readFlightColumns,
  readSourceBytes,
} from './flights/read-source.mjs';

const tools = dirname(fileURLToPath(import.meta.url));
const root = join(tools, '..');
const out = join(root, 'public', 'data', 'flights');

async function main() {
  const startedMs = performance.now();
  const source = await readSourceBytes(join(root, SOURCE_FILE));
  const madeBy = await fingerprint(source);
  if (!process.argv.includes('--force') && (await isUpToDate(madeBy))) {
    console.log('flights: up to date');
    return;
  }
  const columns = await readFlightColumns(source);
  await mkdir(out, { recursive: true });
  for (const [name, bytes] of committedFiles(columns)) await writeFile(join(out, name), bytes);
  const days = await writeDays(columns, madeBy);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`flights: ${FLIGHT_COUNT} flights in ${days} day files, ${seconds} s`);
}

async function writeDays(columns, madeBy) {
  const folder = join(out, 'days');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const days = [];
  for (const { date, count, bytes } of dayFiles(columns)) {
    await writeFile(join(folder, `${date}.bin`), bytes);
    days.push({ date, count, bytes: bytes.length });
  }
  const index = { format: 'millrace-flight-days', version: 1, count: FLIGHT_COUNT, madeBy, days };
  // Written last: without it, the folder is unfinished and made again.
  await writeFile(join(folder, 'index.json'), `${JSON.stringify(index)}\n`);
  return days.length;
}

/** Changes when the source or any line that turns it into files changes. */
async function fingerprint(source) {
  const hash = createHash('sha256').update(source);
  const names = (await readdir(join(tools, 'flights'))).sort();
  for (const name of names) hash.update(await readFile(join(tools, 'flights', name)));
  return hash.digest('hex');
}

async function isUpToDate(madeBy) {
  try {
    const index = JSON.parse(await readFile(join(out, 'days', 'index.json'), 'utf8'));
    if (index.madeBy !== madeBy) return false;
    for (const { date, bytes } of index.days) {
      if ((await stat(join(out, 'days', `${date}.bin`))).size !== bytes) return false;
    }
    for (const name of ['evening.bin', 'day.bin', 'summary.json', 'PROVENANCE.md']) {
      await stat(join(out, name));
    }
    return true;
  } catch {
    // Missing or unreadable: made again.
    return false;
  }
}

await main();
