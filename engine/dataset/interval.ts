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
  if (words.length === 0 || words[0] === '') throw noInterval('INPUT_IS_EMPTY', text);
  let totalMs = 0;
  for (let at = 0; at < words.length; at += 2) {
    totalMs += lengthOf(words[at] as string, words[at + 1], text);
  }
  if (!Number.isInteger(totalMs)) throw noInterval('INVALID_FRACTION', text);
  return totalMs;
}

function lengthOf(amount: string, unit: string | undefined, text: string): number {
  if (!/^[-+]?(\d+(\.\d*)?|\.\d+)$/.test(amount)) throw noInterval('UNRECOGNIZED_NUMBER', text);
  if (unit === undefined) throw noInterval('MISSING_UNIT', text);
  const name = unit.replace(/s$/, '');
  const unitMs = UNITS[name];
  // Only seconds may have a fraction.
  if (amount.includes('.') && name !== 'second') throw noInterval('INVALID_FRACTION', text);
  if (unitMs === undefined) throw noInterval('INVALID_UNIT', text);
  return Number(amount) * unitMs;
}

function noInterval(reason: string, text: string): ConfigError {
  return new ConfigError(
    `[INVALID_INTERVAL_FORMAT.${reason}] an interval is numbers and units, in whole milliseconds`,
    text,
    "write for example '10 minutes' or '1 hour 30 minutes'",
  );
}
