import { type TraceReader } from '#engine';
import { extent, quantileSorted } from 'd3-array';
import { type RunFacts } from '../facts/run-facts.ts';
import { type Span } from '../time-text.ts';

/** The part of the plane in sight. */
export interface PlaneView {
  readonly eventMs: Span;
  readonly processingMs: Span;
}

/** Up to this many readings, every record is drawn large, with its key written beside it. */
export const SMALL_RUN_RECORDS_MAX = 90;

/** Whether each record can be drawn by itself. */
export function isSmallRun(facts: RunFacts): boolean {
  return facts.records.length <= SMALL_RUN_RECORDS_MAX;
}

/**
 * Everything the run did. A timer or a window far off (a year ahead, or seconds taken for ms) is
 * left out: it would squeeze the rest into a line. The state table has it.
 */
export function wholeView(facts: RunFacts): PlaneView {
  const { atMs } = facts.trace.columns;
  const start = atMs[0] ?? 0;
  const first = facts.records[0]?.atMs ?? start;
  const processing: Span = [first, atMs[facts.trace.rowCount - 1] ?? start];
  const records = facts.records.map(({ eventMs }) => eventMs);
  const reach = reachOf(records, processing);
  const [eventFrom, eventTo] = extent([
    ...records,
    ...facts.windows.flatMap(({ startMs, endMs }) => [startMs, endMs]).filter(isWithin(reach)),
    ...facts.timers.map(({ timeMs }) => timeMs).filter(isWithin(reach)),
  ]);
  return {
    eventMs: widen([eventFrom ?? start, eventTo ?? start], 0.03),
    processingMs: widen(processing, 0.05),
  };
}

const REACH = 2;
const REACH_MS_MIN = 60_000;

/** The records' event times, and twice their length or the run's on either side. */
function reachOf(eventTimes: readonly number[], [runFrom, runTo]: Span): Span {
  const [from, to] = extent(eventTimes);
  if (from === undefined || to === undefined) return [-Infinity, Infinity];
  const length = REACH * Math.max(to - from, runTo - runFrom, REACH_MS_MIN);
  return [from - length, to + length];
}

function isWithin([from, to]: Span): (timeMs: number) => boolean {
  return (timeMs) => timeMs >= from && timeMs <= to;
}

/**
 * What a reader should see first. A small run whole; of a large one the stretch where the mass of
 * the records is, cut at window bounds, so that a handful of extremely late records doesn't
 * squeeze everything else into a corner.
 */
export function firstView(facts: RunFacts): PlaneView {
  const whole = wholeView(facts);
  if (isSmallRun(facts)) return whole;
  const reads = middle(
    facts.records.map(({ atMs }) => atMs),
    0,
    0.975,
  );
  const mass = middle(
    facts.records.map(({ eventMs }) => eventMs),
    0.01,
    0.995,
  );
  // A third of a screen before the run began shows how late records come, but not how far back.
  const event: Span = [Math.max(mass[0], reads[0] - (reads[1] - reads[0]) / 3), mass[1]];
  const inside = facts.windows.filter(
    ({ startMs, endMs }) =>
      endMs > event[0] &&
      startMs <= event[1] &&
      startMs >= whole.eventMs[0] &&
      endMs <= whole.eventMs[1],
  );
  const eventMs: Span = [
    Math.min(event[0], ...inside.map(({ startMs }) => startMs)),
    Math.max(event[1], ...inside.map(({ endMs }) => endMs)),
  ];
  const spare = (reads[1] - reads[0]) * 0.04;
  return { eventMs, processingMs: clamp([reads[0] - spare, reads[1] + spare], whole.processingMs) };
}

/** Zooms by `factor` (> 1 comes closer) around a point of the plane. */
export function zoomView(
  view: PlaneView,
  factor: number,
  around: { readonly eventMs: number; readonly processingMs: number },
  bounds: PlaneView,
): PlaneView {
  return {
    eventMs: clamp(scaleSpan(view.eventMs, factor, around.eventMs), bounds.eventMs),
    processingMs: clamp(
      scaleSpan(view.processingMs, factor, around.processingMs),
      bounds.processingMs,
    ),
  };
}

/** Moves the view by shares of its own size: `{ event: 0.5 }` is half a screen to the right. */
export function panView(
  view: PlaneView,
  share: { readonly event: number; readonly processing: number },
  bounds: PlaneView,
): PlaneView {
  return {
    eventMs: shiftInside(view.eventMs, share.event, bounds.eventMs),
    processingMs: shiftInside(view.processingMs, share.processing, bounds.processingMs),
  };
}

function scaleSpan([from, to]: Span, factor: number, around: number): Span {
  return [around - (around - from) / factor, around + (to - around) / factor];
}

function shiftInside([from, to]: Span, share: number, [least, most]: Span): Span {
  const wanted = (to - from) * share;
  const shift = Math.max(least - from, Math.min(most - to, wanted));
  return [from + shift, to + shift];
}

function clamp([from, to]: Span, [least, most]: Span): Span {
  return [Math.max(from, least), Math.min(to, most)];
}

function middle(values: readonly number[], low: number, high: number): Span {
  const sorted = [...Float64Array.from(values).sort()];
  return [quantileSorted(sorted, low) ?? 0, quantileSorted(sorted, high) ?? 0];
}

function widen([from, to]: Span, share: number): Span {
  const spare = (to - from || 1_000) * share;
  return to > from ? [from - spare, to + spare] : [from - 1_000, to + 1_000];
}

const FOLLOW_STEP = 0.25;

/**
 * The view, moved up in steps of a quarter when `nowMs` has left it at the top, so that a rising
 * now line never goes out of sight and the picture doesn't have to be laid out anew at each step.
 */
export function followView(view: PlaneView, nowMs: number, bounds: PlaneView): PlaneView {
  const [from, to] = view.processingMs;
  const past = nowMs - to;
  if (past <= 0) return view;
  const share = Math.ceil(past / ((to - from) * FOLLOW_STEP)) * FOLLOW_STEP;
  return panView(view, { event: 0, processing: share }, bounds);
}

const START_SHARE = 0.62;

/**
 * Where to open a run. In the thick of a large one past, now and yet to come are all in sight; a
 * small one is shown as it ended.
 */
export function rowToStartAt(facts: RunFacts, reader: TraceReader): number {
  if (isSmallRun(facts)) return reader.rowCount - 1;
  const [from, to] = firstView(facts).processingMs;
  return reader.rowAtTime(from + (to - from) * START_SHARE);
}
