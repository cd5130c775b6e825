import type { KeyTable } from '../core/key-table.ts';
import type { LogRecord } from '../logs/log.ts';
import { NONE } from '../trace/recorder.ts';
import type { RecordColumns } from './record-columns.ts';
import { orderByKeyAndTime, orderByTime } from './record-order.ts';

/** What a task reads from one task before it. */
export interface InputPart {
  readonly records: RecordColumns;
  /** The input of the operator: 0, or 1 for the second of two. */
  readonly input: number;
  /** Place among the task's channels. */
  readonly channel: number;
  readonly type: 'broadcast' | 'regular' | 'keyed';
}

/** What a source task reads of one partition of a log. */
export interface SplitPart {
  /** Index in the trace's header. */
  readonly split: number;
  readonly records: readonly LogRecord[];
  /** Undefined: a record's offset is its place. */
  readonly offsets: readonly number[] | undefined;
}

/** A run of records that an operator gets in one order. */
export interface InputPhase {
  readonly values: readonly unknown[];
  readonly times: Float64Array;
  readonly keys: Int32Array;
  readonly causes: Int32Array;
  readonly count: number;
  /** Places in the order of reading; undefined: as they are. */
  readonly order: Int32Array | undefined;
  /** Sorted by key: one key after another. */
  readonly isKeyed: boolean;
  /** The part that each record is from: one for all, or by place. */
  readonly parts: readonly InputPart[];
  readonly partOf: Uint16Array | undefined;
}

/**
 * The order in which a task takes its input. Models Flink 2.3's batch execution: broadcast inputs
 * first, then regular ones, then keyed ones, sorted by key and time (StreamConfig.InputRequirement,
 * SortingDataInput, MultiInputSortingDataInput: of two keyed inputs, each key's records together).
 * Simplified: inputs of one kind are read one after another; of two keyed inputs the first goes
 * first where times are equal. `isHashed`: keyed inputs are sorted by time alone.
 */
export function arrangeInput(
  parts: readonly InputPart[],
  keys: KeyTable,
  isHashed: boolean,
): InputPhase[] {
  const phases: InputPhase[] = [];
  for (const type of ['broadcast', 'regular'] as const) {
    for (const part of parts) if (part.type === type) phases.push(asItIs(part));
  }
  const keyed = parts.filter(({ type }) => type === 'keyed');
  if (keyed.length > 0) phases.push(sorted(keyed, keys, isHashed));
  return phases;
}

function asItIs(part: InputPart): InputPhase {
  const { values, times, keys, causes, count } = part.records;
  const columns = { values, times, keys, causes, count };
  return { ...columns, order: undefined, isKeyed: false, parts: [part], partOf: undefined };
}

function sorted(parts: readonly InputPart[], table: KeyTable, isHashed: boolean): InputPhase {
  const gathered = parts.length === 1 ? asItIs(parts[0] as InputPart) : gather(parts);
  const { keys, times, count } = gathered;
  const order = isHashed ? orderByTime(times, count) : orderByKeyAndTime(keys, times, count, table);
  return { ...gathered, isKeyed: !isHashed, order };
}

/** One set of columns out of several, the first inputs first. */
function gather(unordered: readonly InputPart[]): InputPhase {
  const parts = [...unordered].sort((left, right) => left.input - right.input);
  const count = parts.reduce((sum, { records }) => sum + records.count, 0);
  const values: unknown[] = [];
  const times = new Float64Array(count);
  const keys = new Int32Array(count);
  const causes = new Int32Array(parts.some(({ records }) => records.causes.length > 0) ? count : 0);
  const partOf = new Uint16Array(count);
  let at = 0;
  for (const [place, { records }] of parts.entries()) {
    const size = records.count;
    for (const value of records.values) values.push(value);
    times.set(records.times.subarray(0, size), at);
    keys.set(records.keys.subarray(0, size), at);
    if (causes.length > 0) causes.set(records.causes.subarray(0, size), at);
    partOf.fill(place, at, at + size);
    at += size;
  }
  const columns = { values, times, keys, causes, count };
  return { ...columns, order: undefined, isKeyed: false, parts, partOf };
}

/** The part that the record at a place is from. */
export function partAt({ parts, partOf }: InputPhase, place: number): InputPart {
  return parts[partOf === undefined ? 0 : (partOf[place] as number)] as InputPart;
}

/** The fact that the record at a place came from. */
export function causeAt({ causes }: InputPhase, place: number): number {
  return causes.length === 0 ? NONE : (causes[place] as number);
}
