import { WATERMARK_MAX, WATERMARK_MIN } from '../core/time.ts';
import type { WatermarkAlignment } from '../time/watermark-strategy.ts';
import type { SourceTask } from './source-task.ts';

/**
 * Models watermark alignment of Flink 2.x (SourceCoordinator.announceCombinedWatermark): every
 * update interval, the smallest watermark of a group's sources, idle ones left out, plus the
 * allowed drift is announced, and splits whose watermark is ahead of that are not read until a
 * later announcement lets them go on.
 * Simplified: reports and announcements of one round happen at the same moment.
 * Invariant: alignment changes when a record is read, never what is read.
 */
export class SourceAlignment {
  readonly settings: WatermarkAlignment;
  readonly #sources: SourceTask[] = [];

  constructor(settings: WatermarkAlignment) {
    this.settings = settings;
  }

  add(source: SourceTask): void {
    this.#sources.push(source);
  }

  /** One round; returns whether another is needed: some source has not read all it has. */
  announce(): boolean {
    const alive = this.#sources.filter((source) => !source.isDead && !source.isFinished);
    let lowestMs = WATERMARK_MAX;
    for (const source of alive) {
      const watermarkMs = source.reportedWatermarkMs;
      if (watermarkMs < lowestMs) lowestMs = watermarkMs;
    }
    const { maxDriftMs } = this.settings;
    const hasOverflow = lowestMs > WATERMARK_MAX - maxDriftMs;
    const allowedMs = hasOverflow ? WATERMARK_MAX : Math.max(lowestMs, WATERMARK_MIN) + maxDriftMs;
    for (const source of alive) source.allowWatermark(allowedMs);
    return alive.some((source) => source.hasUnread);
  }

  get isHolding(): boolean {
    return this.#sources.some((source) => !source.isDead && source.hasPaused);
  }
}
