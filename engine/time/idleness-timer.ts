/**
 * Models the IdlenessTimer of Flink 2.x `WatermarksWithIdleness`: a split is idle when more than
 * the timeout passed since the first periodic check that saw no activity.
 * Simplified: time while the source is held back by its consumers counts too.
 * Invariant: a split with a record since the last check is not idle.
 */
export class IdlenessTimer {
  readonly #timeoutMs: number;
  #activityCount = 0;
  #seenCount = 0;
  #startMs: number | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  activity(): void {
    this.#activityCount += 1;
  }

  /** Called at each periodic emission. */
  checkIfIdle(nowMs: number): boolean {
    if (this.#activityCount !== this.#seenCount) {
      this.#seenCount = this.#activityCount;
      this.#startMs = undefined;
      return false;
    }
    if (this.#startMs === undefined) {
      this.#startMs = nowMs;
      return false;
    }
    return nowMs - this.#startMs > this.#timeoutMs;
  }

  /** The first moment at which a check can change anything. */
  nextCheckMs(nowMs: number): number {
    if (this.#activityCount !== this.#seenCount || this.#startMs === undefined) return nowMs;
    return this.#startMs + this.#timeoutMs + 1;
  }
}
