import { type Trace } from '#engine';
import { keyText } from '../key-styles.ts';
import { clockText, durationText, type ClockPrecision } from '../time-text.ts';

/** One reading in a line: `ORD · happened 18:05, seen 18:21 · 16 min later`. */
export function recordText(trace: Trace, readRow: number, precision: ClockPrecision): string {
  const { key, a, atMs } = trace.columns;
  const lateMs = atMs[readRow] - a[readRow];
  const name = key[readRow] < 0 ? '' : `${keyText(trace.keys[key[readRow]])} · `;
  const times = `happened ${clockText(a[readRow], precision)}, seen ${clockText(atMs[readRow], precision)}`;
  if (lateMs === 0) return `${name}${times} · at once`;
  return `${name}${times} · ${durationText(lateMs)} ${lateMs > 0 ? 'later' : 'ahead of it'}`;
}
