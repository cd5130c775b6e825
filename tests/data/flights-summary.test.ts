import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseFlightsSummary } from '../../src/data/flights-summary.ts';

const text = readFileSync('public/data/flights/summary.json', 'utf8');
const withEvening = (change: object): string => {
  const summary = JSON.parse(text);
  return JSON.stringify({ ...summary, evening: { ...summary.evening, ...change } });
};

describe('parseFlightsSummary', () => {
  it('reads what the script wrote', () => {
    expect(parseFlightsSummary(text, 'summary.json').evening.count).toBe(2000);
  });

  it.each([
    ['oops', 'summary is "oops", expected JSON.'],
    ['null', 'evening.count is missing, expected a number.'],
    [withEvening({ origins: 'many' }), 'evening.origins is "many", expected a number.'],
    [withEvening({ lastArrival: 'noon' }), 'evening.lastArrival is "noon", expected YYYY-MM-DD'],
    [withEvening({ busiest: 3 }), 'evening.busiest is 3, expected a list.'],
  ])('names the field that is wrong', (wrong, expected) => {
    expect(() => parseFlightsSummary(wrong, 'summary.json')).toThrow(`summary.json: ${expected}`);
  });
});
