import { WATERMARK_MIN } from '../core/time.ts';

/**
 * Models Flink 2.3 `IndexedCombinedWatermarkStatus` (and `CombinedWatermarkStatus` under it): how
 * an operator with several inputs merges what each of them says. The smallest watermark of the
 * inputs that are not idle counts; when all are idle the combined watermark stays where it is
 * (unlike between the channels of one input, where the largest is let out).
 * Invariant: `watermarkMs` never decreases.
 */
export class CombinedWatermarkStatus {
  readonly #watermarksMs: Float64Array;
  readonly #isIdle: Uint8Array;
  watermarkMs = WATERMARK_MIN;
  isIdle = false;

  constructor(inputCount: number) {
    this.#watermarksMs = new Float64Array(inputCount).fill(WATERMARK_MIN);
    this.#isIdle = new Uint8Array(inputCount);
  }

  /** Takes a watermark of one input, now active; returns whether the combined one grew. */
  updateWatermark(input: number, watermarkMs: number): boolean {
    this.#isIdle[input] = 0;
    if (watermarkMs > (this.#watermarksMs[input] as number))
      this.#watermarksMs[input] = watermarkMs;
    return this.#combine();
  }

  /** One input becomes idle or active; returns whether the combined watermark grew. */
  updateStatus(input: number, isIdle: boolean): boolean {
    this.#isIdle[input] = isIdle ? 1 : 0;
    return this.#combine();
  }

  #combine(): boolean {
    let minimum = Infinity;
    for (let input = 0; input < this.#watermarksMs.length; input += 1) {
      if (this.#isIdle[input] === 1) continue;
      minimum = Math.min(minimum, this.#watermarksMs[input] as number);
    }
    this.isIdle = minimum === Infinity;
    if (this.isIdle || minimum <= this.watermarkMs) return false;
    this.watermarkMs = minimum;
    return true;
  }
}
