import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FlinkScenario, StepOutcome } from './scenario.ts';

const folder = path.dirname(fileURLToPath(import.meta.url));
const target = path.join(folder, 'target');
const classpathFile = path.join(target, 'classpath.txt');

/** The version that the scenarios are run on, as pom.xml has it. */
export const FLINK_VERSION = '2.3.0';

/** Compiles the harness; Maven loads Flink the first time. */
export function buildHarness(): void {
  const goals = ['compile', 'dependency:build-classpath', `-Dmdep.outputFile=${classpathFile}`];
  execFileSync('mvn', ['-q', '-B', ...goals], { cwd: folder, stdio: 'inherit' });
}

/** Runs scenarios on Flink's own operators, in one JVM. The harness must have been built. */
export function runOnFlink(
  scenarios: readonly FlinkScenario[],
): readonly (readonly StepOutcome[])[] {
  const work = mkdtempSync(path.join(tmpdir(), 'millrace-'));
  try {
    const [input, output] = [path.join(work, 'scenarios.jsonl'), path.join(work, 'outcomes.jsonl')];
    writeFileSync(input, scenarios.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const classpath = [path.join(target, 'classes'), readFileSync(classpathFile, 'utf8').trim()];
    const options = ['-Xmx1g', '-XX:+UseSerialGC', `-Djava.io.tmpdir=${work}`];
    const main = 'millrace.conformance.Main';
    execFileSync('java', [...options, '-cp', classpath.join(path.delimiter), main, input, output], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const written = readFileSync(output, 'utf8').trim().split('\n');
    return written.map((line) => JSON.parse(line) as readonly StepOutcome[]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
