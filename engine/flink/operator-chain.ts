import type { Operator, OperatorSnapshot } from '../operators/operator.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { Recorder } from '../trace/recorder.ts';
import { ELEMENT } from './channel.ts';
import type { Channel } from './channel.ts';
import type { NetworkOutput } from './outputs.ts';
import type { SubtaskContext } from '../datastream/subtask-context.ts';

/** One operator of a chain, with its context. */
export interface ChainLink {
  readonly operator: Operator;
  readonly context: SubtaskContext;
}

/** A link whose operator a watermark changes. */
interface WatermarkLink extends ChainLink {
  /** The operator decides when watermarks go on. */
  readonly isHolding: boolean;
}

/**
 * Models Flink 2.x's OperatorChain: operators that run in one task, in order.
 * Invariant: a watermark or barrier leaves the chain behind every record that came before it.
 */
export class OperatorChain {
  /** Head first. Empty for a source without chained operators. */
  readonly links: readonly ChainLink[];
  /** For each place, the links from there on that a watermark changes. */
  readonly #watermarkLinks: readonly (readonly WatermarkLink[])[];
  /** All that lead out of it, output by output. */
  readonly #channels: readonly Channel[];
  /** So many operators, from the first one on, have finished. */
  #finishedCount = 0;
  readonly #recorder: Recorder;
  /** The subtask in whose name watermarks and barriers leave. */
  readonly #subtask: number;

