import type { Random } from '../../../engine/core/random.ts';
import type { Step } from './scenario.ts';

/** What the steps of a scenario may be. */
export interface StepOptions {
  readonly inputCount: 1 | 2;
  /** Share of steps that move the clock. */
  readonly clockShare: number;
  /** Share of steps that restore; default 0.05. */
  readonly restoreShare?: number;
  /** Records bring the gap of their session. */
  readonly hasGaps?: boolean;
  /** Default 1 ms; on the clock more: Flink's test clock fires at once what is due at once. */
  readonly shortestGapMs?: number;
  /** Some records have no timestamp. */
  readonly hasMissingTimes?: boolean;
  /** A last watermark may say that no more records come. */
  readonly mayEnd: boolean;
  /** More steps: for those that do little. */
  readonly isLong?: boolean;
  /** Records lie close together in time and key, and watermarks are rare. */
  readonly isDense?: boolean;
}

/** Random steps, in which watermarks and the clock only go forward. */
export function drawSteps(random: Random, options: StepOptions): readonly Step[] {
  const drawn = new DrawnSteps(random, options);
  const count = random.between(6, options.isLong === true ? 26 : 18);
  for (let at = 0; at < count; at += 1) drawn.add();
  if (options.mayEnd && random.chance(0.7)) drawn.addEnd();
  return drawn.steps;
}

class DrawnSteps {
  readonly steps: Step[] = [];
  readonly #random: Random;
  readonly #options: StepOptions;
  readonly #keys: readonly string[];
  readonly #watermarksMs: number[];
  /** The input that is idle: at most one. */
  #idleInput: number | undefined;
  #eventMs: number;
  #nowMs = 0;

  constructor(random: Random, options: StepOptions) {
    this.#random = random;
    this.#options = options;
    this.#keys =
      options.isDense === true
        ? random.pick([['a'], ['a', 'b']])
        : random.pick([['a'], ['a', 'b'], ['a', 'b', 'c', 'd'], ['k1', 'k2', 'k3', 'k4']]);
    this.#eventMs = random.pick([-30_000, 0, 0, 5_000, 100_000]);
    this.#watermarksMs = new Array<number>(options.inputCount).fill(-Infinity);
  }

  add(): void {
    const random = this.#random;
    if (this.#options.inputCount === 2 && random.chance(0.05)) {
      this.#addStatus();
    } else if (random.chance(this.#options.restoreShare ?? 0.05)) {
      // What was idle before a restore is not any more.
      this.#idleInput = undefined;
      this.steps.push({ type: 'restore', parallelism: random.pick([1, 1, 2, 2, 3]) });
    } else if (random.chance(this.#options.clockShare)) {
      this.#nowMs += random.pick([500, 1_000, 2_000, 3_500, 5_000, 9_000]);
      this.steps.push({ type: 'clock', atMs: this.#nowMs });
    } else if (random.chance(this.#options.isDense === true ? 0.2 : 0.3)) {
      this.#addWatermark();
    } else {
      this.#addRecord();
    }
  }

  addEnd(): void {
    if (this.#idleInput !== undefined) this.#addStatus();
    const inputs = this.#watermarksMs.map((_, input) => input);
    for (const input of inputs) this.steps.push({ ...this.#inputOf(input), ...END });
  }

  #addStatus(): void {
    const input = this.#idleInput ?? this.#random.below(2);
    const isIdle = this.#idleInput === undefined;
    this.#idleInput = isIdle ? input : undefined;
    this.steps.push({ type: 'status', input, isIdle });
  }

  /** An input that is not idle. */
  #anyInput(): number {
    if (this.#idleInput !== undefined) return 1 - this.#idleInput;
    return this.#random.below(this.#options.inputCount);
  }

  #addRecord(): void {
    const random = this.#random;
    const { hasGaps, hasMissingTimes, isDense } = this.#options;
    this.#eventMs += random.pick([0, 0, 500, 1_000, 3_000]);
    const [earliestS, latestS] = isDense === true ? [-4, 2] : [-9, 6];
    const offsetMs =
      random.between(earliestS, latestS) * 1_000 + random.pick([0, 0, 0, 1, 999, 500]);
    const input = this.#anyInput();
    const watermarkMs = this.#watermarksMs[input] as number;
    // Now and then just at a watermark, where a step too far shows.
    const isAtWatermark = watermarkMs !== -Infinity && random.chance(0.15);
    const atMs = isAtWatermark
      ? watermarkMs + random.pick([-1, 0, 0, 1])
      : this.#eventMs + offsetMs;
    const isMissing = hasMissingTimes === true && random.chance(0.1);
    this.steps.push({
      type: 'record',
      ...this.#inputOf(input),
      key: random.pick(this.#keys),
      n: random.below(12),
      atMs: isMissing ? null : atMs,
      ...(hasGaps === true
        ? { gapMs: random.pick([this.#options.shortestGapMs ?? 1, 1_000, 2_000, 5_000, 8_000]) }
        : {}),
    });
  }

  #addWatermark(): void {
    const random = this.#random;
    const input = this.#anyInput();
    this.#eventMs += random.pick([0, 1_000, 4_000, 8_000]);
    const aboutMs = this.#eventMs - random.pick([0, 1_000, 3_000, 6_000]);
    const atMs = random.pick([aboutMs, aboutMs - 1, Math.floor(aboutMs / 5_000) * 5_000 - 1]);
    const before = this.#watermarksMs[input] as number;
    if (atMs <= before) return;
    this.#watermarksMs[input] = atMs;
    this.steps.push({ type: 'watermark', ...this.#inputOf(input), atMs });
  }

  #inputOf(input: number): { readonly input?: number } {
    return this.#options.inputCount === 1 ? {} : { input };
  }
}

const END = { type: 'watermark', atMs: 'max' } as const;
