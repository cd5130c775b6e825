import { KIND, WATERMARK_MIN, type Trace } from '#engine';

export interface WatermarkPoint {
  readonly row: number;
  readonly atMs: number;
  readonly watermarkMs: number;
}

/** A watermark between two failures: it starts over after each restart. */
export interface WatermarkStretch {
  readonly points: readonly WatermarkPoint[];
  /** When a failure cut it off, or the end of the run. */
  readonly endMs: number;
}

export interface WatermarkFacts {
  /** The minimum over the subtasks the figure is about: what windows and timers obey. */
  readonly merged: readonly WatermarkStretch[];
  /** One entry a split, in the order of the header. */
  readonly splits: readonly (readonly WatermarkStretch[])[];
}

/** Follows the merged watermark and each split's own through all attempts of the run. */
export function collectWatermarks(trace: Trace, focal: readonly number[]): WatermarkFacts {
  const { kind, subtask, atMs, a, c } = trace.columns;
  const merged = new StretchList();
  const splits = trace.header.splits.map(() => new StretchList());
  const current = new Map(focal.map((index) => [index, WATERMARK_MIN]));
  for (let row = 0; row < trace.rowCount; row += 1) {
    if (kind[row] === KIND['watermark-advanced'] && current.has(subtask[row])) {
      current.set(subtask[row], a[row]);
      merged.add(row, atMs[row], Math.min(...current.values()));
    } else if (kind[row] === KIND['split-watermark']) {
      splits[c[row]].add(row, atMs[row], a[row]);
    } else if (kind[row] === KIND['task-manager-failed'] || kind[row] === KIND['function-failed']) {
      for (const list of [merged, ...splits]) list.cut(atMs[row]);
      for (const index of focal) current.set(index, WATERMARK_MIN);
    }
  }
  const endMs = trace.rowCount > 0 ? atMs[trace.rowCount - 1] : 0;
  return { merged: merged.finish(endMs), splits: splits.map((list) => list.finish(endMs)) };
}

/** The last point at or before `row`, or undefined before the first. */
export function watermarkAt(
  stretches: readonly WatermarkStretch[],
  row: number,
  atMs: number,
): WatermarkPoint | undefined {
  const stretch = stretches.findLast(({ points }) => points[0].row <= row);
  if (stretch === undefined || (stretch.endMs < atMs && stretch !== stretches.at(-1))) return;
  let low = 0;
  let high = stretch.points.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (stretch.points[middle].row <= row) low = middle;
    else high = middle - 1;
  }
  return stretch.points[low];
}

class StretchList {
  readonly #finished: WatermarkStretch[] = [];
  #points: WatermarkPoint[] = [];

  add(row: number, atMs: number, watermarkMs: number): void {
    const last = this.#points.at(-1);
    if (watermarkMs === WATERMARK_MIN || watermarkMs === last?.watermarkMs) return;
    this.#points.push({ row, atMs, watermarkMs });
  }

  cut(endMs: number): void {
    if (this.#points.length > 0) this.#finished.push({ points: this.#points, endMs });
    this.#points = [];
  }

  finish(endMs: number): readonly WatermarkStretch[] {
    this.cut(endMs);
    return this.#finished;
  }
}
