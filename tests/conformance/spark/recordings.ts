import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Outcome, SparkScenario } from './scenario.ts';

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'recorded');
const ENDING = '.jsonl.gz';

/** A scenario and what Spark made of it. */
export interface Recorded {
  readonly scenario: SparkScenario;
  readonly spark: Outcome;
}

/** What a file of recordings says of itself in its first line. */
export interface RecordingHead {
  /** Version of Spark, e.g. `4.2.0`. */
  readonly spark: string;
  readonly java: string;
}

/** A file of recordings. */
export interface Recording {
  readonly head: RecordingHead;
  readonly scenarios: readonly Recorded[];
}

/** The features that have recordings. */
export function recordedFeatures(): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(ENDING));
  return names.map((name) => name.slice(0, -ENDING.length)).sort();
}

/** What was recorded for a feature: a line of JSON each, compressed. */
export function readRecording(feature: string): Recording {
  const text = gunzipSync(readFileSync(path.join(folder, feature + ENDING))).toString('utf8');
  const [head, ...lines] = text.trimEnd().split('\n');
  return {
    head: JSON.parse(head as string) as RecordingHead,
    scenarios: lines.map((line) => JSON.parse(line) as Recorded),
  };
}

/** Replaces what was recorded for a feature. */
export function writeRecording(feature: string, { head, scenarios }: Recording): void {
  mkdirSync(folder, { recursive: true });
  const lines = [head, ...scenarios].map((line) => `${JSON.stringify(line)}\n`);
  writeFileSync(path.join(folder, feature + ENDING), gzipSync(lines.join(''), { level: 9 }));
}
