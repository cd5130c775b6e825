import { type RunFacts } from '../facts/run-facts.ts';
import { type KeyStyles } from '../key-styles.ts';
import { clockText, precisionFor, timeTicks, type ClockPrecision } from '../time-text.ts';
import {
  dotRadii,
  drawStems,
  groupDots,
  placeDots,
  type DotGroup,
  type DotLook,
  type DotMark,
  type DotRadii,
} from './dots.ts';
import { createScales, plotBox, type PlotBox, type Scales } from './scales.ts';
import { layoutCheckpoints, layoutTears, type CheckpointLine, type Tear } from './tears.ts';
import { layoutTimers, type TimerPole } from './timer-poles.ts';
import { isSmallRun, type PlaneView } from './view.ts';
import { drawDiagonal, drawWatermark } from './watermark-lines.ts';
import { layoutColumns, type WindowColumn } from './window-columns.ts';

export interface PlaneSize {
  readonly width: number;
  readonly height: number;
}

export interface Tick {
  readonly at: number;
  readonly text: string;
}

/** Records that exist but are out of sight, by the side they are on. */
export interface OutOfSight {
  readonly above: number;
  readonly before: number;
  readonly after: number;
}

/** Everything of the plane that doesn't depend on the cursor, in pixels. */
export interface PlaneLayout {
  readonly size: PlaneSize;
  readonly plot: PlotBox;
  readonly scales: Scales;
  readonly precision: ClockPrecision;
  readonly eventTicks: readonly Tick[];
  readonly processingTicks: readonly Tick[];
  readonly diagonal: string;
  readonly isSmall: boolean;
  readonly radii: DotRadii;
  readonly marks: readonly DotMark[];
  readonly dots: readonly DotGroup[];
  /** Dots of other keys while one is in focus: a texture without shapes. */
  readonly backdrop: readonly DotGroup[];
  readonly stems: string;
  readonly watermark: string;
  readonly splitWatermarks: readonly string[];
  readonly columns: readonly WindowColumn[];
  readonly timers: readonly TimerPole[];
  readonly checkpoints: readonly CheckpointLine[];
  readonly tears: readonly Tear[];
  readonly outOfSight: OutOfSight;
}

export interface PlaneOptions {
  readonly view: PlaneView;
  readonly styles: KeyStyles;
  /** Index of the only key to show in full, or -1 for all. */
  readonly focusKey: number;
}

/** Computes the plane of a run for a size in px and a view. */
export function layoutPlane(facts: RunFacts, size: PlaneSize, options: PlaneOptions): PlaneLayout {
  const { view, styles, focusKey } = options;
  const plot = plotBox(size);
  const scales = createScales(view, plot);
  const isSmall = isSmallRun(facts);
  const radii = dotRadii(facts.records.length, plot.width);
  const isFocused = (mark: DotMark): boolean => focusKey < 0 || mark.record.key === focusKey;
  const placed = placeDots(facts.records, styles, scales);
  const marks = focusKey < 0 ? placed : placed.filter(isFocused);
  const others = focusKey < 0 ? [] : placed.filter((mark) => !isFocused(mark)).map(quiet);
  const precision = precisionFor(view.processingMs);
  return {
    ...{ size, plot, scales, precision, isSmall, radii, marks },
    eventTicks: ticks(view.eventMs, plot.width / 76, scales.x, precision),
    processingTicks: ticks(view.processingMs, plot.height / 64, scales.y, precision),
    diagonal: drawDiagonal(scales),
    dots: isSmall ? [] : groupDots(marks, focusKey < 0 ? radii : { ...radii, keyed: 4 }),
    backdrop: groupDots(others, radii),
    stems: drawStems(marks, scales, stemLooks(isSmall, focusKey)),
    watermark: drawWatermark(facts.watermarks.merged, scales, 0.5),
    splitWatermarks: facts.watermarks.splits.map((split) => drawWatermark(split, scales, 1.5)),
    columns: layoutColumns(facts.windows, facts.failures, scales, focusKey),
    timers: layoutTimers(facts, scales, options),
    checkpoints: layoutCheckpoints(facts.checkpoints, scales),
    tears: layoutTears(facts.failures, scales),
    outOfSight: countOutOfSight(facts, view),
  };
}

/** The mark nearest to a point of the plane, within `reachPx`. */
export function markNear(
  layout: PlaneLayout,
  x: number,
  y: number,
  reachPx: number,
): DotMark | undefined {
  let nearest: DotMark | undefined;
  let least = reachPx;
  for (const mark of layout.marks) {
    const distance = Math.hypot(mark.x - x, mark.y - y);
    if (distance >= least) continue;
    least = distance;
    nearest = mark;
  }
  return nearest;
}

// Hundreds of stems would be a curtain in front of everything else.
function stemLooks(isSmall: boolean, focusKey: number): readonly DotLook[] {
  if (isSmall) return ['late', 'dropped', 'replayed'];
  return focusKey < 0 ? [] : ['dropped'];
}

function quiet(mark: DotMark): DotMark {
  return { ...mark, style: 0, look: 'plain' };
}

function ticks(
  span: PlaneView['eventMs'],
  count: number,
  scale: (ms: number) => number,
  precision: ClockPrecision,
): readonly Tick[] {
  return timeTicks(span, count).map((ms) => ({ at: scale(ms), text: clockText(ms, precision) }));
}

function countOutOfSight({ records }: RunFacts, view: PlaneView): OutOfSight {
  let [above, before, after] = [0, 0, 0];
  for (const { eventMs, atMs } of records) {
    if (eventMs < view.eventMs[0]) before += 1;
    else if (eventMs > view.eventMs[1]) after += 1;
    else if (atMs > view.processingMs[1]) above += 1;
  }
  return { above, before, after };
}
