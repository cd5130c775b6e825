import { type Trace } from '#engine';
import { focalSubtasks } from './focal-operator.ts';
import { collectIncidents, type IncidentFacts } from './incident-facts.ts';
import { collectRecords, type RecordFact } from './record-facts.ts';
import { collectTimers, type TimerFact } from './timer-facts.ts';
import { collectWatermarks, type WatermarkFacts } from './watermark-facts.ts';
import { collectWindows, type WindowFact } from './window-facts.ts';

/** A trace read once, in the shapes the figures draw. */
export interface RunFacts extends IncidentFacts {
  readonly trace: Trace;
  /** Subtasks of the operator the figure is about. */
  readonly focal: readonly number[];
  readonly records: readonly RecordFact[];
  /** The same by their `record-read` row. */
  readonly recordByRow: ReadonlyMap<number, RecordFact>;
  readonly watermarks: WatermarkFacts;
  readonly windows: readonly WindowFact[];
  readonly timers: readonly TimerFact[];
  /** Keys by number of records, most first. */
  readonly keysByCount: readonly KeyCount[];
}

export interface KeyCount {
  readonly key: number;
  readonly recordCount: number;
}

/** Reads everything a figure needs out of `trace`, in a few passes over its rows. */
export function readFacts(trace: Trace): RunFacts {
  const focal = focalSubtasks(trace);
  const records = collectRecords(trace, focal);
  return {
    trace,
    focal,
    records,
    recordByRow: new Map(records.map((record) => [record.row, record])),
    watermarks: collectWatermarks(trace, focal),
    windows: collectWindows(trace),
    timers: collectTimers(trace),
    keysByCount: countKeys(records),
    ...collectIncidents(trace),
  };
}

function countKeys(records: readonly RecordFact[]): readonly KeyCount[] {
  const counts = new Map<number, number>();
  for (const { key, isReplay } of records) {
    if (key >= 0 && !isReplay) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const keys = [...counts].map(([key, recordCount]) => ({ key, recordCount }));
  return keys.sort((p, q) => q.recordCount - p.recordCount || p.key - q.key);
}
