import { watermarkAt } from '../facts/watermark-facts.ts';
import { type RunFacts } from '../facts/run-facts.ts';
import { durationText } from '../time-text.ts';
import { type PlaneLayout } from './layout.ts';
import { columnAt, type ColumnMoment, type WindowColumn } from './window-columns.ts';

/** What of the plane depends on the cursor, in pixels. */
export interface PlaneMoment {
  readonly row: number;
  readonly atMs: number;
  readonly nowY: number;
  readonly isAbove: boolean;
  readonly columns: readonly { readonly column: WindowColumn; readonly moment: ColumnMoment }[];
  readonly skew: Skew | undefined;
}

/** The horizontal gap between the watermark and the ideal diagonal on the now line. */
export interface Skew {
  readonly fromX: number;
  readonly toX: number;
  readonly text: string;
}

const SKEW_WIDTH_MIN = 3;

/** Height in px that a tear's text takes above it: the skew would be written over it. */
const TEAR_TEXT = 30;

/** The plane after the fact at `row`: a few numbers, cheap enough for each frame of a scrub. */
export function momentAt(facts: RunFacts, layout: PlaneLayout, row: number): PlaneMoment {
  const { scales } = layout;
  const atMs = facts.trace.columns.atMs[row] ?? scales.view.processingMs[0];
  return {
    row,
    atMs,
    nowY: scales.yInside(atMs),
    isAbove: atMs > scales.view.processingMs[1],
    columns: layout.columns.flatMap((column) => {
      const moment = columnAt(column, row, atMs, scales);
      return moment === undefined ? [] : [{ column, moment }];
    }),
    skew: skewAt(facts, layout, row, atMs),
  };
}

function skewAt(
  facts: RunFacts,
  { scales, tears }: PlaneLayout,
  row: number,
  atMs: number,
): Skew | undefined {
  const point = watermarkAt(facts.watermarks.merged, row, atMs);
  if (point === undefined || atMs > scales.view.processingMs[1]) return;
  const [fromX, toX] = [scales.xInside(point.watermarkMs), scales.xInside(atMs)];
  const nowY = scales.yInside(atMs);
  const skewMs = atMs - point.watermarkMs;
  const isSeen = Math.abs(toX - fromX) >= SKEW_WIDTH_MIN && point.watermarkMs < Date.UTC(9000, 0);
  const isBesideTear = tears.some(({ topY, bottomY }) => nowY < bottomY && nowY > topY - TEAR_TEXT);
  if (!isSeen || isBesideTear) return;
  return { fromX, toX, text: `${durationText(skewMs)} ${skewMs > 0 ? 'behind' : 'ahead'}` };
}

/** The column under a point of the plane, if it has begun to fill there. */
export function columnNear(
  { columns }: PlaneMoment,
  x: number,
  y: number,
): WindowColumn | undefined {
  return columns.find(
    ({ column, moment: { parts } }) =>
      x >= column.x &&
      x < column.x + column.width &&
      parts.some((part) => y >= part.y && y <= part.y + part.height),
  )?.column;
}
