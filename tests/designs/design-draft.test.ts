import { describe, expect, test } from 'vitest';
import { scenario } from '../../content/designs/live-departures-board/scenario.ts';
import { firstDraft, readDraft } from '../../src/designs/design-draft.ts';

const stored = (draft: unknown): unknown => JSON.parse(JSON.stringify(draft));
const first = firstDraft(scenario);

describe('readDraft', () => {
  test('reads what was stored', () => {
    const draft = {
      ...first,
      asked: ['how-much-is-it'],
      estimates: { 'peak-rate': '20k' },
      ratings: { scope: 'senior' },
    };
    expect(readDraft(stored(draft))).toEqual(draft);
  });

  test('keeps an emptied number field empty', () => {
    const draft = { ...first, design: { ...first.design, partitions: Number.NaN } };
    expect(readDraft(stored(draft))?.design.partitions).toBeNaN();
  });

  test.each([
    ['nothing', undefined],
    ['a text', 'hello'],
    ['a list', []],
    ['no design', { ...first, design: undefined }],
    ['a design without partitions', { ...first, design: { ...first.design, partitions: 'many' } }],
    ['an engine that is no text', { ...first, design: { ...first.design, engine: 3 } }],
    ['an estimate that is no text', { ...first, estimates: { rate: 3 } }],
    ['a level that does not exist', { ...first, ratings: { scope: 'wizard' } }],
    ['a question that is no text', { ...first, asked: [1] }],
  ])('refuses %s', (_, value) => expect(readDraft(value)).toBeUndefined());
});
