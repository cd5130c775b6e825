import { describe, expect, test } from 'vitest';
import { claim, count, minutesText, readClaim, share } from '../../content/claims.ts';

const claims = {
  good: claim({
    says: 'seven is more than five',
    value: () => 7,
    format: count,
    holds: (n) => n > 5,
  }),
  broken: claim({ says: 'three is more', value: () => 3, format: count, holds: (n) => n > 5 }),
  empty: claim({ says: 'there is a value', value: () => NaN, format: String }),
};

describe('a claim', () => {
  test('gives its value and its text', () => {
    expect(readClaim(claims, 'good', 'a.mdx')).toEqual({ value: 7, text: '7', broken: undefined });
  });

  test('that does not exist stops the build with file, name and remedy', () => {
    expect(() => readClaim(claims, 'bad', 'a.mdx')).toThrow(
      'a.mdx: claim "bad" does not exist. Add it to claims.ts beside the lesson, ' +
        'or use one of: good, broken, empty.',
    );
    expect(() => readClaim(claims, 'constructor', 'a.mdx')).toThrow(/does not exist/);
  });

  test('that no longer holds stops the build with its sentence, the value and the remedy', () => {
    expect(() => readClaim(claims, 'broken', 'a.mdx')).toThrow(
      'a.mdx: claim "broken" no longer holds (three is more: the run gives 3). ' +
        'Change the sentence to what the run shows, or mend the scenario.',
    );
  });

  test('whose value is no number never holds', () => {
    expect(() => readClaim(claims, 'empty', 'a.mdx')).toThrow(/no longer holds/);
  });

  test('is computed once', () => {
    let runs = 0;
    const counted = claim({ says: 'one', value: () => (runs += 1), format: String });
    expect([counted.compute().value, counted.compute().value, runs]).toEqual([1, 1, 1]);
  });
});

describe('numbers in a text', () => {
  test('are written for reading', () => {
    expect([count(999), count(1000), count(1234567)]).toEqual(['999', '1,000', '1,234,567']);
    expect([share(0.0421), share(0.24), share(0)]).toEqual(['4.2 %', '24 %', '0 %']);
    expect([minutesText(1), minutesText(12.4)]).toEqual(['1 minute', '12 minutes']);
  });
});
