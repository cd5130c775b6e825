import { scaleLinear } from 'd3-scale';
import { type PlaneView } from './view.ts';

/** Below this width in px, names and margins are short. */
export const NARROW_WIDTH = 520;

export interface PlotBox {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

/** From the two times to pixels: event time runs right, processing time runs up. */
export interface Scales {
  readonly plot: PlotBox;
  readonly view: PlaneView;
  x(eventMs: number): number;
  y(processingMs: number): number;
  eventMs(x: number): number;
  processingMs(y: number): number;
  /** `x` and `y`, kept within the plot. */
  xInside(eventMs: number): number;
  yInside(processingMs: number): number;
  isInside(eventMs: number, processingMs: number): boolean;
}

/** Linear scales from a view to the pixels of a plot. */
export function createScales(view: PlaneView, plot: PlotBox): Scales {
  const x = scaleLinear()
    .domain([...view.eventMs])
    .range([plot.left, plot.right]);
  const y = scaleLinear()
    .domain([...view.processingMs])
    .range([plot.bottom, plot.top]);
  const [eventFrom, eventTo] = view.eventMs;
  const [processingFrom, processingTo] = view.processingMs;
  return {
    plot,
    view,
    x: (eventMs) => x(eventMs),
    y: (processingMs) => y(processingMs),
    eventMs: (pixel) => x.invert(pixel),
    processingMs: (pixel) => y.invert(pixel),
    xInside: (eventMs) => Math.max(plot.left, Math.min(plot.right, x(eventMs))),
    yInside: (processingMs) => Math.max(plot.top, Math.min(plot.bottom, y(processingMs))),
    isInside: (eventMs, processingMs) =>
      eventMs >= eventFrom &&
      eventMs <= eventTo &&
      processingMs >= processingFrom &&
      processingMs <= processingTo,
  };
}

/** The plot within a figure of `size` px: what the axes and their names leave. */
export function plotBox(size: { readonly width: number; readonly height: number }): PlotBox {
  const isNarrow = size.width < NARROW_WIDTH;
  const left = isNarrow ? 42 : 56;
  const right = size.width - (isNarrow ? 10 : 18);
  const top = 30;
  const bottom = size.height - 38;
  return { left, right, top, bottom, width: right - left, height: bottom - top };
}

/**
 * Height in px for a plane of this width. Steep on a phone, where width is dear; flat in a compact
 * figure, which shares the first screen with other things.
 */
export function planeHeight(width: number, isCompact = false): number {
  if (width < NARROW_WIDTH) return Math.round(Math.max(320, width * (isCompact ? 0.95 : 1.12)));
  return Math.round(isCompact ? Math.min(430, width * 0.52) : Math.min(580, width * 0.76));
}
