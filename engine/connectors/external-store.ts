import type { Json } from '../core/clone.ts';
import { toJson } from '../core/clone.ts';
import { ConfigError } from '../core/errors.ts';
import type { Operator, OperatorContext } from '../operators/operator.ts';
import type { RowChange, TableRow, WriteEffect } from '../trace/table-contents.ts';
import type { SinkInfo } from '../trace/trace.ts';

/** One write that reached a sink. */
export interface SinkRow {
  readonly key: Json;
  readonly row: Json;
}

/** What a sink holds, as a table that can be asked with SQL. */
export interface SinkTable {
  readonly name: string;
  /** Empty: the table has none. */
  readonly primaryKey: readonly string[];
  readonly rows: readonly TableRow[];
}

/** A system outside the job: what it has stays when the job fails. It outlives every attempt. */
export interface ExternalStore {
  readonly name: string;
  readonly kind: SinkInfo['kind'];
  /** What a reader finds who sees only what is committed, in the order of its becoming visible. */
  writes(): readonly SinkRow[];
  /** The same as tables, and what else the system tells about itself. */
  tables(): readonly SinkTable[];
}

/** What the system did with a single write, when that is not all the same. */
export interface WriteOutcome {
  readonly effect?: WriteEffect;
  readonly change?: RowChange;
  /** Of a topic, where it is. */
  readonly partition?: number;
}

/** A system that takes single writes, each there at once. */
export interface PlainTarget extends ExternalStore {
  readonly writeCount: number;
  write(key: Json, row: unknown, nowMs: number): WriteOutcome | undefined;
}

/** What came of a commit. */
export type CommitOutcome = 'committed' | 'already-committed' | 'timed-out';

/** A system with transactions, as a writer of two-phase commits needs it. */
export interface TransactionalTarget extends ExternalStore {
  /** Writes so far, in whatever transaction. */
  readonly writeCount: number;
  /** Opens a transaction for a subtask, and returns its id. */
  begin(owner: number, nowMs: number): number;
  writeIn(id: number, key: Json, row: unknown): WriteOutcome | undefined;
  prepare(id: number): void;
  commit(id: number, nowMs: number): CommitOutcome;
  /**
   * Aborts what earlier writers have left of which this one is the heir, one of `parallelism`: its
   * own, and those of subtasks that are no more. Returns the ids.
   */
  fence(owner: number, parallelism: number): readonly number[];
}

/** A sink put to work: the system outside, and who writes to it. */
export interface SinkConnection {
  readonly store: ExternalStore;
  /** One writer per subtask and attempt. */
  createWriter(context: OperatorContext, sinkIndex: number): Operator;
}

/** @throws ConfigError when it is empty. */
export function checkName(name: string): string {
  if (typeof name === 'string' && name !== '') return name;
  throw new ConfigError('a sink must have a name', name, "use for example name: 'board'");
}

/** A row as columns; what is no object gets one column, `value`. */
export function toColumns(row: Json): TableRow {
  const isObject = typeof row === 'object' && row !== null && !Array.isArray(row);
  return isObject ? (row as TableRow) : { value: row };
}

/** @throws ConfigError when the row has no columns. */
export function toTableRow(sink: string, row: unknown): TableRow {
  const json = toJson(row);
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as TableRow;
  throw new ConfigError(
    `a row for ${sink} must be an object with a field for each column`,
    row,
    "write for example { origin: 'ATL', departures: 12 }",
  );
}
