import { KIND } from '../trace/kinds.ts';
import type { Trace } from '../trace/trace.ts';
import type { ReportViolation, RunChecker } from './run-invariants.ts';

interface InputState {
  /** The row, at the sender, of what this channel delivered last. */
  lastCause: number;
  /** The checkpoint it is blocked for, or -1. */
  blockedFor: number;
}

/**
 * Records and barriers arrive on a channel in the order in which they were sent: rows of the sender
 * grow.
 * So no record overtakes a barrier, nor a barrier a record, unless barriers may overtake. A channel
 * that is blocked for a checkpoint delivers nothing until its subtask has taken the snapshot.
 */
export class ChannelInvariants implements RunChecker {
  readonly #trace: Trace;
  readonly #report: ReportViolation;
  readonly #barriersMayOvertake: boolean;
  readonly #inputs: InputState[][];

  constructor(trace: Trace, report: ReportViolation, barriersMayOvertake: boolean) {
    this.#trace = trace;
    this.#report = report;
    this.#barriersMayOvertake = barriersMayOvertake;
    this.#inputs = trace.header.subtasks.map(() => []);
    for (const { to } of trace.header.channels) {
      this.#inputs[to]?.push({ lastCause: -1, blockedFor: -1 });
    }
  }

  see(row: number, kind: number): void {
    const { a, c, subtask } = this.#trace.columns;
    const who = subtask[row] as number;
    switch (kind) {
      case KIND['record-received']:
        this.#seeTaken(row, who, c[row] as number);
        this.#seeOrder(row, who, c[row] as number);
        return;
      case KIND['watermark-received']:
        this.#seeTaken(row, who, c[row] as number);
        this.#seeWatermark(row, who, c[row] as number);
        return;
      case KIND['barrier-received']:
        this.#unblockForNewer(who, a[row] as number);
        if (!this.#barriersMayOvertake) this.#seeOrder(row, who, c[row] as number);
        return;
      case KIND['channel-blocked']: {
        const input = this.#input(who, c[row] as number);
        if (input !== undefined) input.blockedFor = a[row] as number;
        return;
      }
      case KIND['alignment-finished']:
      case KIND['snapshot-taken']:
        for (const input of this.#inputs[who] ?? []) input.blockedFor = -1;
        return;
      case KIND['checkpoint-aborted']:
        this.#unblockAborted(a[row] as number);
        return;
      default:
    }
  }

  takeDown(subtask: number): void {
    for (const input of this.#inputs[subtask] ?? []) {
      input.lastCause = -1;
      input.blockedFor = -1;
    }
  }

  #input(subtask: number, channel: number): InputState | undefined {
    return this.#inputs[subtask]?.[channel];
  }

  #seeTaken(row: number, subtask: number, channel: number): void {
    const input = this.#input(subtask, channel);
    if (input === undefined || input.blockedFor === -1) return;
    const text =
      `subtask ${subtask} took an element from channel ${channel}, ` +
      `which is blocked for checkpoint ${input.blockedFor}`;
    this.#report('a blocked channel waits', row, text);
  }

  /** A watermark leaves behind what it makes its sender emit, so its own row may be the older. */
  #seeWatermark(row: number, subtask: number, channel: number): void {
    const input = this.#input(subtask, channel);
    if (input === undefined) return;
    input.lastCause = Math.max(input.lastCause, this.#trace.columns.cause[row] as number);
  }

  #seeOrder(row: number, subtask: number, channel: number): void {
    const input = this.#input(subtask, channel);
    if (input === undefined) return;
    const cause = this.#trace.columns.cause[row] as number;
    if (cause <= input.lastCause) {
      const text =
        `channel ${channel} of subtask ${subtask} delivered what was sent in row ${cause} ` +
        `after what was sent in row ${input.lastCause}`;
      this.#report('a channel keeps its order', row, text);
    }
    input.lastCause = Math.max(input.lastCause, cause);
  }

  /** A newer checkpoint replaces the one that is being aligned. */
  #unblockForNewer(subtask: number, checkpointId: number): void {
    for (const input of this.#inputs[subtask] ?? []) {
      if (input.blockedFor < checkpointId) input.blockedFor = -1;
    }
  }

  #unblockAborted(checkpointId: number): void {
    for (const inputs of this.#inputs) {
      for (const input of inputs) {
        if (input.blockedFor === checkpointId) input.blockedFor = -1;
      }
    }
  }
}
