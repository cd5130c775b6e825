import { KIND } from './kinds.ts';
import type { TraceReader } from './reader.ts';

/** How one checkpoint went. Times in ms of processing time. */
export interface CheckpointMetrics {
  readonly checkpointId: number;
  readonly isSavepoint: boolean;
  readonly status: 'pending' | 'completed' | 'aborted';
  readonly triggeredMs: number;
  /** From the trigger to the end; undefined while it is pending. */
  readonly durationMs: number | undefined;
  /** The longest alignment of any task. */
  readonly alignmentMs: number;
  readonly bytes: number;
}

/** Every checkpoint of a run, in the order of their triggers. */
export function checkpointMetrics(reader: TraceReader): readonly CheckpointMetrics[] {
  const { columns, rowCount } = reader.trace;
  const found = new Map<number, CheckpointMetrics>();
  const change = (row: number, part: Partial<CheckpointMetrics>): void => {
    const id = columns.a[row] as number;
    const before = found.get(id);
    if (before !== undefined) found.set(id, { ...before, ...part });
  };
  for (let row = 0; row < rowCount; row += 1) {
    const atMs = columns.atMs[row] as number;
    const b = columns.b[row] as number;
    const id = columns.a[row] as number;
    switch (columns.kind[row]) {
      case KIND['checkpoint-triggered']:
        found.set(id, {
          checkpointId: id,
          isSavepoint: b === 1,
          status: 'pending',
          triggeredMs: atMs,
          durationMs: undefined,
          alignmentMs: 0,
          bytes: 0,
        });
        break;
      case KIND['alignment-finished']:
        change(row, { alignmentMs: Math.max(b, found.get(id)?.alignmentMs ?? 0) });
        break;
      case KIND['checkpoint-completed']: {
        const { bytes = 0 } = (reader.valueAt(row) ?? {}) as { bytes?: number };
        change(row, { status: 'completed', durationMs: b, bytes });
        break;
      }
      case KIND['checkpoint-aborted']:
        change(row, { status: 'aborted', durationMs: atMs - (found.get(id)?.triggeredMs ?? atMs) });
        break;
      default:
    }
  }
  return [...found.values()];
}

/** For each subtask, the share of the run's time that it waited for room in its outputs, 0 to 1. */
export function backPressureShares(reader: TraceReader): readonly number[] {
  const { columns, rowCount, header } = reader.trace;
  const waitedMs = header.subtasks.map(() => 0);
  const sinceMs = new Map<number, number>();
  const startMs = columns.atMs[0] ?? 0;
  const endMs = columns.atMs[rowCount - 1] ?? 0;
  const end = (subtask: number, atMs: number): void => {
    const since = sinceMs.get(subtask);
    sinceMs.delete(subtask);
    if (since !== undefined) waitedMs[subtask] = (waitedMs[subtask] ?? 0) + atMs - since;
  };
  for (let row = 0; row < rowCount; row += 1) {
    const subtask = columns.subtask[row] as number;
    const atMs = columns.atMs[row] as number;
    if (columns.kind[row] === KIND['output-blocked']) sinceMs.set(subtask, atMs);
    if (columns.kind[row] === KIND['output-unblocked']) end(subtask, atMs);
    if (columns.kind[row] === KIND['job-restarting']) {
      for (const waiting of [...sinceMs.keys()]) end(waiting, atMs);
    }
  }
  for (const waiting of [...sinceMs.keys()]) end(waiting, endMs);
  const wholeMs = Math.max(endMs - startMs, 1);
  return waitedMs.map((waited) => waited / wholeMs);
}

/** One write to a sink, and how long it took. Times in ms of processing time. */
export interface WriteLatency {
  /** The `sink-written` row. */
  readonly row: number;
  /** From the moment the record that let it out was read. */
  readonly latencyMs: number;
}

/**
 * For every write, the time since the record that let it out was read: the record itself, or the
 * one whose event time moved the watermark far enough.
 */
export function writeLatencies(reader: TraceReader): readonly WriteLatency[] {
  const { columns, rowCount } = reader.trace;
  const latencies: WriteLatency[] = [];
  for (let row = 0; row < rowCount; row += 1) {
    if (columns.kind[row] !== KIND['sink-written']) continue;
    let at = row;
    while (at >= 0 && columns.kind[at] !== KIND['record-read']) at = columns.cause[at] as number;
    if (at < 0) continue;
    latencies.push({
      row,
      latencyMs: (columns.atMs[row] as number) - (columns.atMs[at] as number),
    });
  }
  return latencies;
}
