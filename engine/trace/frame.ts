import type { TimeDomain } from './kinds.ts';
import type { RowChange, WriteEffect } from './table-contents.ts';
import type { Json } from './trace.ts';

/** One window's contents, held by a subtask. */
export interface WindowFrame {
  readonly key: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly value: Json;
  /** The `window-updated` row that wrote `value`. */
  readonly row: number;
  readonly firingCount: number;
}

/** One entry of keyed state. `mapKey` is -1 unless the state is a map. */
export interface StateFrame {
  readonly state: number;
  readonly key: number;
  readonly mapKey: number;
  readonly value: Json;
  /** The `state-updated` row that wrote `value`. */
  readonly row: number;
}

export interface TimerFrame {
  readonly key: number;
  readonly timeMs: number;
  readonly domain: TimeDomain;
  /** The `timer-set` row. */
  readonly row: number;
}

/** A call to an external service that has not left the subtask yet. */
export interface CallFrame {
  readonly key: number;
  /** Event time of the record that it is about. */
  readonly eventTimeMs: number;
  readonly beganAtMs: number;
  /** From 1. */
  readonly attempt: number;
  /** The answer is there, but must wait for others (or for the next attempt). */
  readonly isAnswered: boolean;
  /** The `async-requested` row of the latest attempt. */
  readonly row: number;
}

/** What one subtask holds at a moment. Maps keep insertion order. */
export interface SubtaskFrame {
  readonly isAlive: boolean;
  readonly isFinished: boolean;
  /** The merged event-time clock; `WATERMARK_MIN` before the first watermark. */
  readonly watermarkMs: number;
  readonly channelWatermarksMs: readonly number[];
  readonly blockedChannels: readonly boolean[];
  /** Waits because one of its outputs is full. */
  readonly isOutputBlocked: boolean;
  readonly windows: ReadonlyMap<string, WindowFrame>;
  readonly state: ReadonlyMap<string, StateFrame>;
  readonly timers: ReadonlyMap<string, TimerFrame>;
  readonly calls: ReadonlyMap<string, CallFrame>;
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly droppedLateCount: number;
}

/** A partition by itself: its edges, and what its group knows of it. */
export interface LogFrame {
  /** The first offset that is kept, and the one that the next record gets. */
  readonly startOffset: number;
  readonly endOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  /** Records that were appended and not compacted; those below `startOffset` count as well. */
  readonly recordCount: number;
  /** The next offset to read of whoever comes; undefined: nothing was committed. */
  readonly committedOffset: number | undefined;
  /** The subtask or group member that reads it, or -1. */
  readonly reader: number;
  /** Producers whose transaction is not decided. */
  readonly openProducers: readonly number[];
  /** Broker that leads it, or -1. */
  readonly leader: number;
  readonly leaderEpoch: number;
  /** It is known when it began: until somebody reads it, it says nothing about time. */
  readonly isOpened: boolean;
  /** A shard that takes no more records. */
  readonly isClosed: boolean;
}

export interface SplitFrame {
  /** Offset of the next record to read. */
  readonly offset: number;
  readonly watermarkMs: number;
  readonly isIdle: boolean;
  readonly isFinished: boolean;
  readonly log: LogFrame;
}

export interface CheckpointFrame {
  readonly checkpointId: number;
  readonly status: 'pending' | 'completed' | 'aborted';
  readonly triggeredAtMs: number;
  readonly endedAtMs: number | undefined;
  /** Subtasks whose snapshot is taken, with the `snapshot-taken` row. */
  readonly snapshots: ReadonlyMap<number, number>;
}

/** One write that reached a sink. Writes are never taken back by a failure. */
export interface SinkWrite {
  /** The `sink-written` row. */
  readonly row: number;
  readonly key: Json;
  readonly value: Json;
  /** The transaction or file it is part of, or -1. */
  readonly transaction: number;
  /** What the system did with it, when it said so. */
  readonly effect?: WriteEffect;
  /** Whether it put a row in (when not said) or took one away. */
  readonly change?: RowChange;
  /** Of a topic, where it is. */
  readonly partition?: number;
}

/** `open` and `prepared` ones can still go either way. */
export type TransactionStatus = 'open' | 'prepared' | 'committed' | 'aborted';

/** Who is told of a file: nobody, nobody until its checkpoint is complete, everybody. */
export type FileStatus = 'in-progress' | 'pending' | 'finished' | 'deleted';

/** One file of a sink that writes files. */
export interface FileFrame {
  readonly path: string;
  /** The directory or partition, e.g. `origin=ATL`; empty: none. */
  readonly partition: string;
  readonly status: FileStatus;
  /** The `file-opened` row. */
  readonly row: number;
  /** What was written into it, in order. Of a compacted file: what its sources held. */
  readonly writes: readonly SinkWrite[];
}

/** One version of a lake table. */
export interface TableVersionFrame {
  readonly version: number;
  readonly atMs: number;
  /** The `table-committed` row. */
  readonly row: number;
  readonly operation: string;
  /** The files that it consists of, in order. */
  readonly files: readonly number[];
}

export interface SinkFrame {
  /** Every write so far, in order. */
  readonly writes: readonly SinkWrite[];
  /** For an upserting sink: the row a reader sees, by key as JSON. Empty for an appending one. */
  readonly table: ReadonlyMap<string, SinkWrite>;
  /** Of a transactional sink: what became of each transaction. */
  readonly transactions: ReadonlyMap<number, TransactionStatus>;
  /** Of these, the committed ones, in the order of their commits. */
  readonly commits: readonly number[];
  /** Of a sink that writes files: each by its number. */
  readonly files: ReadonlyMap<number, FileFrame>;
  /** Of a lake table: its versions, from 0. */
  readonly versions: readonly TableVersionFrame[];
}

/** One task of a batch job. */
export interface TaskFrame {
  readonly stage: number;
  /** Attempts that run now, from 0, with the machine of each. */
  readonly running: ReadonlyMap<number, number>;
  /** The attempt that has finished and the machine that holds what it has written. */
  readonly finished: { readonly attempt: number; readonly taskManager: number } | undefined;
  /** What it has written is gone. */
  readonly isLost: boolean;
}

/** The whole picture after the fact at `row`: a fold over rows 0..row. Treat as immutable. */
export interface Frame {
  readonly row: number;
  readonly atMs: number;
  readonly status: 'running' | 'restarting' | 'finished' | 'failed';
  /** 0 before the first restart. */
  readonly attempt: number;
  readonly subtasks: readonly SubtaskFrame[];
  readonly splits: readonly SplitFrame[];
  readonly checkpoints: ReadonlyMap<number, CheckpointFrame>;
  readonly sinks: readonly SinkFrame[];
  /** Of a batch job, by the id of each task's first subtask: those that have been started. */
  readonly tasks: ReadonlyMap<number, TaskFrame>;
}
