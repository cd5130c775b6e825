import { WATERMARK_MIN } from '../core/time.ts';

/**
 * Models Flink 2.x `StatusWatermarkValve`: merges the watermarks of several input channels.
 * The output is the minimum over the active, aligned channels and only ever grows. A channel that
 * returns from idleness counts again once its watermark has caught up with the output. When the
 * last active channel that held the minimum turns idle, the maximum over all channels is let out.
 * Invariant: `watermarkMs` never decreases.
 */
export class StatusWatermarkValve {
  readonly #watermarksMs: Float64Array;
  readonly #isActive: Uint8Array;
  readonly #isAligned: Uint8Array;
  watermarkMs = WATERMARK_MIN;
  isIdle = false;

  constructor(channelCount: number) {
    this.#watermarksMs = new Float64Array(channelCount).fill(WATERMARK_MIN);
    this.#isActive = new Uint8Array(channelCount).fill(1);
    this.#isAligned = new Uint8Array(channelCount).fill(1);
  }

  /** Takes a watermark of one channel; returns whether the merged watermark grew. */
  inputWatermark(channel: number, watermarkMs: number): boolean {
    if (this.isIdle || this.#isActive[channel] === 0) return false;
    if (watermarkMs <= (this.#watermarksMs[channel] as number)) return false;
    this.#watermarksMs[channel] = watermarkMs;
    // An only channel is aligned whenever it is active.
    if (this.#watermarksMs.length === 1) return this.#raiseTo(watermarkMs);
    if (this.#isAligned[channel] === 0 && watermarkMs >= this.watermarkMs) {
      this.#isAligned[channel] = 1;
    }
    return this.#raiseToMinimum();
  }

  /** One channel becomes idle; returns whether the merged watermark grew. */
  inputIdle(channel: number): boolean {
    if (this.#isActive[channel] === 0) return false;
    this.#isActive[channel] = 0;
    this.#isAligned[channel] = 0;
    if (this.#isActive.includes(1)) {
      // The channel may have been the one that held the minimum.
      const held = (this.#watermarksMs[channel] as number) === this.watermarkMs;
      return held ? this.#raiseToMinimum() : false;
    }
    this.isIdle = true;
    const held = (this.#watermarksMs[channel] as number) === this.watermarkMs;
    return held ? this.#raiseTo(Math.max(...this.#watermarksMs)) : false;
  }

  /** One channel becomes active again. */
  inputActive(channel: number): void {
    if (this.#isActive[channel] === 1) return;
    this.#isActive[channel] = 1;
    if ((this.#watermarksMs[channel] as number) >= this.watermarkMs) this.#isAligned[channel] = 1;
    this.isIdle = false;
  }

  channelWatermarkMs(channel: number): number {
    return this.#watermarksMs[channel] as number;
  }

  #raiseToMinimum(): boolean {
    let minimum = Infinity;
    for (let channel = 0; channel < this.#watermarksMs.length; channel += 1) {
      if (this.#isAligned[channel] === 0) continue;
      const watermark = this.#watermarksMs[channel] as number;
      if (watermark < minimum) minimum = watermark;
    }
    return minimum === Infinity ? false : this.#raiseTo(minimum);
  }

  #raiseTo(watermarkMs: number): boolean {
    if (watermarkMs <= this.watermarkMs) return false;
    this.watermarkMs = watermarkMs;
    return true;
  }
}
