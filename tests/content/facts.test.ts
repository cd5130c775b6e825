import { describe, expect, test } from 'vitest';
import { FACTS, readFact, SYSTEMS } from '../../content/facts.ts';
import { findFacts } from '../../src/lessons/lesson-context.ts';
import { readLessons } from './read-lessons.ts';

const facts = Object.entries(FACTS);

describe('facts about real systems', () => {
  test.each(facts)('%s has version, source and day of the check', (_id, fact) => {
    expect(SYSTEMS).toContain(fact.system);
    expect(fact.version).toMatch(/^\d+\.\d+/);
    expect(new URL(fact.source).protocol).toBe('https:');
    expect(fact.checked).toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  test.each(facts)('%s is said in a few short sentences with balanced code marks', (_id, fact) => {
    expect(fact.text.length).toBeLessThan(220);
    expect(fact.text.split('`').length % 2).toBe(1);
  });

  test('every fact is used by a lesson', () => {
    const used = readLessons().flatMap((lesson) => findFacts(lesson.source));
    expect(Object.keys(FACTS).filter((id) => !used.some((usedId) => usedId === id))).toEqual([]);
  });

  test('an unknown id names the id, the file and what to do', () => {
    expect(() => readFact('flink-lunch')).toThrow(
      /unknown fact "flink-lunch": add it to content\/facts\.ts with system, version, source/,
    );
  });
});
