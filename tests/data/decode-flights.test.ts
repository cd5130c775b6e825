import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeFlights, fnv1a } from '../../tools/flights/encode.mjs';
import { DataError } from '../../src/data/data-error.ts';
import { decodeFlights } from '../../src/data/decode-flights.ts';
import { flightRecords } from '../../src/data/flights.ts';

/** Three flights: ORD 0:10 +5 to DFW, DFW 0:10 −3 to ORD, ORD 23:59 +400 to ATL. */
const source = {
  airports: ['ORD', 'DFW', 'ATL', 'ZZZ'],
  departureMinutes: Int32Array.of(10, 10, 1439),
  delayMinutes: Int16Array.of(5, -3, 400),
  distanceMiles: Uint16Array.of(802, 802, 606),
  origin: Uint8Array.of(0, 1, 0),
  destination: Uint8Array.of(1, 0, 2),
};
const three = encodeFlights(source, { start: 0, end: 3 });
const bodyAt = three.indexOf(0x0a) + 1;

/** The three flights with another header; the checksum is made to fit unless given. */
function withHeader(change: Readonly<Record<string, unknown>>): Uint8Array {
  const header = JSON.parse(three.subarray(0, bodyAt).toString());
  const line = `${JSON.stringify({ ...header, ...change })}\n`;
  return Buffer.concat([Buffer.from(line), three.subarray(bodyAt)]);
}

/** The three flights with other bytes in the body, and a checksum that fits them. */
function withBody(at: number, ...bytes: number[]): Uint8Array {
  const body = Buffer.from(three.subarray(bodyAt));
  body.set(bytes, at);
  const changed = withHeader({ fnv1a: fnv1a(body) });
  return Buffer.concat([changed.subarray(0, changed.indexOf(0x0a) + 1), body]);
}

function problem(bytes: Uint8Array): string {
  try {
    decodeFlights(bytes, 'three.bin');
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    expect(error.message).toContain('node tools/make-flights.mjs --force');
    return error.message.slice(0, error.message.indexOf(' Load it again'));
  }
  return 'none';
}

describe('decodeFlights', () => {
  it('gives back what was encoded', () => {
    const midnightMs = Date.UTC(2001, 0, 1);
    const minute = (minutes: number): number => midnightMs + minutes * 60_000;
    const flights = flightRecords(decodeFlights(three, 'three.bin'));
    expect(flights).toEqual([
      {
        key: 'ORD',
        value: { origin: 'ORD', destination: 'DFW', delayMinutes: 5, distanceMiles: 802 },
        timestampMs: minute(5),
        arrivalMs: minute(10),
      },
      {
        key: 'DFW',
        value: { origin: 'DFW', destination: 'ORD', delayMinutes: -3, distanceMiles: 802 },
        timestampMs: minute(13),
        arrivalMs: minute(10),
      },
      {
        key: 'ORD',
        value: { origin: 'ORD', destination: 'ATL', delayMinutes: 400, distanceMiles: 606 },
        timestampMs: minute(1039),
        arrivalMs: minute(1439),
      },
    ]);
  });

  it('lists only the airports that are used, in alphabetical order', () => {
    expect(decodeFlights(three, 'three.bin').airports).toEqual(['ATL', 'DFW', 'ORD']);
  });

  it('names what is wrong with a file that is cut short', () => {
    expect(problem(three.subarray(0, three.length - 1))).toBe(
      'three.bin: body is "23 bytes (cut short)", expected 24 bytes.',
    );
  });

  it('refuses every truncation', () => {
    for (let length = 0; length < three.length; length++) {
      expect(problem(three.subarray(0, length)), `${length} bytes`).not.toBe('none');
    }
  });

  it('refuses any single changed byte of the body', () => {
    for (let at = bodyAt; at < three.length; at++) {
      const bytes = Buffer.from(three);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      expect(problem(bytes), `byte ${at}`).toContain('three.bin: body checksum is');
    }
  });

  it('refuses a page of HTML in place of the data', () => {
    expect(problem(Buffer.from('<!doctype html>\n<html></html>'))).toBe(
      'three.bin: header is "<!doctype html>", expected a line of JSON.',
    );
  });

  it.each([
    ['format', { format: 'cars' }, 'format is "cars", expected millrace-flights.'],
    ['version', { version: 2 }, 'version is 2, expected 1.'],
    ['count', { count: -3 }, 'count is -3, expected a whole number from 1 to 100000.'],
    ['count', { count: 1e9 }, 'count is 1000000000, expected a whole number from 1 to 100000.'],
    ['epochMs', { epochMs: 'noon' }, 'epochMs is "noon", expected ms since 1970, not negative.'],
    ['bytes', { bytes: 8 }, 'bytes is 8, expected 24.'],
    [
      'columns',
      { columns: ['origin:u8'] },
      'columns is ["origin:u8"], expected arrivalMinutes:u16',
    ],
    ['fnv1a', { fnv1a: 7 }, 'fnv1a is 7, expected 8 hex digits.'],
    ['airports', { airports: ['ORD', 'ORD'] }, 'airports is ["ORD","ORD"], expected at most 256'],
    ['airports', { airports: ['<b>'] }, 'airports is ["<b>"], expected at most 256'],
    ['airports', { airports: undefined }, 'airports is missing, expected at most 256'],
  ])('names a wrong %s in the header', (_, change, expected) => {
    expect(problem(withHeader(change))).toContain(`three.bin: ${expected}`);
  });

  it.each([
    ['arrival out of order', withBody(2, 9, 0), 'arrivalMinutes[1] is 9, expected from 10'],
    ['arrival after the day', withBody(4, 0xa0, 5), 'arrivalMinutes[2] is 1440, expected from 10'],
    [
      'delay beyond two days',
      withBody(6, 0, 0x7f),
      'delayMinutes[0] is 32512, expected at most 2880',
    ],
    ['distance of nothing', withBody(12, 0, 0), 'distanceMiles[0] is 0, expected from 1 to 6000.'],
    ['origin not in the table', withBody(18, 3), 'origin[0] is 3, expected an index below 3.'],
    [
      'destination not in the table',
      withBody(23, 9),
      'destination[2] is 9, expected an index below 3.',
    ],
  ])('names a value out of range: %s', (_, bytes, expected) => {
    expect(problem(bytes)).toContain(`three.bin: ${expected}`);
  });

  it('does not depend on where in a buffer the bytes lie', () => {
    const shifted = new Uint8Array(three.length + 1);
    shifted.set(three, 1);
    expect(decodeFlights(shifted.subarray(1), 'three.bin').count).toBe(3);
  });

  it('reads the committed files', () => {
    const day = readFileSync('public/data/flights/day.bin');
    expect(decodeFlights(day, 'day.bin').count).toBe(16_538);
  });
});
