import { type RunFacts } from '../facts/run-facts.ts';
import { keyText } from '../key-styles.ts';
import { clockText, durationText, type ClockPrecision } from '../time-text.ts';

/** One reading in a line: `ORD · happened 18:05, seen 18:21 · 16 min later`. */
export function recordText(
  { trace, recordByRow }: RunFacts,
  readRow: number,
  precision: ClockPrecision,
): string {
  const record = recordByRow.get(readRow);
  if (record === undefined) return `row ${readRow} is no record`;
  const { key, eventMs, atMs } = record;
  const gap = durationText(atMs - eventMs);
  const times = `happened ${clockText(eventMs, precision)}, seen ${clockText(atMs, precision)}`;
  const name = key < 0 ? times : `${keyText(trace.keys[key])} · ${times}`;
  if (atMs === eventMs) return `${name} · at once`;
  return `${name} · ${gap} ${atMs > eventMs ? 'later' : 'ahead of it'}`;
}
