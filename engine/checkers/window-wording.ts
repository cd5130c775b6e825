import { timeText } from '../trace/narration.ts';
import type { Json, Trace } from '../trace/trace.ts';

/** A time of day as short as it can be said: `18:15`, `18:14:59.999`. */
export function clockText(timeMs: number): string {
  return timeText(timeMs).replace(/^(\d\d:\d\d):00$/, '$1');
}

/** A key as people write it. */
export function keyText(key: Json | undefined): string {
  return typeof key === 'string' ? key : JSON.stringify(key ?? null);
}

/** A window of a key: `[18:00, 18:15) of ORD`. */
export function windowText(
  trace: Trace,
  window: { readonly key: number; readonly startMs: number; readonly endMs: number },
): string {
  const { startMs, endMs, key } = window;
  return `[${clockText(startMs)}, ${clockText(endMs)}) of ${keyText(trace.keys[key])}`;
}

/** A result line for comparing by eye: `ORD [18:00, 18:15): 3`. */
export function resultText(
  trace: Trace,
  window: { readonly key: number; readonly startMs: number; readonly endMs: number },
  count: number,
): string {
  const { startMs, endMs, key } = window;
  return `${keyText(trace.keys[key])} [${clockText(startMs)}, ${clockText(endMs)}): ${count}`;
}
