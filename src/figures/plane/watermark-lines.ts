import { type WatermarkStretch } from '../facts/watermark-facts.ts';
import { CompactPath } from './compact-path.ts';
import { type Scales } from './scales.ts';

/**
 * A watermark as a staircase: it rests while processing time rises, then jumps right. Steps that
 * would be finer than `grainPx` are drawn as one.
 */
export function drawWatermark(
  stretches: readonly WatermarkStretch[],
  scales: Scales,
  grainPx: number,
): string {
  const path = new CompactPath();
  for (const { points, endMs } of stretches) {
    const firstY = scales.yInside(points[0].atMs);
    let drawnX = scales.plot.left;
    let x = drawnX;
    path.moveTo(drawnX, firstY);
    for (const { atMs, watermarkMs } of points) {
      x = scales.xInside(watermarkMs);
      if (x - drawnX < grainPx) continue;
      path.verticalTo(scales.yInside(atMs)).horizontalTo(x);
      drawnX = x;
    }
    path.verticalTo(scales.yInside(endMs)).horizontalTo(x);
  }
  return path.toString();
}

/** The ideal watermark: event time equals processing time. Empty when it is out of sight. */
export function drawDiagonal(scales: Scales): string {
  const from = Math.max(scales.view.eventMs[0], scales.view.processingMs[0]);
  const to = Math.min(scales.view.eventMs[1], scales.view.processingMs[1]);
  if (from >= to) return '';
  return new CompactPath()
    .moveTo(scales.x(from), scales.y(from))
    .lineTo(scales.x(to), scales.y(to))
    .toString();
}
