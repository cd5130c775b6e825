import { describe, expect, test } from 'vitest';
import { missingPieces } from './content-folders.ts';
import { documentedExports } from './exports.ts';
import { deadLinks } from './links.ts';
import { wholeNames } from './names.ts';
import * as rules from './rules.ts';
import type { Rule } from './rules.ts';

interface Case {
  readonly rule: Rule;
  readonly path: string;
  readonly good: string;
  readonly bad: string;
}

const longLine = `const a = '${'x'.repeat(100)}';`;

const BY_TEXT: readonly (readonly [string, Case])[] = [
  ['a long file', { rule: rules.fileLength, path: 'a.ts', good: '\n', bad: '\n'.repeat(501) }],
  [
    'a long lesson',
    { rule: rules.fileLength, path: 'content/lessons/a.mdx', good: '\n', bad: '\n'.repeat(151) },
  ],
  ['a long line', { rule: rules.lineLength, path: 'a.ts', good: 'a', bad: longLine }],
  ['open work', { rule: rules.openWork, path: 'src/a.ts', good: '// why', bad: '// TODO: b' }],
  [
    'a starter without a gap',
    { rule: rules.openWork, path: 'content/starter.ts', good: '// TODO: timer', bad: 'a' },
  ],
  [
    'a skipped test',
    { rule: rules.skippedTest, path: 'a.test.ts', good: "test('a')", bad: "test.skip('a')" },
  ],
  [
    'a test without an assertion',
    { rule: rules.assertingTest, path: 'a.test.ts', good: 'expect(1)', bad: 'run()' },
  ],
  [
    'a test that rolls dice',
    { rule: rules.repeatableTest, path: 'tests/a.ts', good: 'random()', bad: 'Math.random()' },
  ],
  [
    'a path of a machine',
    { rule: rules.machinePath, path: 'a.md', good: 'see ./home/a', bad: 'see /home/me/a' },
  ],
  [
    'a registry',
    { rule: rules.registryHost, path: 'a', good: 'https://a.org', bad: 'https://registry.a.org/b' },
  ],
  [
    'a lockfile that names a registry',
    {
      rule: rules.registryHost,
      path: 'package-lock.json',
      good: '"version": "1"',
      bad: '"resolved": "x"',
    },
  ],
  [
    'a model that hides what it simplifies',
    {
      rule: rules.modelHeader,
      path: 'engine/a.ts',
      good: '/** Models A. Simplified: B. Invariant: C. */',
      bad: '/** Models A. Invariant: C. */',
    },
  ],
  [
    'an export that says nothing about itself',
    {
      rule: documentedExports,
      path: 'src/a.ts',
      good: '/** Gives one. */\nexport function one() {}\n/** Two. */\nexport class Two {}',
      bad: '/** Gives one. */\nexport function one() {}\nexport class Two {}',
    },
  ],
  [
    'an abbreviation',
    { rule: wholeNames, path: 'a.ts', good: 'let watermarkMs = 1', bad: 'let wmMs = 1' },
  ],
  [
    'an abbreviation in a component',
    {
      rule: wholeNames,
      path: 'A.svelte',
      good: '<script lang="ts">let index = 1;</script>',
      bad: '<script lang="ts">let idx = 1;</script>',
    },
  ],
];

describe('by its text, the tidy check finds', () => {
  test.each(BY_TEXT)('%s', (_, { rule, path, good, bad }) => {
    expect(rule({ path, text: good })).toEqual([]);
    expect(rule({ path, text: bad })).toHaveLength(1);
  });
});

describe('by its name, the tidy check', () => {
  test.each([
    'engine/core/event-queue.ts',
    'src/figures/EventTimePlane.svelte',
    'src/practice/exercise-session.svelte.ts',
    'src/pages/lessons/[...slug].astro',
    'README.md',
    '.nvmrc',
  ])('passes %s', (path) => {
    expect(rules.fileName({ path, text: '' })).toEqual([]);
  });

  test.each(['src/eventQueue.ts', 'src/utils.ts', 'src/figures/event-plane.svelte', 'src/A_b.ts'])(
    'refuses %s',
    (path) => {
      expect(rules.fileName({ path, text: '' })).toHaveLength(1);
    },
  );

  test('refuses a folder whose name says nothing', () => {
    expect(rules.folderName({ path: 'src/helpers/time.ts', text: '' })).toHaveLength(1);
  });
});

test('the tidy check lists the pieces that an exercise lacks', () => {
  const code = ['starter.ts', 'solution.ts', 'example.ts', 'checks.ts'];
  const pieces = ['exercise.mdx', ...code, 'hints.md'];
  const paths = pieces.map((piece) => `content/exercises/a/${piece}`);
  const missing = missingPieces([...paths, 'content/exercises/a/discussion.mdx']);
  expect(missing).toEqual([
    'content/exercises/a/wrong/: missing: CONTRIBUTING.md says what it holds',
  ]);
});

test('the tidy check finds a link that leads nowhere', () => {
  const text = '[a](STYLE.md) [b](src/b.ts#c) [c](https://example.org/x) ![d](docs/d.png)';
  expect(deadLinks([{ path: 'README.md', text }], ['STYLE.md', 'src/b.ts'])).toEqual([
    'README.md: links to docs/d.png, which is not there: correct the link',
  ]);
});
