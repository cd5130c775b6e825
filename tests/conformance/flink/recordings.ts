import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { FlinkScenario, StepOutcome } from './scenario.ts';

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'recorded');
const ENDING = '.jsonl.gz';

/** A scenario and what Flink made of it. */
export interface Recorded {
  readonly scenario: FlinkScenario;
  readonly flink: readonly StepOutcome[];
}

/** A file of recordings. Its first line says where they come from. */
export interface Recording {
  /** Versions, e.g. `2.3.0` of Flink. */
  readonly head: { readonly flink: string; readonly java: string };
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
    head: JSON.parse(head as string) as Recording['head'],
    scenarios: lines.map((line) => JSON.parse(line) as Recorded),
  };
}

/** Replaces what was recorded for a feature. */
export function writeRecording(feature: string, { head, scenarios }: Recording): void {
  mkdirSync(folder, { recursive: true });
  const lines = [head, ...scenarios].map((line) => `${JSON.stringify(line)}\n`);
  writeFileSync(path.join(folder, feature + ENDING), gzipSync(lines.join(''), { level: 9 }));
}
