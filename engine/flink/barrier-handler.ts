import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { Recorder } from '../trace/recorder.ts';

/**
 * Models how a task of Flink 2.x handles barriers (SingleCheckpointBarrierHandler and, for
 * at-least-once, CheckpointBarrierTracker).
 * Aligned: a channel whose barrier has come is blocked until all channels have delivered it; a
 * newer barrier replaces the checkpoint being aligned; older barriers are ignored.
 * Unaligned: the first barrier already makes the task take its snapshot; what the other channels
 * deliver before their barriers belongs to the checkpoint.
 * At least once: nothing is blocked; the last barrier makes the task take its snapshot, which then
 * knows records that will be read again after a restore. Several checkpoints may be counted.
 * A finished channel counts as having delivered every barrier.
 * Simplified: an unaligned checkpoint is acknowledged when the last barrier is in.
 * Invariant: in aligned mode no record overtakes a barrier.
 */
export type BarrierMode = 'aligned' | 'unaligned' | 'at-least-once';

/** What the task must do now: take its snapshot, finish the checkpoint, or both. */
export type BarrierStep = 'wait' | 'snapshot' | 'finish' | 'snapshot-and-finish';

interface PendingBarriers {
  readonly checkpointId: number;
  readonly received: Uint8Array;
  /** When the first barrier came, in ms. */
  readonly firstMs: number;
  mode: BarrierMode;
}

/** The barriers of one task. */
export class BarrierHandler {
  readonly #mode: BarrierMode;
  readonly #subtask: number;
  readonly #recorder: Recorder;
  readonly #ended: Uint8Array;
  /** By checkpoint, oldest first. More than one only with at-least-once. */
  #pending: PendingBarriers[] = [];
  #finishedId = -1;
  /** The row to blame for what follows from the last call. */
  lastRow = NONE;

  constructor(channelCount: number, mode: BarrierMode, subtask: number, recorder: Recorder) {
    this.#ended = new Uint8Array(channelCount);
    this.#mode = mode;
    this.#subtask = subtask;
    this.#recorder = recorder;
  }

  /** The newest checkpoint whose barriers are coming in. */
  get checkpointId(): number | undefined {
    return this.#pending.at(-1)?.checkpointId;
  }

  /** The oldest checkpoint whose barriers are coming in. */
  get oldestId(): number | undefined {
    return this.#pending[0]?.checkpointId;
  }

  isBlocked(channel: number): boolean {
    if (this.#pending.length === 0) return false;
    const pending = this.#pending[0];
    return pending !== undefined && pending.mode === 'aligned' && pending.received[channel] === 1;
  }

  /** Whether what this channel delivers now belongs to a checkpoint that has its snapshot. */
  isCapturing(channel: number): boolean {
    const pending = this.#pending[0];
    return pending !== undefined && pending.mode === 'unaligned' && pending.received[channel] === 0;
  }

  /** A barrier came on a channel; `isUrgent` when it has overtaken the records before it. */
  receive(channel: number, checkpointId: number, cause: number, isUrgent: boolean): BarrierStep {
    const kind = KIND['barrier-received'];
    this.lastRow = this.#note(kind, checkpointId, channel, cause);
    if (checkpointId <= this.#finishedId) return 'wait';
    const newest = this.#pending.at(-1);
    if (newest !== undefined && checkpointId < newest.checkpointId) {
      if (this.#mode !== 'at-least-once') return 'wait';
    }
    let pending = this.#pending.find((other) => other.checkpointId === checkpointId);
    const isFirst = pending === undefined;
    pending ??= this.#begin(checkpointId, this.#modeOf(isUrgent));
    pending.received[channel] = 1;
    if (this.#isComplete(pending)) return this.#finish(pending, isFirst);
    if (pending.mode === 'unaligned') return isFirst ? 'snapshot' : 'wait';
    if (pending.mode === 'aligned') {
      this.#note(KIND['channel-blocked'], checkpointId, channel, this.lastRow);
    }
    return 'wait';
  }

  /** A channel has ended; the oldest pending checkpoint may have waited for it alone. */
  end(channel: number): BarrierStep {
    this.#ended[channel] = 1;
    const pending = this.#pending[0];
    if (pending === undefined || !this.#isComplete(pending)) return 'wait';
    return this.#finish(pending, false);
  }

  /** Alignment took too long: goes on unaligned. Returns whether it was still aligning. */
  timeOut(checkpointId: number): boolean {
    const pending = this.#pending[0];
    if (pending === undefined || pending.checkpointId !== checkpointId) return false;
    if (pending.mode !== 'aligned') return false;
    pending.mode = 'unaligned';
    return true;
  }

  /** The coordinator has given a checkpoint up: nothing waits for it any more. */
  abort(checkpointId: number): void {
    this.#pending = this.#pending.filter((pending) => pending.checkpointId !== checkpointId);
    this.#finishedId = Math.max(this.#finishedId, checkpointId);
  }

  /** A barrier that has not overtaken is aligned, as a savepoint's always is. */
  #modeOf(isUrgent: boolean): BarrierMode {
    if (isUrgent) return 'unaligned';
    return this.#mode === 'unaligned' ? 'aligned' : this.#mode;
  }

  #begin(checkpointId: number, mode: BarrierMode): PendingBarriers {
    const received = new Uint8Array(this.#ended.length);
    const pending = { checkpointId, received, firstMs: this.#recorder.atMs, mode };
    // Aligned or unaligned, a newer checkpoint replaces the one that is still coming in.
    if (this.#mode !== 'at-least-once') this.#pending = [];
    this.#pending.push(pending);
    return pending;
  }

  #isComplete({ received }: PendingBarriers): boolean {
    for (let channel = 0; channel < received.length; channel += 1) {
      if (received[channel] === 0 && this.#ended[channel] === 0) return false;
    }
    return true;
  }

  #finish(pending: PendingBarriers, isFirst: boolean): BarrierStep {
    const { checkpointId, mode } = pending;
    this.#finishedId = checkpointId;
    this.#pending = this.#pending.filter((other) => other.checkpointId > checkpointId);
    const alignedMs = this.#recorder.atMs - pending.firstMs;
    const kind = KIND['alignment-finished'];
    this.lastRow = this.#note(kind, checkpointId, 0, this.lastRow, alignedMs);
    return mode === 'unaligned' && !isFirst ? 'finish' : 'snapshot-and-finish';
  }

  #note(
    kind: number,
    checkpointId: number,
    channel: number,
    cause: number,
    durationMs = 0,
  ): number {
    const subtask = this.#subtask;
    return this.#recorder.add(kind, subtask, cause, NONE, checkpointId, durationMs, channel, NONE);
  }
}
