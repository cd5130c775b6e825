import { describe, expect, it } from 'vitest';
import { parseFlightDays } from '../../src/data/flight-days.ts';

const index = {
  format: 'millrace-flight-days',
  version: 1,
  count: 5,
  days: [
    { date: '2001-01-01', count: 2, bytes: 90 },
    { date: '2001-01-02', count: 3, bytes: 98 },
  ],
};
const parse = (change: object): unknown =>
  parseFlightDays(JSON.stringify({ ...index, ...change }), 'days/index.json');

describe('parseFlightDays', () => {
  it('gives the days in order', () => {
    expect(parse({})).toEqual({ count: 5, days: index.days });
  });

  it.each([
    ['no JSON', 'oops', 'days/index.json: index is "oops", expected JSON.'],
    ['no object', 'null', 'days/index.json: format is missing'],
  ])('refuses %s', (_, text, expected) => {
    expect(() => parseFlightDays(text, 'days/index.json')).toThrow(expected);
  });

  it.each([
    [{ format: 'x' }, 'format is "x", expected millrace-flight-days.'],
    [{ version: 9 }, 'version is 9, expected 1.'],
    [{ days: {} }, 'days is {}, expected a list.'],
    [{ days: [...index.days].reverse() }, 'days[1] is {"date":"2001-01-01"'],
    [{ days: [{ date: '../../x', count: 5, bytes: 1 }] }, 'days[0] is {"date":"../../x"'],
    [{ count: 6 }, 'count is 6, expected 5, the sum over the days.'],
  ])('names the field: %j', (change, expected) => {
    expect(() => parse(change)).toThrow(`days/index.json: ${expected}`);
  });
});
