// The stages of `npm test`. Each returns `{ passedCount, failedCount, output }`; `output` is shown
// when something failed.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildSite } from './build.mjs';
import { ensureChrome } from './find-chrome.mjs';
import { projectRoot, runCommand } from './project.mjs';

const CACHE = 'node_modules/.cache/millrace';

/** Where the site for the sub-path is built; playwright.config.ts serves it. */
export const SUB_PATH_DIST = `${CACHE}/sub-path-dist`;
export const SUB_PATH = '/millrace/';

/** One count for all commands together. All run, so that one report shows all that is wrong. */
async function runCommands(...commands) {
  let failures = '';
  for (const [command, ...args] of commands) {
    const { code, output } = await runCommand(command, args, { isQuiet: true });
    if (code !== 0)
      failures += output === '' ? `${command} failed with exit code ${code}\n` : output;
  }
  return failures === ''
    ? { passedCount: 1, failedCount: 0, output: '' }
    : { passedCount: 0, failedCount: 1, output: failures };
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(path.join(projectRoot, file), 'utf8'));
  } catch {
    return undefined;
  }
}

/** The counts of a Vitest report. A file that could not be loaded counts as one failure. */
export function countVitest(report) {
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((t) => t.status !== 'failed'),
  );
  const failedCount = report.numFailedTests + broken.length;
  return { passedCount: report.numPassedTests, failedCount };
}

/** The counts of a Playwright report. A test that passed only when retried counts as failed. */
export function countPlaywright(report) {
  const { expected, unexpected, flaky } = report.stats;
  return { passedCount: expected, failedCount: unexpected + flaky + report.errors.length };
}

/** Runs a test runner that writes a JSON report, and counts with `count`. */
async function runReported({ command, args, environment, reportName, count }) {
  const reportFile = `${CACHE}/${reportName}`;
  mkdirSync(path.join(projectRoot, CACHE), { recursive: true });
  rmSync(path.join(projectRoot, reportFile), { force: true });
  const run = await runCommand(command, args(reportFile), { environment, isQuiet: true });
  const report = readReport(reportFile);
  if (report === undefined) return { passedCount: 0, failedCount: 1, output: run.output };
  const counts = count(report);
  // The exit code has the last word: a runner that failed for any other reason has failed.
  if (run.code !== 0 && counts.failedCount === 0) counts.failedCount = 1;
  if (counts.passedCount + counts.failedCount === 0) counts.failedCount = 1;
  return { ...counts, output: run.output };
}

function runUnit() {
  return runReported({
    command: 'vitest',
    args: (file) => ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    reportName: 'vitest.json',
    count: countVitest,
  });
}

async function runBuild() {
  const site = await buildSite({ isQuiet: true, isSkippedWhenFresh: true });
  if (!site.isOk) return { passedCount: 0, failedCount: 1, output: site.output };
  const { isOk, output } = await buildSite({
    outDir: SUB_PATH_DIST,
    environment: { BASE_PATH: SUB_PATH },
    isQuiet: true,
    isSkippedWhenFresh: true,
  });
  return { passedCount: isOk ? 1 : 0, failedCount: isOk ? 0 : 1, output };
}

async function runBrowser() {
  const problem = ensureChrome();
  if (problem !== undefined) return { passedCount: 0, failedCount: 1, output: `${problem}\n` };
  return runReported({
    command: 'playwright',
    args: () => ['test', '--reporter=line,json'],
    environment: { PLAYWRIGHT_JSON_OUTPUT_NAME: path.join(projectRoot, CACHE, 'playwright.json') },
    reportName: 'playwright.json',
    count: countPlaywright,
  });
}

/** In the order in which they run. A stage that fails stops only those that need it. */
export const STAGES = [
  {
    name: 'types',
    run: () =>
      runCommands(
        ['astro', 'sync'],
        // Not `astro check`: that one passes when it can't load the checker.
        ['astro-check'],
        ['svelte-check', '--tsconfig', './tsconfig.json', '--output', 'human'],
      ),
  },
  { name: 'lint', run: () => runCommands(['eslint', '--max-warnings=0', '.']) },
  { name: 'format', run: () => runCommands(['prettier', '--check', '--log-level=warn', '.']) },
  { name: 'unit', run: runUnit },
  { name: 'build', run: runBuild },
  { name: 'browser', needs: 'build', run: runBrowser },
];
