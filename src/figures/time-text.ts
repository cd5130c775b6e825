/** Half-open span of time: `[from, to)`, in ms. */
export type Span = readonly [fromMs: number, toMs: number];

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const STEPS_MS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR_MS),
  ...[1, 2, 7, 14, 28, 91, 364].map((count) => count * DAY_MS),
];

/** How finely clock times are written: no more digits than the figure's span needs. */
export type ClockPrecision = 'minutes' | 'seconds' | 'milliseconds';

/** The coarsest precision that still tells the moments of a span apart. */
export function precisionFor([fromMs, toMs]: Span): ClockPrecision {
  if (toMs - fromMs >= 20 * MINUTE_MS) return 'minutes';
  return toMs - fromMs >= 5 * SECOND_MS ? 'seconds' : 'milliseconds';
}

/** Clock time of a moment in ms since 1970, read as UTC: `07:45`, `07:45:10`, `07:45:10.250`. */
export function clockText(atMs: number, precision: ClockPrecision): string {
  if (!Number.isFinite(atMs) || Math.abs(atMs) > 8.64e15)
    return atMs > 0 ? 'the end' : 'no time yet';
  const clock = new Date(atMs).toISOString().slice(11, 23);
  if (precision === 'milliseconds') return clock;
  return precision === 'seconds' ? clock.slice(0, 8) : clock.slice(0, 5);
}

/** A moment to the last digit that is not zero: `07:45`, `07:44:59.999`. */
export function exactClockText(atMs: number): string {
  if (atMs % MINUTE_MS === 0) return clockText(atMs, 'minutes');
  return clockText(atMs, atMs % SECOND_MS === 0 ? 'seconds' : 'milliseconds');
}

/** As `exactClockText`, with the day in front when it is another one than that of `nearMs`. */
export function exactMomentText(atMs: number, nearMs: number): string {
  const clock = exactClockText(atMs);
  const isNear = Math.floor(atMs / DAY_MS) === Math.floor(nearMs / DAY_MS);
  if (isNear || !(Math.abs(atMs) <= 8.64e15)) return clock;
  return `${new Date(atMs).toISOString().replace(/T.*/, '')} ${clock}`;
}

/** A length of time in the two units that matter: `1 h 05 min`, `12 min`, `30 s`, `250 ms`. */
export function durationText(lengthMs: number): string {
  const rounded = Math.abs(Math.round(lengthMs));
  if (rounded < SECOND_MS) return `${rounded} ms`;
  if (rounded < 2 * MINUTE_MS) return `${Number((rounded / SECOND_MS).toFixed(1))} s`;
  const minutes = Math.round(rounded / MINUTE_MS);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  const hours = `${Math.floor(minutes / 60)} h`;
  return rest === 0 ? hours : `${hours} ${String(rest).padStart(2, '0')} min`;
}

/** Round moments in `span`, about `count` of them, at steps a clock face has. */
export function timeTicks([fromMs, toMs]: Span, count: number): readonly number[] {
  const wanted = (toMs - fromMs) / Math.max(1, count);
  const step = STEPS_MS.find((candidate) => candidate >= wanted) ?? STEPS_MS[STEPS_MS.length - 1];
  const first = Math.ceil(fromMs / step) * step;
  const length = Math.max(0, Math.floor((toMs - first) / step) + 1);
  return Array.from({ length }, (_, index) => first + index * step);
}
