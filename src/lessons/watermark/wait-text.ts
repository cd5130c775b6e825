import { count, minutesText } from '../../../content/claims.ts';

/** When a result comes, in words: `16 minutes before the quarter hour ends`. */
export function waitText(minutes: number | undefined): string {
  if (minutes === undefined) return 'no window fired while the feed ran';
  if (minutes === 0) return 'just when the quarter hour ends';
  const direction = minutes < 0 ? 'before' : 'after';
  return `${minutesText(Math.abs(minutes))} ${direction} the quarter hour ends`;
}

/** When a result comes, for a table: `−16 min`, `+38 min`. */
export function waitCell(minutes: number | undefined): string {
  if (minutes === undefined) return '–';
  const sign = minutes < 0 ? '−' : '+';
  return `${sign}${count(Math.abs(minutes))} min`;
}
