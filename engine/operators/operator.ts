import type { Json } from '../core/clone.ts';
import type { KeyContext, StateBackendType, StateSnapshot } from '../state/keyed-state-backend.ts';
import type { OperatorStateSnapshot } from '../state/operator-state-backend.ts';
import type { TimerSnapshot } from '../state/timers.ts';
import type { StateInfo } from '../trace/trace.ts';
import type { TaskInfo } from './functions.ts';
import type { WindowSnapshot } from './window-snapshot.ts';

/** Where an operator's records go: the next operator of its chain, or the network. */
export interface Output {
  /** `key` is NONE unless the next operator keeps the partitioning of this one. */
  emit(value: unknown, timestampMs: number, key: number, cause: number): void;
}

/** A call that an operator has planned. */
export interface OperatorCall {
  readonly isCancelled: boolean;
}

/** What an operator may ask of the subtask it runs in. */
export interface OperatorContext extends KeyContext {
  readonly output: Output;
  readonly taskInfo: TaskInfo;
  readonly backendType: StateBackendType;
  /** Whether the job takes checkpoints. */
  readonly hasCheckpoints: boolean;
  /** Virtual processing time, in ms. */
  nowMs(): number;
  /** The last watermark that reached this operator, in ms. */
  watermarkMs(): number;
  /** Asks for a call of `onProcessingTime` at or after `atMs`. */
  wakeAt(atMs: number): void;
  /** Plans a call in this subtask, which keeps the job going until then. */
  planCall(atMs: number, call: () => void): OperatorCall;
  /** Gives up a planned call; nothing happens when it is over. */
  cancelCall(call: OperatorCall): void;
  /** Keeps the subtask's task from taking further input, or lets it go on. */
  holdInput(isHeld: boolean): void;
  /** For operators with `holdsWatermarks`: sends a watermark on now. */
  forwardWatermark(watermarkMs: number, cause: number): void;
  /** Index of a named state in the trace's header. */
  registerState(name: string, kind: StateInfo['kind']): number;
  emitSideOutput(tagId: string, value: unknown, timestampMs: number): void;
}

/** A file that a sink's writer had open at a checkpoint: it goes on behind these rows. */
export interface OpenFile {
  /** Undefined: it belongs to what was outside of an earlier run. */
  readonly file: number | undefined;
  readonly partition: string;
  readonly rows: readonly Json[];
  readonly createdMs: number;
}

/** What an operator gives to a checkpoint. Absent parts are empty. */
export interface OperatorSnapshot {
  readonly keyed?: readonly StateSnapshot[];
  /** List and broadcast state of the operator itself. */
  readonly operatorState?: readonly OperatorStateSnapshot[];
  readonly eventTimers?: TimerSnapshot;
  readonly processingTimers?: TimerSnapshot;
  readonly windows?: WindowSnapshot;
  /** Transactions of a sink that wait for the checkpoint to be complete. */
  readonly committables?: readonly {
    readonly transaction: number;
    readonly checkpointId: number;
  }[];
  /** Files of a sink that stay open over checkpoints. */
  readonly openFiles?: readonly OpenFile[];
}

/** One parallel instance of an operator. Calls never overlap. */
export interface Operator {
  /** After `restore`, before the first record. */
  open(): void;
  processRecord(value: unknown, timestampMs: number, key: number, cause: number): void;
  /** A record of the second input, for operators that have two. */
  processRecord2?(value: unknown, timestampMs: number, key: number, cause: number): void;
  /** The watermark has grown: everything due at it is emitted before it is forwarded. */
  processWatermark(watermarkMs: number, cause: number): void;
  /** True: watermarks go on only when this operator forwards them. */
  readonly holdsWatermarks?: boolean;
  /** True: a watermark changes nothing here, so `processWatermark` need not be called. */
  readonly ignoresWatermarks?: boolean;
  /** True: it never asks for a call at a later time (`wakeAt`, `planCall`). */
  readonly neverPlans?: boolean;
  /** True: it may keep its task from taking input (`holdInput`). */
  readonly mayHoldInput?: boolean;
  onProcessingTime(cause: number): void;
  /**
   * When input is sorted by key: the last record of the current key was handled, and its event-time
   * timers have fired. Fires those of processing time, whatever their times, and forgets the key.
   */
  endKey?(cause: number): void;
  /** Everything this instance holds, sharing nothing with it. */
  snapshot(checkpointId: number): OperatorSnapshot;
  restore(snapshot: OperatorSnapshot): void;
  /** Entries of state held, for size accounting. */
  entryCount(): number;
  /** Estimated bytes of state held. Absent: none. */
  byteCount?(): number;
  /** A checkpoint that this operator took part in is complete. */
  notifyCheckpointComplete?(checkpointId: number, cause: number): void;
  /** Writes everything it holds into the trace: it was restored at another parallelism. */
  noteRestored?(cause: number): void;
  /**
   * All inputs have ended. Returns true when nothing is under way here any more; otherwise
   * `onDrained` is called once that is so.
   */
  drain?(cause: number, onDrained: () => void): boolean;
  /** All inputs have ended and nothing is under way: the last chance to emit. */
  finish?(cause: number): void;
}

/** An operator without state or timers. */
export abstract class StatelessOperator implements Operator {
  readonly ignoresWatermarks = true;
  readonly neverPlans = true;

  open(): void {}

  abstract processRecord(value: unknown, timestampMs: number, key: number, cause: number): void;

  processWatermark(_watermarkMs: number, _cause: number): void {}

  onProcessingTime(_cause: number): void {}

  snapshot(_checkpointId: number): OperatorSnapshot {
    return {};
  }

  restore(_snapshot: OperatorSnapshot): void {}

  entryCount(): number {
    return 0;
  }
}
