import {
  type Frame,
  type Json,
  type SinkFrame,
  type SinkInfo,
  type SinkKind,
  type SinkWrite,
  type Trace,
  visibleWrites,
} from '#engine';
import { isClockTime } from '../json-text.ts';
import { keyText } from '../key-styles.ts';

/** One write to a sink, as a line of a table. */
export interface SinkRow {
  /** The `sink-written` row. */
  readonly row: number;
  readonly key: string;
  readonly value: string;
  /** A later write took its place. */
  readonly isReplaced: boolean;
  /** The same write had reached the sink before: a duplicate after a failure. */
  readonly isRepeated: boolean;
}

export interface SinkTable {
  readonly name: string;
  readonly kind: SinkKind;
  readonly writeCount: number;
  readonly visibleCount: number;
  readonly repeatedCount: number;
  /** Newest first, at most `rowsMax`. */
  readonly rows: readonly SinkRow[];
}

export interface SinkTableOptions {
  readonly rowsMax: number;
  readonly valueText: (value: Json) => string;
  /** Only writes of this key, unless it is undefined. */
  readonly focusKey: Json | undefined;
}

/** What each sink was told, newest first, and what a reader of it sees. */
export function sinkTables(
  trace: Trace,
  frame: Frame,
  { rowsMax, valueText, focusKey }: SinkTableOptions,
): readonly SinkTable[] {
  return trace.header.sinks.map((info, index) => {
    const { name, kind } = info;
    const { writes } = frame.sinks[index];
    const repeated = kind === 'append' ? repeatedRows(writes) : new Set<number>();
    const keepsNewest = kind === 'upsert' || info.table?.write.type === 'upsert';
    const visible = readableRows(info, frame.sinks[index], keepsNewest);
    const shown = writes.filter((write) => focusKey === undefined || concerns(write, focusKey));
    return {
      ...{ name, kind },
      writeCount: writes.length,
      visibleCount: visible.size,
      repeatedCount: repeated.size,
      rows: shown
        .slice(-rowsMax)
        .reverse()
        .map(({ row, key, value }) => ({
          row,
          key: key === null ? '' : keyText(key),
          value: valueText(withoutKey(value, key)),
          isReplaced: keepsNewest && !visible.has(row),
          isRepeated: repeated.has(row),
        })),
    };
  });
}

/** Writes that a reader of what is committed finds; of each key the newest where that counts. */
function readableRows(info: SinkInfo, sink: SinkFrame, keepsNewest: boolean): ReadonlySet<number> {
  const writes = visibleWrites(info, sink, 'read-committed');
  if (!keepsNewest) return new Set(writes.map(({ row }) => row));
  const newest = new Map(writes.map((write) => [JSON.stringify(write.key), write]));
  const shown = [...newest.values()].filter(({ change }) => change !== 'delete');
  return new Set(shown.map(({ row }) => row));
}

/**
 * The fields of a row that its key has not said already; all, when that would be none. Only names
 * and moments can be recognized: a count that happens to equal a number in the key is not told.
 */
function withoutKey(value: Json, key: Json): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const told = new Set(
    [key, ...partsOf(key)].filter(
      (part) => typeof part === 'string' || (typeof part === 'number' && isClockTime(part)),
    ),
  );
  const rest = Object.entries(value).filter(([, field]) => !told.has(field));
  return rest.length === 0 ? value : Object.fromEntries(rest);
}

function concerns({ key, value }: SinkWrite, focusKey: Json): boolean {
  const wanted = JSON.stringify(focusKey);
  const parts: readonly Json[] = [key, ...partsOf(key), ...partsOf(value)];
  return parts.some((part) => JSON.stringify(part) === wanted);
}

function partsOf(value: Json): readonly Json[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function repeatedRows(writes: readonly SinkWrite[]): ReadonlySet<number> {
  const seen = new Set<string>();
  const repeated = new Set<number>();
  for (const { row, value } of writes) {
    const text = JSON.stringify(value);
    if (seen.has(text)) repeated.add(row);
    seen.add(text);
  }
  return repeated;
}
