import { KIND } from './kinds.ts';
import type { SinkRowValue } from './frame-keys.ts';
import { TableContents } from './table-contents.ts';
import type { TableRow } from './table-contents.ts';
import type { Json, Trace } from './trace.ts';

/** One value on a dashboard. Times are in ms. */
export interface DashboardValue {
  readonly key: Json;
  readonly row: TableRow;
  /** The `sink-written` row that put it there. */
  readonly writtenRow: number;
  readonly updatedAtMs: number;
  /** Event time of the record behind it. */
  readonly eventTimeMs: number;
  /** How long it has not changed, in processing time. */
  readonly stalenessMs: number;
}

/** What somebody sees who looks at a dashboard, and how restless it is. */
export interface DashboardView {
  readonly values: readonly DashboardValue[];
  /** Writes so far. */
  readonly updateCount: number;
  /** Writes that took a value away or put another one in its place. */
  readonly revisionCount: number;
  /** Of these, values taken away. */
  readonly retractionCount: number;
  /** In the last `rateWindowMs`. */
  readonly updatesPerSecond: number;
  /** Since the last write, in ms; Infinity before the first. */
  readonly stalenessMs: number;
}

/**
 * A dashboard as it is after `row`, by the trace alone. `rateWindowMs` is how far back updates are
 * counted for the rate, in ms of processing time, > 0.
 */
export function dashboardView(
  trace: Trace,
  sink: number,
  row: number,
  rateWindowMs: number,
): DashboardView {
  const { columns } = trace;
  const definition = trace.header.sinks[sink]?.table;
  const contents = new TableContents(definition ?? { primaryKey: [], write: { type: 'upsert' } });
  const nowMs = row < 0 ? 0 : (columns.atMs[row] as number);
  const shown = new Map<string, Omit<DashboardValue, 'stalenessMs'>>();
  const counts = { updates: 0, revisions: 0, retractions: 0, recent: 0, lastMs: -Infinity };
  for (let at = 0; at <= row; at += 1) {
    if (columns.kind[at] !== KIND['sink-written'] || columns.c[at] !== sink) continue;
    const value = trace.values[columns.value[at] as number] as unknown as SinkRowValue;
    const effect = contents.apply(value.row as TableRow, value.change);
    const atMs = columns.atMs[at] as number;
    counts.updates += 1;
    counts.revisions += Number(effect === 'updated' || effect === 'deleted');
    counts.retractions += Number(effect === 'deleted');
    counts.recent += Number(atMs > nowMs - rateWindowMs);
    counts.lastMs = atMs;
    const id = JSON.stringify(value.key);
    if (value.change === 'delete') shown.delete(id);
    else {
      shown.set(id, {
        key: value.key,
        row: value.row as TableRow,
        writtenRow: at,
        updatedAtMs: atMs,
        eventTimeMs: columns.a[at] as number,
      });
    }
  }
  return {
    values: [...shown.values()].map((value) => ({
      ...value,
      stalenessMs: nowMs - value.updatedAtMs,
    })),
    updateCount: counts.updates,
    revisionCount: counts.revisions,
    retractionCount: counts.retractions,
    updatesPerSecond: counts.recent / (rateWindowMs / 1000),
    stalenessMs: nowMs - counts.lastMs,
  };
}
