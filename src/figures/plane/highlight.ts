import { KIND } from '#engine';
import { type RunFacts } from '../facts/run-facts.ts';
import { type Scales } from './scales.ts';

/** What to light up on the plane: rows of the trace, as `explainOutput` returns them. */
export interface Highlight {
  /** `record-read` rows that the output was computed from. */
  readonly records: readonly number[];
  /** What let the output out, or -1. */
  readonly firing: number;
  /** The watermark that allowed it, or -1. */
  readonly watermarkRow: number;
  /** The `record-read` row that moved the watermark far enough, or -1. */
  readonly releasingRecord: number;
}

export interface HighlightLayout {
  readonly records: readonly { readonly row: number; readonly x: number; readonly y: number }[];
  /** Lines from the records to the firing. */
  readonly rays: string;
  readonly firing: Place | undefined;
  readonly releasing: Place | undefined;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Places what is to be lit up, in px; records out of sight are left out. */
export function layoutHighlight(
  facts: RunFacts,
  { records, firing, watermarkRow, releasingRecord }: Highlight,
  scales: Scales,
): HighlightLayout {
  const { a, atMs } = facts.trace.columns;
  const isInSight = (row: number): boolean => row >= 0 && scales.isInside(a[row], atMs[row]);
  const placeOf = (row: number) => ({ row, x: scales.x(a[row]), y: scales.y(atMs[row]) });
  const places = records.filter(isInSight).map(placeOf);
  const target = firing < 0 ? undefined : placeOfFiring(facts, firing, watermarkRow, scales);
  const rays = places.map(({ x, y }) => {
    const bend = target === undefined ? '' : `Q${x} ${target.y} ${target.x} ${target.y}`;
    return target === undefined ? '' : `M${x} ${y}${bend}`;
  });
  return {
    records: places,
    rays: rays.join(''),
    firing: target,
    releasing: isInSight(releasingRecord) ? placeOf(releasingRecord) : undefined,
  };
}

function placeOfFiring(
  { trace }: RunFacts,
  row: number,
  watermarkRow: number,
  scales: Scales,
): Place {
  const { kind, a, b, atMs } = trace.columns;
  const y = scales.yInside(atMs[row]);
  if (kind[row] === KIND['window-fired']) return { x: scales.xInside(b[row]), y };
  if (kind[row] === KIND['timer-fired']) return { x: scales.xInside(a[row]), y };
  return { x: scales.xInside(a[watermarkRow < 0 ? row : watermarkRow]), y };
}
