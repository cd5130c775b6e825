import { describe, expect, test } from 'vitest';
import { importsOf } from './import-rules/imports.ts';
import { checkImport, ENGINE_ORDER } from './import-rules/rules.ts';
import { trackedFiles } from './tidy/tracked-files.ts';

/** Checks one import, written `file: statement`. */
function check(notation: string): string {
  const [path = '', text = ''] = notation.split(/: (.*)/s);
  const problems = importsOf({ path, text }).map((found) => checkImport(found) ?? 'fine');
  return problems.join(', ');
}

test('every import of every tracked file keeps the rules', () => {
  const imports = trackedFiles().flatMap(importsOf);
  expect(imports.length).toBeGreaterThan(100);
  const problems = imports.flatMap((found) => {
    const problem = checkImport(found);
    return problem === undefined
      ? []
      : [`${found.from}:${found.line}: '${found.specifier}': ${problem}`];
  });
  expect(problems).toEqual([]);
});

test('every engine folder has its place in the order', () => {
  const paths = trackedFiles().map((file) => file.path);
  const folders = paths.flatMap((path) => /^engine\/([^/]+)\//.exec(path)?.[1] ?? []);
  const order: readonly string[] = ENGINE_ORDER;
  expect([...new Set(folders)].filter((folder) => !order.includes(folder))).toEqual([]);
});

describe('allowed is', () => {
  test.each([
    `engine/flink/a.ts: import { b } from '../state/b.ts';`,
    `engine/index.ts: export * from './flink/a.ts';`,
    `engine/checkers/a.ts: import { b } from '../trace/b.ts';`,
    `content/lessons/a/claims.ts: import { simulate } from '#engine';`,
    `content/schema.ts: import { z } from 'astro/zod';`,
    `src/figures/a.ts: import { scaleLinear } from 'd3-scale';`,
    `src/figures/A.svelte: <script>import type { simulate } from '#engine';</script>`,
    `src/practice/a.ts: import text from '../../content/exercises/a/starter.ts?raw';`,
    `src/lessons/a.ts: import { simulate } from '#engine';`,
  ])('%s', (notation) => {
    expect(check(notation)).toBe('fine');
  });
});

describe('forbidden is', () => {
  test.each([
    [`engine/state/a.ts: import { b } from '../flink/b.ts';`, 'stands above'],
    [`engine/flink/a.ts: import { b } from '../spark/b.ts';`, 'no runtime knows another'],
    [`engine/checkers/a.ts: import { b } from '../flink/b.ts';`, 'a verdict reads the trace'],
    [`engine/core/a.ts: import { b } from 'd3-array';`, 'no dependency'],
    [`engine/core/a.ts: import { b } from '../../src/b.ts';`, 'nothing outside engine/'],
    [`engine/flink/a.ts: import { b } from '../index.ts';`, 'the file itself'],
    [`engine/novel/a.ts: import { b } from '../core/b.ts';`, 'no place in ENGINE_ORDER'],
    [`engine/core/a.ts: type B = import('../flink/b.ts').B;`, 'stands above'],
    [`engine/core/a.ts: import { b } from './b';`, 'ending'],
    [`content/a.ts: import { b } from '../src/site/b.ts';`, 'components from the page'],
    [`content/a.ts: import { b } from '../engine/core/b.ts';`, 'no other door'],
    [`content/lessons/a.mdx: import B from '../../src/lessons/B.astro';`, 'from the page'],
    [`content/a.ts: import { readFileSync } from 'node:fs';`, 'no dependency'],
    [`src/figures/a.ts: import { simulate } from '#engine';`, 'draws a finished trace'],
    [`src/figures/A.svelte: <script>import '../editor/a.ts';</script>`, 'use a prop'],
    [`src/figures/a.ts: import { b } from 'three';`, 'd3 and Svelte only'],
    [`src/sandbox/a.ts: import { b } from '../figures/b.ts';`, 'nothing is drawn'],
    [`src/site/a.ts: const b = await import('../../engine/flink/b.ts');`, 'no other door'],
    [`src/pages/a.astro: ---\nimport B from './b.astro';\n---\n`, 'nothing imports a page'],
    [`src/a.ts: import { b } from '../content/exercises/a/solution.ts';`, 'only in the sandbox'],
  ])('%s', (notation, problem) => {
    expect(check(notation)).toContain(problem);
  });
});
