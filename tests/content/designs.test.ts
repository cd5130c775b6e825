import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { judgeDay, reviewDesign, simulateDay } from '#engine';
import type { Design } from '#engine';
import { CHOICES } from '../../content/designs/choices.ts';
import { computeClaims } from '../../content/designs/live-departures-board/claims.ts';
import { estimates } from '../../content/designs/live-departures-board/estimates.ts';
import { rubric } from '../../content/designs/live-departures-board/rubric.ts';
import {
  defaultsDesign,
  microBatchDesign,
  modelDesign,
  scenario,
  weakDesign,
} from '../../content/designs/live-departures-board/scenario.ts';
import { parseClarifications } from '../../content/designs/question-and-answer.ts';
import { RUBRIC_LEVELS } from '../../content/designs/schema.ts';

const folder = 'content/designs/live-departures-board';

/** One line a verdict: `missed fresh: hot-key`. */
function card(design: Design): readonly string[] {
  const day = simulateDay({ ...scenario, design });
  return judgeDay(day, scenario.objectives).map(({ objective, isMet, cause }) =>
    isMet ? `met ${objective.id}` : `missed ${objective.id}: ${cause ?? 'no cause'}`,
  );
}

function evidence(design: Design, objectiveId: string): string {
  const day = simulateDay({ ...scenario, design });
  const verdicts = judgeDay(day, scenario.objectives);
  return verdicts.find(({ objective }) => objective.id === objectiveId)?.evidence ?? '';
}

const allMet = scenario.objectives.map(({ id }) => `met ${id}`);

describe('the scorecard of the live departures board', () => {
  test('the model answer keeps every promise', () => {
    expect(card(modelDesign)).toEqual(allMet);
  });

  test('the model answer gives every subtask equally many partitions', () => {
    expect(modelDesign.partitions % modelDesign.parallelism).toBe(0);
  });

  test('micro-batches with a short trigger keep every promise too', () => {
    expect(card(microBatchDesign)).toEqual(allMet);
  });

  test('the weak answer breaks all but the cost, each for its own reason', () => {
    expect(card(weakDesign)).toEqual([
      'missed fresh: partitions',
      'missed recovered: partitions',
      'missed complete: watermark-delay',
      'missed exact: crash',
      'missed headroom: partitions',
      'met cost',
    ]);
  });

  test('the systems as they come keep only the cost', () => {
    expect(card(defaultsDesign).filter((line) => line.startsWith('met'))).toEqual(['met cost']);
  });

  test.each<[string, Partial<Design>, readonly string[]]>([
    ['no salt', { keying: 'natural' }, ['missed fresh: hot-key', 'missed recovered: hot-key']],
    ['too few salts', { saltCount: 4 }, ['missed fresh: hot-key']],
    [
      'one global window',
      { keying: 'global' },
      ['missed fresh: global-key', 'missed recovered: global-key', 'missed headroom: global-key'],
    ],
    [
      'too few partitions',
      { partitions: 6 },
      ['missed fresh: partitions', 'missed recovered: partitions', 'missed headroom: partitions'],
    ],
    ['an impatient watermark', { watermarkDelaySeconds: 10 }, ['missed complete: watermark-delay']],
    [
      'a patient watermark',
      { watermarkDelaySeconds: 90 },
      ['missed fresh: watermark-delay', 'missed recovered: watermark-delay'],
    ],
    [
      'slow transactions',
      { sink: 'transactional', checkpointIntervalSeconds: 120 },
      ['missed fresh: commit', 'missed recovered: commit'],
    ],
    [
      'a slow trigger',
      { engine: 'micro-batch', triggerIntervalSeconds: 60 },
      ['missed fresh: trigger', 'missed recovered: trigger'],
    ],
    ['a counter', { sink: 'increment' }, ['missed exact: crash']],
    ['plain inserts', { sink: 'append' }, ['missed exact: crash']],
    ['unaligned barriers', { guarantee: 'at-least-once' }, ['missed exact: crash']],
    [
      'no checkpoints',
      { guarantee: 'none' },
      ['missed fresh: crash', 'missed recovered: crash', 'missed exact: crash'],
    ],
    ['four times the slots', { partitions: 64, parallelism: 64 }, ['missed cost: no cause']],
  ])('the model answer with %s misses exactly what it should', (_, change, missed) => {
    const lines = card({ ...modelDesign, ...change });
    expect(lines.filter((line) => line.startsWith('missed'))).toEqual(missed);
  });

  test('the evidence names the key, the numbers and the second', () => {
    expect(evidence({ ...modelDesign, keying: 'natural' }, 'fresh')).toMatch(
      /since 13:00:\d\d\. ORD is a hot key: its subtask gets 6,690 records\/s and does 2,500\/s/,
    );
    expect(evidence({ ...modelDesign, sink: 'increment' }, 'exact')).toMatch(
      /^At 17:30:52 a replay added 18,600 records a second time/,
    );
    expect(evidence({ ...modelDesign, partitions: 6 }, 'fresh')).toContain(
      '6 partitions keep only 6 of 16 subtasks busy',
    );
    expect(evidence({ ...modelDesign, guarantee: 'none' }, 'exact')).toContain(
      'there was no checkpoint to restore',
    );
  });

  test('a day without twists leaves only what the design does by itself', () => {
    const quiet = { ...scenario, twists: [] };
    const day = simulateDay({ ...quiet, design: { ...modelDesign, sink: 'increment' } });
    expect(judgeDay(day, scenario.objectives).every(({ isMet }) => isMet)).toBe(true);
  });
});

