import { type Trace } from '#engine';
import { type RunFacts } from '../facts/run-facts.ts';
import { type TimerFact } from '../facts/timer-facts.ts';
import { amountOf } from '../facts/window-facts.ts';
import { type KeyStyle, type KeyStyles } from '../key-styles.ts';
import { type Scales } from './scales.ts';

/** A timer as a pole at its event time, from the moment it was set. */
export interface TimerPole {
  readonly timer: TimerFact;
  readonly style: KeyStyle;
  readonly x: number;
}

/** What the timers of one event time let out at one moment, as a flag on their pole. */
export interface TimerFlag {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly lines: readonly { readonly style: KeyStyle; readonly text: string }[];
}

const POLE_GAP = 2.5;
export const FLAG_WIDTH = 40;
export const FLAG_LINE_HEIGHT = 14;
const FLAG_LINES_MAX = 5;

/** Poles of the timers in sight; those of one event time stand side by side. */
export function layoutTimers(
  { timers }: RunFacts,
  scales: Scales,
  { styles, focusKey }: { readonly styles: KeyStyles; readonly focusKey: number },
): readonly TimerPole[] {
  const [from, to] = scales.view.eventMs;
  const standing = new Map<number, Set<number>>();
  return timers
    .filter(
      ({ key, timeMs }) => timeMs >= from && timeMs <= to && (focusKey < 0 || key === focusKey),
    )
    .map((timer) => {
      const keys = standing.get(timer.timeMs) ?? new Set<number>();
      standing.set(timer.timeMs, keys.add(timer.key));
      const place = [...keys].indexOf(timer.key);
      const x = scales.x(timer.timeMs) - Math.min(place, FLAG_LINES_MAX) * POLE_GAP;
      return { timer, style: styles.get(timer.key) ?? 0, x };
    });
}

/** Flags of all firings up to `row`, the oldest first. */
export function flagsAt(
  poles: readonly TimerPole[],
  trace: Trace,
  row: number,
  scales: Scales,
): readonly TimerFlag[] {
  const flags = new Map<
    string,
    { x: number; y: number; lines: { style: KeyStyle; text: string }[] }
  >();
  for (const { timer, style, x } of poles) {
    for (const firing of timer.firings) {
      if (firing.row > row) continue;
      const id = `${timer.timeMs}:${firing.atMs}`;
      const flag = flags.get(id) ?? { x, y: scales.yInside(firing.atMs), lines: [] };
      flags.set(id, flag);
      flag.x = Math.min(flag.x, x);
      flag.lines.push({ style, text: outputText(trace, firing.outputs) });
    }
  }
  const placed: TimerFlag[] = [];
  for (const [id, { x, y, lines }] of flags) {
    const flag = { id, x, y, lines: shorten(lines) };
    // A flag that fired again soon after would cover the first one: it hangs beside it.
    while (placed.some((other) => overlap(other, flag))) flag.x -= FLAG_WIDTH + 4;
    placed.push(flag);
  }
  return placed;
}

/** Height in px of a flag with its lines. */
export function flagHeight({ lines }: TimerFlag): number {
  return lines.length * FLAG_LINE_HEIGHT + 4;
}

function overlap(one: TimerFlag, other: TimerFlag): boolean {
  const isBeside = Math.abs(one.x - other.x) >= FLAG_WIDTH;
  return !isBeside && one.y < other.y + flagHeight(other) && other.y < one.y + flagHeight(one);
}

function outputText({ values, columns }: Trace, outputs: readonly number[]): string {
  if (outputs.length === 0) return 'nothing';
  const amounts = outputs.map((row) => amountOf(values[columns.value[row]]));
  return amounts.map((amount) => amount.toLocaleString('en-US')).join(', ');
}

function shorten(lines: TimerFlag['lines']): TimerFlag['lines'] {
  if (lines.length <= FLAG_LINES_MAX) return lines;
  const text = `+${lines.length - FLAG_LINES_MAX + 1} keys`;
  return [...lines.slice(0, FLAG_LINES_MAX - 1), { style: 0, text }];
}
