import { type Json } from '#engine';
import { clockText } from './time-text.ts';

const TEXT_LENGTH_MAX = 60;

/** A value in one short line: `{origin: ORD, count: 3}` without the quotes JSON would need. */
export function shortText(value: Json): string {
  const text = bareText(value);
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX - 1)}…` : text;
}

const CLOCK_MS_MIN = Date.UTC(1990, 0);
const CLOCK_MS_MAX = Date.UTC(2100, 0);

function bareText(value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && isClockTime(value)) return clockText(value, 'minutes');
  if (Array.isArray(value)) return `[${value.map((item: Json) => bareText(item)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, field]) => `${name}: ${bareText(field)}`);
    return fields.join(', ');
  }
  return String(value);
}

/** Large numbers in keys and results are nearly always moments in ms since 1970. */
export function isClockTime(value: number): boolean {
  return value >= CLOCK_MS_MIN && value < CLOCK_MS_MAX;
}
