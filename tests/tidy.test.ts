import { describe, expect, test } from 'vitest';
import { missingPieces } from './tidy/content-folders.ts';
import { documentedExports } from './tidy/exports.ts';
import { deadLinks } from './tidy/links.ts';
import { wholeNames } from './tidy/names.ts';
import { RULES_PER_FILE } from './tidy/rules.ts';
import { trackedFiles, trackedPaths } from './tidy/tracked-files.ts';

describe('every tracked file', () => {
  const files = trackedFiles();

  test('is found', () => {
    expect(files.map((file) => file.path)).toContain('package.json');
  });

  test.each(Object.entries({ ...RULES_PER_FILE, wholeNames, documentedExports }))(
    'keeps the rule %s',
    (_, rule) => {
      expect(files.flatMap(rule)).toEqual([]);
    },
  );
});

test('every exercise and design question is complete', () => {
  expect(missingPieces(trackedPaths())).toEqual([]);
});

test('every link in the papers leads somewhere', () => {
  expect(deadLinks(trackedFiles(), trackedPaths())).toEqual([]);
});
