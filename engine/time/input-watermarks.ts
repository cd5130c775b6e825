import { WATERMARK_MIN } from '../core/time.ts';
import { CombinedWatermarkStatus } from './combined-watermark-status.ts';
import { StatusWatermarkValve } from './status-watermark-valve.ts';

/** Whom the merged watermark of a task concerns. `cause` is the row that led to the call. */
export interface WatermarkListener {
  onWatermark(watermarkMs: number, beforeMs: number, cause: number): void;
  onStatus(isIdle: boolean, cause: number): void;
}

/**
 * Merges the watermarks of all channels of a task. Models Flink 2.3: the channels of one input meet
 * in a `StatusWatermarkValve` (StreamOneInputProcessor, StreamTwoInputProcessor; a union is one
 * input); with two inputs the operator combines what their valves let out (AbstractStreamOperator).
 * Invariant: `watermarkMs` never decreases.
 */
export class InputWatermarks {
  readonly #valves: StatusWatermarkValve[] = [];
  /** The valve of an only input, where a channel's place is its number. */
  readonly #onlyValve: StatusWatermarkValve | undefined;
  readonly #inputOfChannel: readonly number[];
  /** Place of each channel within its input. */
  readonly #placeOfChannel: readonly number[];
  readonly #combined: CombinedWatermarkStatus | undefined;
  readonly #listener: WatermarkListener;
  watermarkMs = WATERMARK_MIN;

  /** `inputOfChannel`: the input, from 0, that each channel belongs to. */
  constructor(inputOfChannel: readonly number[], listener: WatermarkListener) {
    this.#listener = listener;
    this.#inputOfChannel = inputOfChannel;
    const sizes: number[] = [];
    this.#placeOfChannel = inputOfChannel.map((input) => {
      const place = sizes[input] ?? 0;
      sizes[input] = place + 1;
      return place;
    });
    for (const size of sizes) this.#valves.push(new StatusWatermarkValve(size));
    this.#onlyValve = sizes.length === 1 ? this.#valves[0] : undefined;
    this.#combined = sizes.length > 1 ? new CombinedWatermarkStatus(sizes.length) : undefined;
  }

  inputWatermark(channel: number, watermarkMs: number, cause: number): void {
    const only = this.#onlyValve;
    if (only === undefined) this.#inputToOne(channel, watermarkMs, cause);
    else if (only.inputWatermark(channel, watermarkMs)) this.#advance(only.watermarkMs, cause);
  }

  #inputToOne(channel: number, watermarkMs: number, cause: number): void {
    const input = this.#inputOfChannel[channel] as number;
    const valve = this.#valves[input] as StatusWatermarkValve;
    const place = this.#placeOfChannel[channel] as number;
    if (valve.inputWatermark(place, watermarkMs)) this.#raise(input, valve.watermarkMs, cause);
  }

  inputStatus(channel: number, isIdle: boolean, cause: number): void {
    const input = this.#inputOfChannel[channel] as number;
    const valve = this.#valves[input] as StatusWatermarkValve;
    const place = this.#placeOfChannel[channel] as number;
    const wasIdle = valve.isIdle;
    if (!isIdle) valve.inputActive(place);
    else if (valve.inputIdle(place)) this.#raise(input, valve.watermarkMs, cause);
    if (valve.isIdle !== wasIdle) this.#changeStatus(input, valve.isIdle, cause);
  }

  #raise(input: number, watermarkMs: number, cause: number): void {
    const combined = this.#combined;
    if (combined === undefined) this.#advance(watermarkMs, cause);
    else if (combined.updateWatermark(input, watermarkMs)) {
      this.#advance(combined.watermarkMs, cause);
    }
  }

  #changeStatus(input: number, isIdle: boolean, cause: number): void {
    const combined = this.#combined;
    if (combined === undefined) {
      this.#listener.onStatus(isIdle, cause);
      return;
    }
    const wasIdle = combined.isIdle;
    if (combined.updateStatus(input, isIdle)) this.#advance(combined.watermarkMs, cause);
    if (combined.isIdle !== wasIdle) this.#listener.onStatus(combined.isIdle, cause);
  }

  #advance(watermarkMs: number, cause: number): void {
    const beforeMs = this.watermarkMs;
    this.watermarkMs = watermarkMs;
    this.#listener.onWatermark(watermarkMs, beforeMs, cause);
  }
}
