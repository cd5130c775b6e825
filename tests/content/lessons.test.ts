import { describe, expect, test } from 'vitest';
import { findClaimNames } from '../../src/lessons/lesson-context.ts';
import { loadLesson } from '../../src/lessons/load-lesson.ts';
import { readLessons } from './read-lessons.ts';

const LESSON_LINES_MAX = 150;

/** The text that a reader reads: no front matter, code, components' attributes or sources. */
function proseOf(source: string): string {
  return source
    .replace(/^---[\s\S]*?\n---/, '')
    .replace(/```[\s\S]*?```/g, '')
    .replace(/<[A-Z][^>]*>/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
}

/** Counts and shares that nobody computed. Years, times and settings in ms are no results. */
function typedNumbers(prose: string): readonly string[] {
  const found = prose.match(/\b\d+(?:[.,]\d+)? ?%|(?<![.:\d])\b\d[\d,]{2,}\b(?! ms)/g) ?? [];
  return found.filter((text) => !/^(19|20)\d\d$/.test(text));
}

describe.each(readLessons())('$file', ({ file, source }) => {
  const lesson = loadLesson(file, source);

  test.each(
    Object.entries(lesson.claims).map(([name, entry]) => [name, entry.says, entry] as const),
  )('%s: %s', (_name, _says, entry) => {
    expect(entry.compute().broken).toBeUndefined();
  });

  test('uses every claim that it computes, and computes every claim that it uses', () => {
    expect([...findClaimNames(source)].sort()).toEqual(Object.keys(lesson.claims).sort());
  });

  test('types no count or share by hand: use <Claim>', () => {
    expect(typedNumbers(proseOf(source))).toEqual([]);
  });

  test(`is at most ${LESSON_LINES_MAX} lines long`, () => {
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(LESSON_LINES_MAX);
  });

  test('has tables whose columns add up', () => {
    for (const table of Object.values(lesson.tables)) {
      expect(table.streamTotal).toBeLessThanOrEqual(table.batchTotal);
      for (const row of table.rows) expect(row.stream).toBeLessThanOrEqual(row.batch);
    }
  });
});

describe('a lesson’s parts', () => {
  test('names of claims are found in both ways of writing them', () => {
    expect(
      findClaimNames('<Claim name="a" /> <Predict claim="b" unit="c"> <Claim name="a" />'),
    ).toEqual(['a', 'b']);
  });

  test('a lesson without claims.ts is named', () => {
    expect(() => loadLesson('content/lessons/99-x/lesson.mdx', '')).toThrow(
      'content/lessons/99-x/lesson.mdx: no claims.ts beside it',
    );
  });

  test('a number typed by hand is found, a year is not', () => {
    expect(typedNumbers('in 2001 we lost 1,728 flights, 86 %, at 18:59:59.999, 200 ms')).toEqual([
      '1,728',
      '86 %',
    ]);
  });
});
