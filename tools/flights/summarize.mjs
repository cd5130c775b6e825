/** What a run of flights looks like in numbers, which the page and the provenance quote. */
import { EPOCH_MS } from './read-source.mjs';

const MINUTE_MS = 60_000;

/** Rows `[start, end)` of the source. Shares are fractions; delays are whole minutes. */
export function summarize(source, { start, end }) {
  const delays = source.delayMinutes.slice(start, end).sort();
  const countWhere = (keep) => delays.reduce((count, delay) => count + (keep(delay) ? 1 : 0), 0);
  const share = (keep) => Number((countWhere(keep) / delays.length).toFixed(4));
  return {
    count: end - start,
    firstArrival: localTime(source.departureMinutes[start]),
    lastArrival: localTime(source.departureMinutes[end - 1]),
    origins: new Set(source.origin.subarray(start, end)).size,
    busiest: busiestOrigins(source, { start, end }),
    earlyCount: countWhere((delay) => delay < 0),
    earlyShare: share((delay) => delay < 0),
    overAnHourShare: share((delay) => delay > 60),
    delayMinutesMin: delays[0],
    delayMinutesMedian: percentile(delays, 0.5),
    delayMinutesP90: percentile(delays, 0.9),
    delayMinutesP99: percentile(delays, 0.99),
    delayMinutesMax: delays.at(-1),
  };
}

/** Flights over two hours ahead of their timetable, in the source's order. */
export function flightsFarAhead(source) {
  const found = [];
  source.delayMinutes.forEach((delayMinutes, row) => {
    if (delayMinutes >= -120) return;
    found.push({
      origin: source.airports[source.origin[row]],
      destination: source.airports[source.destination[row]],
      left: localTime(source.departureMinutes[row]),
      delayMinutes,
    });
  });
  return found;
}

/** Nearest rank: the smallest value that at least `fraction` of all values do not exceed. */
function percentile(sorted, fraction) {
  return sorted[Math.ceil(fraction * sorted.length) - 1];
}

function busiestOrigins(source, { start, end }) {
  const counts = new Map();
  for (let row = start; row < end; row++) {
    const code = source.airports[source.origin[row]];
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const byCount = ([codeA, a], [codeB, b]) => b - a || (codeA < codeB ? -1 : 1);
  return [...counts].sort(byCount).slice(0, 5);
}

function localTime(minute) {
  return new Date(EPOCH_MS + minute * MINUTE_MS).toISOString().slice(0, 16);
}
