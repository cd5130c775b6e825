/**
 * Counts the full channels that a task sends to. While there is one, the task takes no further
 * input: that is how back pressure travels upstream.
 */
export class OutputCredits {
  readonly #onChange: (isBlocked: boolean) => void;
  #fullCount = 0;

  /** `onChange` is called when the task becomes blocked, and when it may go on. */
  constructor(onChange: (isBlocked: boolean) => void) {
    this.#onChange = onChange;
  }

  get isBlocked(): boolean {
    return this.#fullCount > 0;
  }

  channelFilled(): void {
    this.#fullCount += 1;
    if (this.#fullCount === 1) this.#onChange(true);
  }

  channelDrained(): void {
    this.#fullCount -= 1;
    if (this.#fullCount === 0) this.#onChange(false);
  }
}
