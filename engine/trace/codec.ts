import { ConfigError } from '../core/errors.ts';
import { TRACE_KINDS } from './kinds.ts';
import type { Json, Trace, TraceColumns, TraceHeader } from './trace.ts';

/**
 * A trace as bytes, for worker messages, storage and hashing. Little-endian throughout:
 * "MRT1", the row count, the length of the JSON part, the JSON part (header, keys, values), then
 * the columns one after another, widest first, so that every column is aligned.
 */
const MAGIC = 0x3154524d;
const PREFIX_BYTES = 16;
const WIDE_COLUMNS = ['atMs', 'a', 'b'] as const;
const INT_COLUMNS = ['cause', 'key', 'c', 'd', 'value'] as const;
const BYTES_PER_ROW = 3 * 8 + 5 * 4 + 2 + 1;

/** Rows a decoder accepts: more is taken for damage or an attack. */
export const TRACE_ROWS_MAX = 20_000_000;

/** A trace as bytes; `decodeTrace` reads them back. */
export function encodeTrace(trace: Trace): Uint8Array {
  const { header, keys, values, columns, rowCount } = trace;
  const json = new TextEncoder().encode(JSON.stringify({ header, keys, values }));
  const jsonBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(PREFIX_BYTES + jsonBytes + rowCount * BYTES_PER_ROW);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, rowCount, true);
  view.setUint32(8, json.length, true);
  bytes.set(json, PREFIX_BYTES);
  let at = PREFIX_BYTES + jsonBytes;
  for (const name of WIDE_COLUMNS) {
    const column = columns[name];
    for (let row = 0; row < rowCount; row += 1, at += 8) {
      view.setFloat64(at, column[row] as number, true);
    }
  }
  for (const name of INT_COLUMNS) {
    const column = columns[name];
    for (let row = 0; row < rowCount; row += 1, at += 4) {
      view.setInt32(at, column[row] as number, true);
    }
  }
  for (let row = 0; row < rowCount; row += 1, at += 2) {
    view.setInt16(at, columns.subtask[row] as number, true);
  }
  bytes.set(columns.kind, at);
  return bytes;
}

/**
 * Reads a trace back. The bytes may come from a stranger: everything a reader relies on is checked.
 * @throws ConfigError naming the part that is wrong.
 */
export function decodeTrace(bytes: Uint8Array): Trace {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < PREFIX_BYTES || view.getUint32(0, true) !== MAGIC) {
    throw damaged('must start with the mark of a trace', `${bytes.byteLength} bytes of other data`);
  }
  const rowCount = view.getUint32(4, true);
  const jsonLength = view.getUint32(8, true);
  const jsonBytes = Math.ceil(jsonLength / 8) * 8;
  if (rowCount > TRACE_ROWS_MAX) throw damaged(`has at most ${TRACE_ROWS_MAX} rows`, rowCount);
  const expected = PREFIX_BYTES + jsonBytes + rowCount * BYTES_PER_ROW;
  if (bytes.byteLength !== expected) {
    throw damaged(`of ${rowCount} rows has ${expected} bytes`, bytes.byteLength);
  }
  const head = parseHead(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + jsonLength));
  const columns = readColumns(view, PREFIX_BYTES + jsonBytes, rowCount);
  const trace: Trace = { ...head, rowCount, columns };
  checkRows(trace);
  return trace;
}

function readColumns(view: DataView, from: number, rowCount: number): TraceColumns {
  let at = from;
  const wide = WIDE_COLUMNS.map(() => {
    const column = new Float64Array(rowCount);
    for (let row = 0; row < rowCount; row += 1, at += 8) column[row] = view.getFloat64(at, true);
    return column;
  });
  const ints = INT_COLUMNS.map(() => {
    const column = new Int32Array(rowCount);
    for (let row = 0; row < rowCount; row += 1, at += 4) column[row] = view.getInt32(at, true);
    return column;
  });
  const subtask = new Int16Array(rowCount);
  for (let row = 0; row < rowCount; row += 1, at += 2) subtask[row] = view.getInt16(at, true);
  const kind = new Uint8Array(rowCount);
  for (let row = 0; row < rowCount; row += 1, at += 1) kind[row] = view.getUint8(at);
  const [atMs, a, b] = wide as [Float64Array, Float64Array, Float64Array];
  const [cause, key, c, d, value] = ints as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  return { kind, subtask, atMs, cause, key, a, b, c, d, value };
}

interface Head {
  readonly header: TraceHeader;
  readonly keys: readonly Json[];
  readonly values: readonly Json[];
}

function parseHead(bytes: Uint8Array): Head {
  let head: unknown;
  try {
    head = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw damaged('has a readable JSON part', String(error));
  }
  if (!isRecord(head) || !Array.isArray(head['keys']) || !Array.isArray(head['values'])) {
    throw damaged('has a header, keys and values', 'a JSON part without them');
  }
  return { header: checkHeader(head['header']), keys: head['keys'], values: head['values'] };
}

const HEADER_LISTS = ['subtasks', 'channels', 'splits', 'states', 'sinks', 'outputTags'] as const;

function checkHeader(header: unknown): TraceHeader {
  if (!isRecord(header)) throw damaged('has a header', header);
  if (header['version'] !== 1) throw damaged('has version 1', header['version']);
  for (const name of HEADER_LISTS) {
    const list = header[name];
    if (!Array.isArray(list)) throw damaged(`has a list of ${name}`, list);
    const isWhole = name === 'outputTags' ? isText : isRecord;
    if (!list.every(isWhole)) throw damaged(`has whole entries in ${name}`, list);
  }
  const named = [...(header['subtasks'] as object[]), ...(header['sinks'] as object[])];
  for (const entry of named as Record<string, unknown>[]) {
    if (!isText(entry['operator'] ?? entry['name'])) throw damaged('has named subtasks', entry);
  }
  return header as unknown as TraceHeader;
}

function checkRows(trace: Trace): void {
  const { columns, rowCount, keys, values, header } = trace;
  const subtaskCount = header.subtasks.length;
  for (let row = 0; row < rowCount; row += 1) {
    if ((columns.kind[row] as number) >= TRACE_KINDS.length) {
      throw damaged(`has known kinds of facts (row ${row})`, columns.kind[row]);
    }
    checkIndex('cause', columns.cause[row] as number, row, row);
    checkIndex('key', columns.key[row] as number, keys.length, row);
    checkIndex('value', columns.value[row] as number, values.length, row);
    checkIndex('subtask', columns.subtask[row] as number, subtaskCount, row);
    if (!Number.isFinite(columns.atMs[row])) throw damaged(`has finite times (row ${row})`, 'none');
  }
}

function checkIndex(column: string, value: number, limit: number, row: number): void {
  if (value < -1 || value >= limit) {
    throw damaged(`has ${column} below ${limit} in row ${row}`, value);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function damaged(rule: string, got: unknown): ConfigError {
  return new ConfigError(`a stored trace ${rule}`, got, 'run the scenario again to make a new one');
}
