/**
 * Runs scenarios on Apache Flink 2.3.0 in batch execution mode and keeps what it emits:
 * `node tests/conformance/flink-batch/record.ts`. It needs Java 17 and Maven.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawConformance } from './scenario.ts';

const SCENARIO_COUNT = 180;

const folder = path.dirname(fileURLToPath(import.meta.url));
const target = path.join(folder, 'target');
const classpathFile = path.join(target, 'classpath.txt');
const goals = ['compile', 'dependency:build-classpath', `-Dmdep.outputFile=${classpathFile}`];
execFileSync('mvn', ['-q', '-B', ...goals], { cwd: folder, stdio: 'inherit' });

const scenarios = Array.from({ length: SCENARIO_COUNT }, (_, seed) => drawConformance(seed));
const work = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'millrace-'));
try {
  const [input, output] = [path.join(work, 'scenarios.txt'), path.join(work, 'emitted.txt')];
  const lines = scenarios.map(({ kind, streams }) => `${kind}\t${streams.join('|')}\n`);
  writeFileSync(input, lines.join(''));
  const classpath = [path.join(target, 'classes'), readFileSync(classpathFile, 'utf8').trim()];
  const options = ['-cp', classpath.join(path.delimiter), 'millrace.BatchHarness', input, output];
  execFileSync('java', options, { stdio: 'inherit' });
  const emitted = readFileSync(output, 'utf8').split('\n');
  const recorded = scenarios.map((scenario, at) => ({ ...scenario, emitted: emitted[at] ?? '' }));
  const text = recorded.map((line) => `${JSON.stringify(line)}\n`).join('');
  writeFileSync(path.join(folder, 'recorded.jsonl'), text);
} finally {
  rmSync(work, { recursive: true, force: true });
}
