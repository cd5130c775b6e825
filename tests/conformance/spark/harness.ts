import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HashedKeys } from './hashed-keys.ts';
import type { Outcome, SparkScenario } from './scenario.ts';

const folder = path.dirname(fileURLToPath(import.meta.url));
const target = path.join(folder, 'target');
const classpathFile = path.join(target, 'classpath.txt');

/** The version that the scenarios are run on, as pom.xml has it. */
export const SPARK_VERSION = '4.2.0';

/** What Spark asks of a JVM that runs it (JavaModuleOptions). */
const OPENED = [
  'java.lang',
  'java.lang.invoke',
  'java.lang.reflect',
  'java.io',
  'java.net',
  'java.nio',
  'java.util',
  'java.util.concurrent',
  'java.util.concurrent.atomic',
  'sun.nio.ch',
  'sun.nio.cs',
  'sun.security.action',
  'sun.util.calendar',
].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`);

/** Why no real engine can be run here; undefined when one can. */
export function whyNoHarness(): string | undefined {
  for (const [tool, option] of [
    ['java', '-version'],
    ['mvn', '--version'],
  ] as const) {
    try {
      execFileSync(tool, [option], { stdio: 'ignore' });
    } catch {
      return `there is no ${tool} here: install a JDK 17 or newer and Maven 3`;
    }
  }
  return undefined;
}

/** Compiles the harness; Maven loads Spark the first time. */
export function buildHarness(): void {
  const goals = ['compile', 'dependency:build-classpath', `-Dmdep.outputFile=${classpathFile}`];
  execFileSync('mvn', ['-q', '-B', ...goals], { cwd: folder, stdio: 'inherit' });
}

/** Runs scenarios on Spark itself, in one JVM. The harness must have been built. */
export function runOnSpark(scenarios: readonly SparkScenario[]): readonly Outcome[] {
  return runLines(scenarios) as readonly Outcome[];
}

/** What Spark hashes keys to, for each set of them. */
export function hashOnSpark(keys: readonly HashedKeys[]): readonly HashedKeys[] {
  const outcomes = runLines(keys) as readonly { readonly hashes: readonly number[] }[];
  return keys.map((set, at) => ({ ...set, hashes: outcomes[at]!.hashes }));
}

function runLines(lines: readonly unknown[]): readonly unknown[] {
  const work = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'millrace-'));
  try {
    const [input, output] = [path.join(work, 'scenarios.jsonl'), path.join(work, 'outcomes.jsonl')];
    writeFileSync(input, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const classpath = [path.join(target, 'classes'), readFileSync(classpathFile, 'utf8').trim()];
    const options = ['-Xmx1500m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...OPENED];
    execFileSync(
      'java',
      [
        ...options,
        `-Djava.io.tmpdir=${work}`,
        '-cp',
        classpath.join(path.delimiter),
        'millrace.conformance.Main',
        input,
        output,
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    const written = readFileSync(output, 'utf8').trim().split('\n');
    return written.map((line): unknown => JSON.parse(line));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
