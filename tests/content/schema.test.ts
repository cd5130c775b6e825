import { describe, expect, test } from 'vitest';
import { lessonSchema } from '../../content/schema.ts';

const good = {
  title: 'Two clocks',
  summary: 'Which clock answers the question.',
  question: 'Event time or processing time?',
  misconception: 'Processing time is fine.',
  objectives: ['name both clocks'],
  prerequisites: [],
  terms: ['event-time'],
  minutes: 8,
};

/** What is wrong with the front matter: one `field: message` per problem. */
function problems(change: object): readonly string[] {
  const { error } = lessonSchema.safeParse({ ...good, ...change });
  return (error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

describe('front matter of a lesson', () => {
  test('is accepted when complete, and is no draft unless it says so', () => {
    expect(lessonSchema.parse(good).draft).toBe(false);
  });

  test.each([
    ['an unknown key', { minuts: 8 }, /minuts/],
    ['a missing title', { title: undefined }, /^title: /],
    ['a long lesson', { minutes: 40 }, /^minutes: split the lesson: 12 minutes is the most/],
    [
      'an unknown term',
      { terms: ['tide'] },
      /^terms\.0: unknown term "tide": define it in content\/glossary/,
    ],
    ['no objective', { objectives: [] }, /^objectives: name at least one/],
    [
      'a prerequisite that is no slug',
      { prerequisites: ['Event Time'] },
      /^prerequisites\.0: .*hyphens/,
    ],
    ['a rambling summary', { summary: 'x'.repeat(300) }, /^summary: shorten it to 170/],
  ])('%s is refused by name, with the remedy', (_what, change, message) => {
    expect(problems(change).join('\n')).toMatch(message);
  });
});
