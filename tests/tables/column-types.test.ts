import { describe, expect, test } from 'vitest';
import type { Json } from '#engine';
import { cellOf, columnsOf } from '../../src/tables/column-types.ts';

/** Type of a column with these values. */
function typeOf(...values: Json[]): string | undefined {
  return columnsOf(values.map((value) => ({ value })))[0]?.type;
}

describe('a column has the narrowest type that fits all its values', () => {
  test.each<[string, Json[]]>([
    ['long', [1, -2, 2 ** 53 - 1, null]],
    ['long', [{ BigInt: '9223372036854775807' }, 1]],
    ['double', [1, 0.5]],
    ['double', [2 ** 60]],
    ['double', [1, { Number: 'NaN' }]],
    ['boolean', [true, null, false]],
    ['timestamp', [{ Date: 0 }]],
    ['string', ['a', 'b']],
    ['string', [null]],
  ])('%s for %j', (type, values) => {
    expect(typeOf(...values)).toBe(type);
  });

  test.each<[Json[]]>([
    [[1, 'a']],
    [[true, 1]],
    [[[1, 2]]],
    [[{ deep: { er: 1 } }]],
    [[{ Date: 1e300 }]],
    [[{ Date: 0, zone: 'UTC' }]],
    [[{ BigInt: '9223372036854775808' }]],
  ])('string, as JSON, for %j', (values) => {
    expect(typeOf(...values)).toBe('string');
    const texts = values.map((value) => cellOf(value, 'string'));
    const expected = values.map((value) =>
      typeof value === 'string' ? value : JSON.stringify(value),
    );
    expect(texts).toEqual(expected);
  });

  test('in the order in which columns first appear, whatever rows lack', () => {
    const columns = columnsOf([{ b: 1 }, { a: 'x', b: 0.5 }]);
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual(['b double', 'a string']);
  });
});

test('cells are what their column says', () => {
  expect(cellOf({ BigInt: '9007199254740993' }, 'long')).toBe(9007199254740993n);
  expect(cellOf({ Number: '-Infinity' }, 'double')).toBe(-Infinity);
  expect(cellOf({ Date: 1500 }, 'timestamp')).toEqual(new Date(1500));
  expect([cellOf(undefined, 'long'), cellOf(null, 'string')]).toEqual([null, null]);
});