describe('the texts', () => {
  const slugs = readdirSync('content/designs', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

  test.each(slugs)('%s has all its parts', (slug) => {
    const parts = ['question.mdx', 'clarifications.md', 'estimates.ts', 'answer.mdx', 'rubric.ts'];
    for (const part of [...parts, 'follow-ups.md', 'scenario.ts']) {
      expect(existsSync(`content/designs/${slug}/${part}`), `${slug}/${part}`).toBe(true);
    }
  });

  test('every clarification is a question with an answer', () => {
    const file = `${folder}/clarifications.md`;
    const clarifications = parseClarifications(readFileSync(file, 'utf8'), file);
    expect(clarifications.length).toBeGreaterThanOrEqual(6);
  });

  test.each([
    ['a heading that is no question', '## Scale\n\nBig.', 'ends with "?"'],
    ['a question without an answer', '## How big?\n', 'has no answer'],
    ['the same question twice', '## Why?\n\na\n\n## Why?\n\nb', 'there twice'],
    ['no question at all', 'nothing', 'at least one'],
  ])('%s is refused with its place', (_, text, message) => {
    expect(() => parseClarifications(text, 'x.md')).toThrow(message);
    expect(() => parseClarifications(text, 'x.md')).toThrow('x.md');
  });

  test('the answer uses every computed number, and no other name', () => {
    const text = readFileSync(`${folder}/answer.mdx`, 'utf8');
    const used = new Set([...text.matchAll(/\{n\.(\w+)\}/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(computeClaims()).sort());
  });

  test('the answer’s arguments hold in the runs', () => {
    const claims = computeClaims();
    const share = (text: string): number => Number.parseFloat(text);
    expect(share(claims.freshShare)).toBeGreaterThan(98);
    expect(share(claims.unsaltedShare)).toBeLessThan(60);
    expect(share(claims.slowTransactionShare)).toBeLessThan(50);
    expect(share(claims.hastyLate)).toBeGreaterThan(10);
    expect(share(claims.lateShare)).toBeLessThan(0.1);
    expect(Number(claims.salts)).toBeLessThanOrEqual(modelDesign.saltCount);
  });

  test('estimates are finite, positive and have a way to be right', () => {
    for (const { id, value, toleranceFactor } of estimates) {
      expect(Number.isFinite(value) && value > 0, id).toBe(true);
      expect(toleranceFactor, id).toBeGreaterThan(1);
    }
  });

  test('the rubric says something at each level', () => {
    for (const { signals } of rubric) {
      expect(Object.keys(signals)).toEqual([...RUBRIC_LEVELS]);
    }
  });

  test('the form offers every field of a design once, and the model answer has no flaw', () => {
    expect(CHOICES.map(({ field }) => field).sort()).toEqual(Object.keys(modelDesign).sort());
    expect(reviewDesign(modelDesign)).toEqual([]);
    expect(reviewDesign(defaultsDesign)).toEqual([]);
  });
});