  constructor(
    links: readonly ChainLink[],
    outputs: readonly NetworkOutput[],
    recorder: Recorder,
    subtask: number,
  ) {
    this.links = links;
    this.#watermarkLinks = Array.from({ length: links.length + 1 }, (_, place) =>
      links
        .slice(place)
        .filter(({ operator }) => operator.ignoresWatermarks !== true)
        .map((link) => ({ ...link, isHolding: link.operator.holdsWatermarks === true })),
    );
    this.#channels = outputs.flatMap(({ channels }) => channels);
    this.#recorder = recorder;
    this.#subtask = subtask;
    links.forEach(({ context }, place) => {
      context.forwardWatermark = (watermarkMs, cause) =>
        this.#advanceFrom(place + 1, watermarkMs, cause);
    });
  }

  /** How many channels lead out of it. */
  get channelCount(): number {
    return this.#channels.length;
  }

  /** Whether none of its operators asks for a call at a later time. */
  get neverPlans(): boolean {
    return this.links.every(({ operator }) => operator.neverPlans === true);
  }

  open(): void {
    // Downstream first, so that nobody emits to an operator that is not open.
    for (let place = this.links.length - 1; place >= 0; place -= 1) {
      (this.links[place] as ChainLink).operator.open();
    }
  }

  /** Lets every operator react, then sends the watermark on. */
  advanceWatermark(watermarkMs: number, cause: number): void {
    this.#advanceFrom(0, watermarkMs, cause);
  }

  sendStatus(isIdle: boolean, cause: number): void {
    this.#broadcast(isIdle ? ELEMENT.idle : ELEMENT.active, 0, cause);
  }

  /** Sends the barrier first, then takes the snapshots: downstream need not wait for them. */
  sendBarrier(checkpointId: number, cause: number): void {
    const row = this.#noteBarrier(checkpointId, cause);
    this.#broadcast(ELEMENT.barrier, checkpointId, row);
  }

  /** Sends a barrier that overtakes whatever waits on the way. */
  sendUrgentBarrier(checkpointId: number, cause: number): void {
    const row = this.#noteBarrier(checkpointId, cause);
    for (const channel of this.#channels) channel.pushUrgent(checkpointId, row);
  }

  /** Snapshots of all operators, by subtask id, each noted in the trace. */
  snapshot(checkpointId: number, cause: number): [number, OperatorSnapshot][] {
    return this.links.map(({ operator, context }) => {
      // What the operator still does for its snapshot belongs to it.
      context.callbackRow = cause;
      const snapshot = operator.snapshot(checkpointId);
      this.#noteSnapshot(operator, context.subtask, checkpointId, cause);
      return [context.subtask, snapshot];
    });
  }

  /**
   * What all operators hold at their end. It belongs to every checkpoint after the last one that
   * this task has taken a snapshot for at a barrier.
   */
  finalSnapshot(lastSnapshotId: number): [number, OperatorSnapshot][] {
    return this.links.map(({ operator, context }) => [
      context.subtask,
      operator.snapshot(lastSnapshotId + 1),
    ]);
  }

  /**
   * The time that the operator at this place has asked for has come. One that has finished hears of
   * it no more, even while another of the chain still works (Flink 2.3.0
   * StreamOperatorWrapper.quiesceTimeServiceAndFinishOperator).
   */
  wakeOperator(place: number): void {
    if (place >= this.#finishedCount) this.links[place]?.operator.onProcessingTime(NONE);
  }

  notifyCheckpointComplete(checkpointId: number, cause: number): void {
    for (const { operator } of this.links) operator.notifyCheckpointComplete?.(checkpointId, cause);
  }

  /**
   * All inputs have ended: every operator waits for what it has under way and may say its last,
   * then the end is sent on and `onFinished` called.
   */
  finish(cause: number, onFinished: () => void): void {
    this.#finishFrom(0, cause, onFinished);
  }

  restore(snapshots: ReadonlyMap<number, OperatorSnapshot>): void {
    for (const { operator, context } of this.links) {
      const snapshot = snapshots.get(context.subtask);
      if (snapshot !== undefined) operator.restore(snapshot);
    }
  }

  /** Notes what each operator holds after a change of parallelism, since no snapshot says it. */
  noteRestored(cause: number): void {
    if (!this.#recorder.isOn) return;
    for (const { operator } of this.links) operator.noteRestored?.(cause);
  }

  entryCount(): number {
    return this.links.reduce((sum, link) => sum + link.operator.entryCount(), 0);
  }

  /** Estimated bytes of state, for what a snapshot costs. */
  byteCount(): number {
    return this.links.reduce((sum, { operator }) => sum + (operator.byteCount?.() ?? 0), 0);
  }

  #advanceFrom(place: number, watermarkMs: number, cause: number): void {
    const links = this.#watermarkLinks[place] as readonly WatermarkLink[];
    for (let at = 0; at < links.length; at += 1) {
      const { operator, context, isHolding } = links[at] as WatermarkLink;
      context.currentWatermarkMs = watermarkMs;
      operator.processWatermark(watermarkMs, cause);
      if (isHolding) return;
    }
    this.#broadcast(ELEMENT.watermark, watermarkMs, cause);
  }

  #finishFrom(place: number, cause: number, onFinished: () => void): void {
    for (let at = place; at < this.links.length; at += 1) {
      const { operator, context } = this.links[at] as ChainLink;
      const isDrained = operator.drain?.(cause, () => this.#finishFrom(at, cause, onFinished));
      if (isDrained === false) return;
      this.#finishedCount = at + 1;
      operator.finish?.(cause);
      const kind = KIND['subtask-finished'];
      this.#recorder.add(kind, context.subtask, cause, NONE, 0, 0, 0, NONE);
    }
    this.#broadcast(ELEMENT.end, 0, cause);
    onFinished();
  }

  #noteSnapshot(operator: Operator, subtask: number, checkpointId: number, cause: number): void {
    if (!this.#recorder.isOn) return;
    const kind = KIND['snapshot-taken'];
    const entries = operator.entryCount();
    const row = this.#recorder.add(kind, subtask, cause, NONE, checkpointId, entries, 0, NONE);
    this.#recorder.setValue(row, { bytes: operator.byteCount?.() ?? 0 });
  }

  #noteBarrier(checkpointId: number, cause: number): number {
    const kind = KIND['barrier-emitted'];
    return this.#recorder.add(kind, this.#subtask, cause, NONE, checkpointId, 0, 0, NONE);
  }

  #broadcast(kind: number, time: number, cause: number): void {
    const channels = this.#channels;
    for (let at = 0; at < channels.length; at += 1) {
      (channels[at] as Channel).push(kind, time, undefined, NONE, cause);
    }
  }
}
