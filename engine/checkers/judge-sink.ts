import type { SinkFrame, SinkWrite } from '../trace/frame.ts';
import { KIND } from '../trace/kinds.ts';
import { explainOutput } from '../trace/lineage.ts';
import { TraceReader } from '../trace/reader.ts';
import { visibleWrites } from '../trace/sink-reader.ts';
import type { ReaderIsolation } from '../trace/sink-reader.ts';
import type { SinkInfo, Trace } from '../trace/trace.ts';
import type { Finding } from './verdict.ts';

/**
 * Tells what a reader of a sink finds twice, and what it will never find, at the end of a run. Two
 * writes are the same output when one input record, or the firing of one window or timer, led to
 * both, and a restart lies between them: after a replay its content may be another, as when records
 * of two channels come in another order. Where a second write changes nothing, as in a table that
 * takes the newest row, repeating is no anomaly. What a run that goes on has still to commit is not
 * lost. For traces of the continuous runtime: others name no record behind an output.
 */
export function judgeSink(
  trace: Trace,
  sinkName: string,
  isolation: ReaderIsolation = 'read-committed',
): Finding[] {
  const index = trace.header.sinks.findIndex(({ name }) => name === sinkName);
  const info = trace.header.sinks[index];
  if (info === undefined || trace.rowCount === 0) return [];
  const reader = new TraceReader(trace);
  const sink = reader.frameAt(trace.rowCount - 1).sinks[index] as SinkFrame;
  const visible = visibleWrites(info, sink, isolation);
  const repeated = repeatsMatter(info) ? findRepeated(reader, visible) : [];
  const isOver = trace.columns.kind.includes(KIND['job-finished']);
  return [...repeated, ...(isOver ? findLost(reader, sink.writes, visible) : [])];
}

/** Whether a second write of the same row makes a difference to who reads. */
function repeatsMatter({ kind, table }: SinkInfo): boolean {
  if (table !== undefined) return table.write.type === 'increment';
  return kind !== 'upsert';
}

function findRepeated(reader: TraceReader, visible: readonly SinkWrite[]): Finding[] {
  const earlier = new Map<string, Output[]>();
  const seen = new Map<number, Output>();
  return outputsOf(reader, visible).flatMap((output): Finding[] => {
    const { row, origin, text } = output;
    const same = earlier.get(origin) ?? [];
    // What is committed twice is the same write twice.
    const twin = seen.get(row) ?? same.find((other) => isReplay(output, other));
    seen.set(row, output);
    earlier.set(origin, [...same, output]);
    if (twin === undefined) return [];
    twin.isMatched = true;
    const proof = `it was written in row ${twin.row} and again here, for ${origin}`;
    const sentence = `A reader finds an output twice: ${proof}.`;
    return [{ name: 'output repeated', text: sentence, expected: twin.text, actual: text, row }];
  });
}

function findLost(
  reader: TraceReader,
  writes: readonly SinkWrite[],
  visible: readonly SinkWrite[],
): Finding[] {
  const visibleRows = new Set(visible.map(({ row }) => row));
  const found = new Set(outputsOf(reader, visible).map(({ origin }) => origin));
  const hidden = writes.filter(({ row }) => !visibleRows.has(row));
  const texts = new Set(visible.map(({ value }) => JSON.stringify(value)));
  let covered: ReadonlySet<string> | undefined;
  // By the wall clock, a replay has other windows and timers; of the two records of a join, the
  // other may come last. What the output was made of must be somewhere.
  const isElsewhere = ({ origin, row, text }: Output): boolean => {
    if (origin.startsWith('record') && !texts.has(text)) return false;
    covered ??= new Set(visible.flatMap((write) => placesBehind(reader, write.row)));
    return placesBehind(reader, row).every((place) => covered?.has(place));
  };
  return outputsOf(reader, hidden).flatMap((output): Finding[] => {
    const { row, origin, text } = output;
    if (found.has(origin) || isElsewhere(output)) return [];
    found.add(origin);
    const sentence = `What was written for ${origin} is nowhere that a reader will ever find it.`;
    return [{ name: 'output missing', text: sentence, expected: text, row }];
  });
}

/** A write, and what let it out. */
interface Output {
  readonly row: number;
  readonly text: string;
  readonly origin: string;
  /** How many restarts came before it. */
  readonly attempt: number;
  /** Another write was told to be the same. */
  isMatched: boolean;
}

/**
 * Whether an output is another one again. A window may fire late, and a timer be set once more,
 * with something new to say; a record is there to be handled once.
 */
function isReplay(later: Output, earlier: Output): boolean {
  if (earlier.isMatched || earlier.attempt >= later.attempt) return false;
  return later.origin.startsWith('record') || later.text === earlier.text;
}

/** Writes whose origin the trace knows. */
function outputsOf(reader: TraceReader, writes: readonly SinkWrite[]): Output[] {
  const { kind } = reader.trace.columns;
  const restarts = [...kind.keys()].filter((row) => kind[row] === KIND['job-restarting']);
  return writes.flatMap(({ row, value }): Output[] => {
    const origin = originOf(reader, row);
    if (origin === undefined) return [];
    const attempt = restarts.filter((restart) => restart < row).length;
    return [{ row, text: JSON.stringify(value), origin, attempt, isMatched: false }];
  });
}

/** The record, window or timer at the end of a write's causes, as words that are the same again. */
function originOf(reader: TraceReader, row: number): string | undefined {
  const { columns, header } = reader.trace;
  const { kind, cause, key, a, b, c } = columns;
  for (let at = cause[row] as number; at >= 0; at = cause[at] as number) {
    switch (kind[at]) {
      case KIND['record-read']: {
        const split = header.splits[c[at] as number];
        return `record ${split?.log ?? ''}-${split?.partition ?? 0}@${b[at] as number}`;
      }
      case KIND['window-fired']:
        return `window [${a[at] as number}, ${b[at] as number}) of ${keyText(reader, key[at])}`;
      case KIND['timer-fired']:
        return `timer ${a[at] as number} of ${keyText(reader, key[at])}`;
      default:
    }
  }
  return undefined;
}

/** Places in the logs of the records that a write was made of. */
function placesBehind(reader: TraceReader, row: number): string[] {
  const { b, c } = reader.trace.columns;
  return explainOutput(reader, row).records.map((read) => `${c[read] ?? -1}@${b[read] ?? -1}`);
}

function keyText(reader: TraceReader, key: number | undefined): string {
  return JSON.stringify(reader.trace.keys[key ?? -1] ?? null);
}
