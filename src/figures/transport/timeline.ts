import { area, curveStep } from 'd3-shape';
import { type RunFacts } from '../facts/run-facts.ts';

/** The scrub bar: processing time from left to right, coloured by what happened. */
export interface Timeline {
  readonly fromMs: number;
  readonly toMs: number;
  readonly width: number;
  readonly height: number;
  /** How many records were read when, as an area. */
  readonly reads: string;
  readonly drops: string;
  readonly firings: string;
  readonly checkpoints: readonly number[];
  readonly failures: readonly { readonly x: number; readonly width: number }[];
}

const BUCKET_WIDTH = 7;
const READS_TOP = 3;
const FIRING_HEIGHT = 8;

/** Lays the whole run out on a bar of this size in px. */
export function layoutTimeline(facts: RunFacts, width: number, height: number): Timeline {
  const { atMs } = facts.trace.columns;
  const fromMs = atMs[0] ?? 0;
  const toMs = Math.max(fromMs + 1, atMs[facts.trace.rowCount - 1] ?? 0);
  const x = (ms: number): number => ((ms - fromMs) / (toMs - fromMs)) * width;
  const reads = facts.records.map((record) => x(record.atMs));
  const dropped = facts.records.filter(({ lateness }) => lateness === 'dropped');
  const perBucketMax = Math.max(1, ...countBuckets(reads, width));
  const fired = new Set([
    ...facts.windows.flatMap(({ firings }) => firings.map((firing) => tenth(x(firing.atMs)))),
    ...facts.timers.flatMap(({ firings }) => firings.map((firing) => tenth(x(firing.atMs)))),
  ]);
  return {
    ...{ fromMs, toMs, width, height },
    reads: density(reads, width, height, perBucketMax),
    drops: density(
      dropped.map((record) => x(record.atMs)),
      width,
      height,
      perBucketMax,
    ),
    firings: [...fired].map((at) => `M${at} ${height}v-${FIRING_HEIGHT}`).join(''),
    checkpoints: facts.checkpoints.map(({ triggeredMs }) => tenth(x(triggeredMs))),
    failures: facts.failures.map((failure) => {
      const start = x(failure.atMs);
      return { x: start, width: Math.max(4, x(failure.restartedMs ?? failure.atMs) - start) };
    }),
  };
}

/** Processing time at a place of the bar, kept within the run. */
export function timeAt({ fromMs, toMs }: Timeline, share: number): number {
  return fromMs + Math.max(0, Math.min(1, share)) * (toMs - fromMs);
}

function density(places: readonly number[], width: number, height: number, most: number): string {
  if (places.length === 0) return '';
  const draw = area<number>()
    .x((_, index) => tenth(Math.min(width, (index + 0.5) * BUCKET_WIDTH)))
    .y0(height)
    .y1((count) => tenth(height - (count / most) * (height - READS_TOP)))
    .curve(curveStep)
    .digits(1);
  return draw([...countBuckets(places, width)]) ?? '';
}

function countBuckets(places: readonly number[], width: number): Uint32Array {
  const counts = new Uint32Array(Math.max(2, Math.ceil(width / BUCKET_WIDTH)));
  for (const place of places) {
    counts[Math.min(counts.length - 1, Math.floor(place / BUCKET_WIDTH))] += 1;
  }
  return counts;
}

function tenth(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
