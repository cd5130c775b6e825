/** The files made from the source: which rows each holds, and why those. */
import { createHash } from 'node:crypto';
import { encodeFlights } from './encode.mjs';
import { EPOCH_MS, lowerBound } from './read-source.mjs';
import { provenance } from './provenance.mjs';
import { flightsFarAhead, summarize } from './summarize.mjs';

const DAY_MINUTES = 1440;
const DAY_MS = 86_400_000;

/**
 * Friday 22 June 2001, from 18:00. Chosen among all stretches of 2,000 flights that start on the
 * hour in May and June for its mix: three hubs (ORD, DFW, ATL) at work, about a third of the
 * flights ahead of time, half within eleven minutes of it, a tenth over two hours late.
 */
export const EVENING = { date: '2001-06-22', fromMinute: 18 * 60, count: 2000 };

/** The files that are committed, by name. `source` is what `readFlightColumns` gives. */
export function committedFiles(source) {
  const day = rowsOfDay(source, dayIndex(EVENING.date));
  const start = lowerBound(
    source.departureMinutes,
    dayIndex(EVENING.date) * DAY_MINUTES + EVENING.fromMinute,
  );
  const evening = { start, end: start + EVENING.count };
  const files = new Map([
    ['evening.bin', encodeFlights(source, evening)],
    ['day.bin', encodeFlights(source, day)],
  ]);
  const summary = {
    evening: summarize(source, evening),
    day: summarize(source, day),
    all: summarize(source, { start: 0, end: source.departureMinutes.length }),
    farAhead: flightsFarAhead(source),
  };
  files.set('summary.json', Buffer.from(`${JSON.stringify(summary, null, 2)}\n`));
  files.set('PROVENANCE.md', Buffer.from(provenance(summary, hashes(files))));
  return files;
}

/** Every flight: one file a day, `[date, bytes]`, in the order in which they must be replayed. */
export function* dayFiles(source) {
  const last = source.departureMinutes.at(-1);
  for (let day = 0; day * DAY_MINUTES <= last; day++) {
    const rows = rowsOfDay(source, day);
    if (rows.end > rows.start) {
      yield {
        date: new Date(EPOCH_MS + day * DAY_MS).toISOString().slice(0, 10),
        count: rows.end - rows.start,
        bytes: encodeFlights(source, rows),
      };
    }
  }
}

function rowsOfDay(source, day) {
  return {
    start: lowerBound(source.departureMinutes, day * DAY_MINUTES),
    end: lowerBound(source.departureMinutes, (day + 1) * DAY_MINUTES),
  };
}

function dayIndex(date) {
  return (Date.parse(`${date}T00:00:00Z`) - EPOCH_MS) / DAY_MS;
}

function hashes(files) {
  const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
  return [...files].map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: sha256(bytes) }));
}
