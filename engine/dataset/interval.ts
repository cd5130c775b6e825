import { ConfigError } from '../core/errors.ts';

const UNITS: { readonly [unit: string]: number } = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 31 * 86_400_000,
  year: 372 * 86_400_000,
};

/**
 * The length of an interval as Spark writes it, in ms: `10 minutes`, `1 hour 30 minutes`,
 * `INTERVAL 5 SECONDS`. Models Spark 4.2.0 IntervalUtils.stringToInterval.
 * Simplified: whole ms (Spark: µs); a month has 31 days and a year 12 months everywhere, as in a
 * watermark's delay (EventTimeWatermark.getDelayMs).
 * @throws ConfigError when it is no interval.
 */
export function parseInterval(text: string): number {
  const words = String(text).trim().toLowerCase().split(/\s+/);
  if (words[0] === 'interval') words.shift();
  let totalMs = 0;
  if (words.length === 0 || words.length % 2 !== 0) throw noInterval(text);
  for (let at = 0; at < words.length; at += 2) {
    const amount = Number(words[at]);
    const unit = (words[at + 1] as string).replace(/s$/, '');
    const unitMs = UNITS[unit];
    const isAmount = /^[-+]?\d+(\.\d+)?$/.test(words[at] as string);
    if (!isAmount || unitMs === undefined) throw noInterval(text);
    totalMs += amount * unitMs;
  }
  if (!Number.isInteger(totalMs)) throw noInterval(text);
  return totalMs;
}

function noInterval(text: string): ConfigError {
  return new ConfigError(
    '[CANNOT_PARSE_INTERVAL] an interval is a number and a unit, in whole milliseconds',
    text,
    "write for example '10 minutes' or '1 hour 30 minutes'",
  );
}
