import { KIND } from './kinds.ts';
import type { TraceReader } from './reader.ts';

/** Why an output is there: what it was computed from, and what let it out when it came. */
export interface OutputLineage {
  /** The row that was asked about. */
  readonly row: number;
  /** The `window-fired`, `timer-fired` or `record-received` row that let it out; -1 if none. */
  readonly firing: number;
  /** The watermark advance behind the firing, or -1 when a record or the clock caused it. */
  readonly watermarkRow: number;
  /** The `record-read` row whose event time moved that watermark far enough, or -1. */
  readonly releasingRecord: number;
  /** `record-read` rows it was computed from, in order. */
  readonly records: readonly number[];
  /** Every row on the way, in order, from the first record read to the output. */
  readonly steps: readonly number[];
}

/**
 * Follows causes back from an output (`sink-written`, `record-emitted`, `window-fired`,
 * `side-output`). State counts as read: a callback's output depends on the writes it has read.
 */
export function explainOutput(reader: TraceReader, row: number): OutputLineage {
  const seen = new Set<number>();
  const open = [row];
  for (;;) {
    const next = open.pop();
    if (next === undefined) break;
    if (next < 0 || seen.has(next)) continue;
    seen.add(next);
    open.push(...sourcesOf(reader, next));
  }
  const steps = [...seen].sort((left, right) => left - right);
  const records = steps.filter((step) => reader.kindAt(step) === 'record-read');
  const firing = firingOf(reader, row);
  const watermarkRow = firing === -1 ? -1 : watermarkBehind(reader, firing);
  const releasingRecord = watermarkRow === -1 ? -1 : recordBehind(reader, watermarkRow);
  return { row, firing, watermarkRow, releasingRecord, records, steps };
}

/** The rows whose data went into a row. What merely made it happen now is left out. */
function sourcesOf(reader: TraceReader, row: number): number[] {
  const { columns } = reader.trace;
  const cause = columns.cause[row] as number;
  const d = columns.d[row] as number;
  switch (columns.kind[row]) {
    case KIND['window-fired']:
    case KIND['timer-fired']:
      return [d];
    case KIND['window-updated']:
    case KIND['window-merged']:
      return [cause, d];
    case KIND['record-emitted']:
    case KIND['side-output']:
      return [cause, ...writesRead(reader, cause, row)];
    case KIND['state-updated']:
      // What a rescale puts back comes from where it was written.
      if (columns.kind[cause] === KIND['job-restarting']) return [d];
      return [cause, ...writesRead(reader, cause, row)];
    case KIND['sink-written']:
    case KIND['record-received']:
    case KIND['records-joined']:
    case KIND['async-requested']:
    case KIND['async-answered']:
    case KIND['async-released']:
    case KIND['record-dropped-late']:
      return [cause];
    case KIND['timer-set']:
      return [cause, d];
    default:
      return [];
  }
}

/** The writes of state that a callback had read before `row`. */
function writesRead(reader: TraceReader, callback: number, row: number): number[] {
  const { columns } = reader.trace;
  const writes: number[] = [];
  if (callback < 0) return writes;
  for (let other = callback + 1; other < row; other += 1) {
    if (columns.cause[other] !== callback) continue;
    if (columns.kind[other] === KIND['state-read']) writes.push(columns.d[other] as number);
  }
  return writes;
}

function firingOf(reader: TraceReader, row: number): number {
  const { columns } = reader.trace;
  let at = row;
  while (at >= 0) {
    const kind = columns.kind[at];
    if (kind === KIND['window-fired'] || kind === KIND['timer-fired']) return at;
    if (kind === KIND['record-received']) return at;
    at = columns.cause[at] as number;
  }
  return -1;
}

function watermarkBehind(reader: TraceReader, firing: number): number {
  const { columns } = reader.trace;
  const cause = columns.cause[firing] as number;
  if (cause < 0) return -1;
  const kind = columns.kind[cause];
  return kind === KIND['watermark-advanced'] || kind === KIND['watermark-emitted'] ? cause : -1;
}

function recordBehind(reader: TraceReader, watermarkRow: number): number {
  const { columns } = reader.trace;
  let at = watermarkRow;
  while (at >= 0) {
    if (columns.kind[at] === KIND['record-read']) return at;
    at = columns.cause[at] as number;
  }
  return -1;
}
