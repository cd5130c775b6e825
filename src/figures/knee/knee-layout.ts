import { scaleLinear } from 'd3-scale';
import { curveMonotoneX, line } from 'd3-shape';
import { durationText } from '../time-text.ts';

/** One setting of the watermark delay, and what it costs. */
export interface KneePoint {
  readonly delayMs: number;
  /** Share of records dropped as too late, 0 to 1. */
  readonly droppedShare: number;
  /** How long after its end a window's result came, typically; negative: before its end. */
  readonly resultDelayMs: number;
}

export interface KneeLayout {
  readonly plot: {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
  };
  readonly dropped: string;
  readonly delay: string;
  readonly delayTicks: readonly { readonly x: number; readonly text: string }[];
  readonly shareTicks: readonly { readonly y: number; readonly text: string }[];
  readonly resultTicks: readonly { readonly y: number; readonly text: string }[];
  readonly marks: readonly KneeMark[];
  /** The mark of the current setting: the nearest point. */
  readonly current: KneeMark | undefined;
}

export interface KneeMark {
  readonly point: KneePoint;
  readonly x: number;
  readonly droppedY: number;
  readonly resultY: number;
}

const TICK_STEPS_MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 240];
const MINUTE_MS = 60_000;

/** Lays out both costs over the watermark delay. `points` ascend by `delayMs`. */
export function layoutKnee(
  points: readonly KneePoint[],
  currentDelayMs: number | undefined,
  size: { readonly width: number; readonly height: number },
): KneeLayout {
  const plot = { left: 46, right: size.width - 58, top: 26, bottom: size.height - 38 };
  const delayMsMax = Math.max(MINUTE_MS, ...points.map(({ delayMs }) => delayMs));
  const shareMax = Math.max(0.01, ...points.map(({ droppedShare }) => droppedShare));
  const resultMsMax = Math.max(MINUTE_MS, ...points.map(({ resultDelayMs }) => resultDelayMs));
  const resultMsMin = Math.min(0, ...points.map(({ resultDelayMs }) => resultDelayMs));
  const x = scaleLinear([0, delayMsMax], [plot.left, plot.right]);
  const share = scaleLinear([0, shareMax], [plot.bottom, plot.top]).nice(4);
  const result = scaleLinear([resultMsMin, resultMsMax], [plot.bottom, plot.top]);
  const marks = points.map((point) => ({
    point,
    x: x(point.delayMs),
    droppedY: share(point.droppedShare),
    resultY: result(point.resultDelayMs),
  }));
  return {
    plot,
    marks,
    dropped: draw(marks, ({ droppedY }) => droppedY),
    delay: draw(marks, ({ resultY }) => resultY),
    delayTicks: minuteTicks(delayMsMax, (plot.right - plot.left) / 70).map((ms) => ({
      x: x(ms),
      text: ms === 0 ? '0' : durationText(ms),
    })),
    shareTicks: share.ticks(4).map((at) => ({ y: share(at), text: percentText(at) })),
    resultTicks: minuteTicks(resultMsMax, 4).map((ms) => ({
      y: result(ms),
      text: ms === 0 ? '0' : durationText(ms),
    })),
    current: currentDelayMs === undefined ? undefined : nearest(marks, currentDelayMs),
  };
}

/** When a result came, in words: `38 min late`, `16 min early`. */
export function resultText(resultDelayMs: number): string {
  return `${durationText(resultDelayMs)} ${resultDelayMs < 0 ? 'early' : 'late'}`;
}

/** A share as people say it: `12 %`, `0.4 %`, and `0 %` only when it is nothing. */
export function percentText(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '<0.1 %';
  return `${Number(percent.toFixed(percent < 10 ? 1 : 0))} %`;
}

function draw(marks: readonly KneeMark[], y: (mark: KneeMark) => number): string {
  const path = line<KneeMark>()
    .x((mark) => mark.x)
    .y(y)
    .curve(curveMonotoneX)
    .digits(1);
  return path([...marks]) ?? '';
}

function minuteTicks(mostMs: number, count: number): readonly number[] {
  const wanted = mostMs / MINUTE_MS / Math.max(1, count);
  const step = TICK_STEPS_MINUTES.find((minutes) => minutes >= wanted) ?? 480;
  const length = Math.floor(mostMs / MINUTE_MS / step) + 1;
  return Array.from({ length }, (_, index) => index * step * MINUTE_MS);
}

function nearest(marks: readonly KneeMark[], delayMs: number): KneeMark | undefined {
  return marks.reduce<KneeMark | undefined>((best, mark) => {
    const isNearer =
      best === undefined ||
      Math.abs(mark.point.delayMs - delayMs) < Math.abs(best.point.delayMs - delayMs);
    return isNearer ? mark : best;
  }, undefined);
}
