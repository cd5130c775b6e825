import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadAllFlights, loadFlights } from '../../src/data/load-flights.ts';

const evening = readFileSync('public/data/flights/evening.bin');
const respondWith = (reply: () => Response): string[] => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    return reply();
  });
  return asked;
};
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

describe('loadFlights', () => {
  it('fetches from below the base of the site', async () => {
    vi.stubEnv('BASE_URL', '/millrace/');
    const asked = respondWith(() => new Response(evening));
    expect((await loadFlights('evening')).count).toBe(2000);
    expect(asked).toEqual(['/millrace/data/flights/evening.bin']);
  });

  it('says which file is missing', async () => {
    respondWith(() => new Response('', { status: 404 }));
    await expect(loadFlights('day')).rejects.toThrow(
      'day.bin: HTTP status is 404, expected 200. Check the connection, then reload the page.',
    );
  });

  it('says that there was no reply', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(loadFlights('day')).rejects.toThrow(
      'day.bin: fetch is TypeError: Failed to fetch',
    );
  });
});

describe('loadAllFlights', () => {
  const days = {
    count: 2,
    days: ['2001-01-01', '2001-01-02'].map((date) => ({ date, count: 1, bytes: 1 })),
  };

  it('fetches a day only when it is asked for', async () => {
    const asked = respondWith(() => new Response(evening));
    const flights = loadAllFlights(days);
    expect(asked).toEqual([]);
    await flights.next();
    expect(asked).toEqual(['/data/flights/days/2001-01-01.bin']);
  });

  it('says how the days are made', async () => {
    respondWith(() => new Response('', { status: 404 }));
    await expect(loadAllFlights(days).next()).rejects.toThrow('node tools/make-flights.mjs');
  });
});
