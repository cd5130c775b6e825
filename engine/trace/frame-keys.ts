import type { TransactionStatus } from './frame.ts';
import { KIND } from './kinds.ts';
import type { RowChange, WriteEffect } from './table-contents.ts';
import type { Json, StateInfo } from './trace.ts';

/** What a fact about a transaction makes of it. */
export const TRANSACTION_STATUS: ReadonlyMap<number, TransactionStatus> = new Map([
  [KIND['transaction-begun'], 'open'],
  [KIND['transaction-prepared'], 'prepared'],
  [KIND['transaction-committed'], 'committed'],
  [KIND['transaction-aborted'], 'aborted'],
]);

/** The value of a `sink-written` row. */
export interface SinkRowValue {
  readonly key: Json;
  readonly row: Json;
  readonly effect?: WriteEffect;
  readonly change?: RowChange;
  readonly partition?: number;
}

/** The value of a `file-opened` or `file-finished` row. */
export interface FileValue {
  readonly path: string;
  readonly partition: string;
  /** Of a lake table's file: what its partition columns are. */
  readonly values?: { readonly [column: string]: Json };
}

/** The value of a `table-committed` row. */
export interface TableCommitValue {
  readonly operation: string;
  readonly added: readonly number[];
  readonly removed: readonly number[];
  readonly readVersion: number;
  readonly dataChange: boolean;
  readonly isBlindAppend: boolean;
  readonly txn: { readonly appId: string; readonly version: number } | null;
  readonly isolation: 'serializable' | 'write-serializable';
  /** Of a compaction: each new file with the files whose rows it holds. */
  readonly merged?: readonly { readonly file: number; readonly sources: readonly number[] }[];
}

/** The value of a `window-merged` row. */
export interface MergeValue {
  readonly from: WindowBounds;
  readonly contents: Json;
}

interface WindowBounds {
  readonly startMs: number;
  readonly endMs: number;
}

/** Whether one key has several entries of a state, which are cleared together. */
export function hasEntries(kind: StateInfo['kind'] | undefined): boolean {
  return kind !== undefined && !['value', 'reducing', 'aggregating', 'window'].includes(kind);
}

/** Where a window is in its subtask's map. */
export function windowId(key: number, startMs: number, endMs: number): string {
  return `${key}/${startMs}/${endMs}`;
}

/** Where an entry of state is in its subtask's map. */
export function stateId(state: number, key: number, mapKey: number): string {
  return `${state}/${key}/${mapKey}`;
}

/** Where a timer is; those of windows are told apart by the window, which is their value. */
export function timerId(domain: string, key: number, timeMs: number, value: Json): string {
  const id = `${domain}/${key}/${timeMs}`;
  if (value === null) return id;
  const { startMs, endMs } = value as unknown as WindowBounds;
  return `${id}/${startMs}/${endMs}`;
}
