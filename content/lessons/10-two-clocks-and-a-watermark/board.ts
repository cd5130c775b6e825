/** What a run of the lesson's job says, as numbers; and the same answer computed as a batch. */
import { minutes, simulate, KIND, WATERMARK_MAX, type LogInput, type Trace } from '#engine';
import type { Flight } from '../../lesson-module.ts';
import { departuresBoard, WINDOW_MINUTES, type Departures } from './scenario.ts';

const WINDOW_MS = minutes(WINDOW_MINUTES);
const MINUTE_MS = minutes(1);

export interface BoardSummary {
  readonly delayMinutes: number;
  readonly flightCount: number;
  readonly droppedCount: number;
  /** Windows that fired while the feed was still running. */
  readonly firedCount: number;
  /** Windows that fired only because the input ended. */
  readonly openAtEndCount: number;
  /**
   * Time from a window's end to its result, median over the windows that fired while the feed was
   * running, in minutes; negative when the result came before the window was over. Undefined
   * when none fired.
   */
  readonly waitMinutesMedian: number | undefined;
}

/** Counts what a trace of `departuresBoard` shows. */
export function summarizeBoard(trace: Trace, delayMinutes: number): BoardSummary {
  const { kind, cause, atMs, a, b } = trace.columns;
  let flightCount = 0;
  let droppedCount = 0;
  let openAtEndCount = 0;
  const waitsMs: number[] = [];
  for (let row = 0; row < trace.rowCount; row++) {
    if (kind[row] === KIND['record-read']) flightCount += 1;
    if (kind[row] === KIND['record-dropped-late']) droppedCount += 1;
    if (kind[row] !== KIND['window-fired']) continue;
    const endedInput = a[cause[row] ?? -1] === WATERMARK_MAX;
    if (endedInput) openAtEndCount += 1;
    else waitsMs.push((atMs[row] ?? 0) - (b[row] ?? 0));
  }
  waitsMs.sort((left, right) => left - right);
  const medianMs = waitsMs[waitsMs.length >> 1];
  return {
    delayMinutes,
    flightCount,
    droppedCount,
    firedCount: waitsMs.length,
    openAtEndCount,
    waitMinutesMedian: medianMs === undefined ? undefined : Math.round(medianMs / MINUTE_MS),
  };
}

/** A run of the job, with what it wrote. */
export interface BoardRun {
  readonly trace: Trace;
  readonly board: readonly Departures[];
}

/**
 * Runs the job with one watermark delay.
 * @throws Error when the run fails: it has no faults, so that is a bug of the engine or the job.
 */
export function runBoard(flights: LogInput<Flight>, delayMinutes: number): BoardRun {
  const { outcome, failure, trace, sinks } = simulate(departuresBoard({ flights, delayMinutes }));
  if (outcome !== 'finished' || trace === undefined) {
    throw new Error(`the departures board ${outcome}: ${failure?.message ?? 'no trace'}`);
  }
  return { trace, board: (sinks['board'] ?? []).map(({ row }) => row as Departures) };
}

/** The board as a batch gives it: every flight of the log, grouped and counted. */
export function batchBoard(flights: LogInput<Flight>): readonly Departures[] {
  const board = new Map<string, Departures>();
  for (const record of flights.partitions.flat()) {
    const timestampMs = record.timestampMs ?? record.arrivalMs;
    const endMs = (Math.floor(timestampMs / WINDOW_MS) + 1) * WINDOW_MS;
    const { origin } = record.value;
    const key = `${origin} ${endMs}`;
    board.set(key, { origin, endMs, flights: (board.get(key)?.flights ?? 0) + 1 });
  }
  return [...board.values()];
}
