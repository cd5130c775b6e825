import { expect, test } from 'vitest';
import { shrinkList } from '../../../engine/checkers/shrink.ts';

const NUMBERS = Array.from({ length: 40 }, (_, index) => index);

/** Fails when both 3 and 31 are there. */
function failsWithBoth(items: readonly number[]): string | undefined {
  return items.includes(3) && items.includes(31) ? `of ${items.length}` : undefined;
}

test('leaves only what the failure needs', () => {
  const start = { items: NUMBERS, failure: 'at first' };
  expect(shrinkList(start, failsWithBoth, { left: 1_000 })).toEqual({
    items: [3, 31],
    failure: 'of 2',
  });
});

test('keeps at least one item, and never tries none', () => {
  const tried: number[] = [];
  const fails = (items: readonly number[]): string => {
    tried.push(items.length);
    return 'always';
  };
  expect(shrinkList({ items: NUMBERS, failure: '' }, fails, { left: 1_000 }).items).toHaveLength(1);
  expect(tried).not.toContain(0);
});

test('gives back what it has when the budget is used up', () => {
  const budget = { left: 2 };
  const fails = (items: readonly number[]): string | undefined => {
    budget.left -= 1;
    return failsWithBoth(items);
  };
  const { items } = shrinkList({ items: NUMBERS, failure: 'at first' }, fails, budget);
  expect(budget.left).toBe(0);
  expect(failsWithBoth(items)).toBeDefined();
});
