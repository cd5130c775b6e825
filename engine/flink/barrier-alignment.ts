import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { Recorder } from '../trace/recorder.ts';

/**
 * Models Flink 2.x's aligned barriers (SingleCheckpointBarrierHandler): a channel whose barrier has
 * come is blocked until all channels have delivered it. A newer barrier replaces the checkpoint
 * being aligned; older barriers are ignored; a finished channel counts as having delivered.
 * Simplified: none are unaligned.
 * Invariant: no record overtakes a barrier.
 */
export class BarrierAlignment {
  readonly #subtask: number;
  readonly #recorder: Recorder;
  readonly #blocked: Uint8Array;
  readonly #ended: Uint8Array;
  #checkpointId: number | undefined;
  #completedId = -1;
  #lastBarrierRow = NONE;

  constructor(channelCount: number, subtask: number, recorder: Recorder) {
    this.#blocked = new Uint8Array(channelCount);
    this.#ended = new Uint8Array(channelCount);
    this.#subtask = subtask;
    this.#recorder = recorder;
  }

  /** The checkpoint being aligned. */
  get checkpointId(): number | undefined {
    return this.#checkpointId;
  }

  isBlocked(channel: number): boolean {
    return this.#blocked[channel] === 1;
  }

  /** A barrier came; returns the row to blame for the snapshot when it was the last one. */
  receive(channel: number, checkpointId: number, cause: number): number | undefined {
    const recorder = this.#recorder;
    const received = KIND['barrier-received'];
    const row = recorder.add(received, this.#subtask, cause, NONE, checkpointId, 0, channel, NONE);
    if (checkpointId <= this.#completedId) return undefined;
    if (this.#checkpointId !== undefined && checkpointId < this.#checkpointId) return undefined;
    if (this.#checkpointId !== checkpointId) {
      this.#blocked.fill(0);
      this.#checkpointId = checkpointId;
    }
    this.#blocked[channel] = 1;
    this.#lastBarrierRow = row;
    if (this.#isComplete()) return this.#complete(row);
    const blocked = KIND['channel-blocked'];
    recorder.add(blocked, this.#subtask, row, NONE, checkpointId, 0, channel, NONE);
    return undefined;
  }

  /** A channel has ended; returns as `receive` does when the others were waiting for it. */
  end(channel: number): number | undefined {
    this.#ended[channel] = 1;
    if (this.#checkpointId === undefined || !this.#isComplete()) return undefined;
    return this.#complete(this.#lastBarrierRow);
  }

  #isComplete(): boolean {
    for (let channel = 0; channel < this.#blocked.length; channel += 1) {
      if (this.#blocked[channel] === 0 && this.#ended[channel] === 0) return false;
    }
    return true;
  }

  #complete(cause: number): number {
    const checkpointId = this.#checkpointId as number;
    this.#blocked.fill(0);
    this.#checkpointId = undefined;
    this.#completedId = checkpointId;
    const kind = KIND['alignment-finished'];
    return this.#recorder.add(kind, this.#subtask, cause, NONE, checkpointId, 0, 0, NONE);
  }
}
