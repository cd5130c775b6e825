/**
 * What was compared with the real engines: read from the recordings that the tests replay, while
 * the site is built.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { commentsOf } from './model-notes.ts';

/** Scenarios about one feature that a real engine ran, and that ours answers in the same way. */
export interface Comparison {
  /** E.g. `Apache Spark 4.2.0`. */
  readonly engine: string;
  readonly feature: string;
  readonly scenarioCount: number;
}

interface RecordedEngine {
  /** Folder of `tests/conformance/`. */
  readonly folder: string;
  readonly name: string;
}

const ENGINES: readonly RecordedEngine[] = [
  { folder: 'spark', name: 'Apache Spark 4.2.0, micro-batches' },
  { folder: 'flink', name: 'Apache Flink 2.3.0, streaming mode' },
  { folder: 'flink-batch', name: 'Apache Flink 2.3.0, batch mode' },
];

/** Features whose name alone does not tell what they are. */
const WORDS: { readonly [feature: string]: string } = {
  'by-time': 'groups by event time',
  chained: 'one stateful operator behind another',
  changes: 'a changed query on the same checkpoint',
  deduplicated: 'dropDuplicates, within the watermark or not',
  groups: 'flatMapGroupsWithState',
  keyed: 'aggregations by key',
  mistakes: 'mistakes in a query, by their error',
  ordered: 'sorting and limits',
  pipelines: 'several operators in a row',
  refusable: 'output modes and what they refuse',
  'static-join': 'joins with a table',
  'stream-join': 'joins of two streams',
  transforms: 'transformWithState',
  unions: 'unions, and several watermarks',
  windowed: 'windows',
};

function wordsOf(feature: string): string {
  return WORDS[feature] ?? feature.replaceAll('-', ' ');
}

/** All comparisons of which `root`, the project's folder, has recordings. */
export function readComparisons(root: string): readonly Comparison[] {
  return ENGINES.flatMap(({ folder, name }) => {
    const own = path.join(root, 'tests/conformance', folder);
    return [...byFeature(own)].map(([feature, scenarioCount]) => {
      return { engine: name, feature: wordsOf(feature), scenarioCount };
    });
  });
}

/** Where the comparators look at less, or away, and why: what they say of themselves. */
export function readExceptions(root: string): readonly string[] {
  return [
    ['spark', 'const EXCEPTIONS = {'],
    ['flink', 'const OPEN = {'],
  ].flatMap(([folder, mark]) => {
    const file = path.join(root, 'tests/conformance', folder as string, 'compare.ts');
    const source = readFileSync(file, 'utf8');
    const start = source.indexOf(mark as string);
    if (start === -1) throw new Error(`${folder}/compare.ts has no ${mark}`);
    return commentsOf(source.slice(start, source.indexOf('} as const', start)));
  });
}

/** A compressed file for each feature, its first line about itself; or one file with kinds. */
function byFeature(folder: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const recorded = path.join(folder, 'recorded');
  const names = existsSync(recorded) ? readdirSync(recorded).sort() : [];
  for (const name of names) {
    if (!name.endsWith('.jsonl.gz')) continue;
    const lines = linesOf(gunzipSync(readFileSync(path.join(recorded, name))));
    counts.set(name.replace('.jsonl.gz', ''), lines.length - 1);
  }
  const plain = path.join(folder, 'recorded.jsonl');
  if (!existsSync(plain)) return counts;
  for (const line of linesOf(readFileSync(plain))) {
    const { kind } = JSON.parse(line) as { readonly kind: string };
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

function linesOf(bytes: Buffer): readonly string[] {
  return bytes.toString('utf8').trimEnd().split('\n');
}
