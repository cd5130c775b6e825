import type { Json } from '../core/clone.ts';
import { KIND } from '../trace/kinds.ts';
import type { Trace } from '../trace/trace.ts';
import type { ResultKey } from './result-diff.ts';
import type { ScheduledRun } from './scheduled-batches.ts';

/** One write to a sink, with the moment at which a reader could see it. */
export interface TimedWrite {
  readonly atMs: number;
  readonly row: Json;
}

/** All writes to a sink that a run's trace tells of. Those of transactions count when committed. */
export function timedWrites(trace: Trace, sink: string): TimedWrite[] {
  const index = trace.header.sinks.findIndex(({ name }) => name === sink);
  const { kind, c, d, atMs, value } = trace.columns;
  const open = new Map<number, Json[]>();
  const writes: TimedWrite[] = [];
  for (let row = 0; row < trace.rowCount; row += 1) {
    if (c[row] !== index) continue;
    const transaction = d[row] as number;
    if (kind[row] === KIND['sink-written']) {
      const written = trace.values[value[row] as number] as { readonly row: Json };
      if (transaction < 0) writes.push({ atMs: atMs[row] as number, row: written.row });
      else open.set(transaction, [...(open.get(transaction) ?? []), written.row]);
    } else if (kind[row] === KIND['transaction-committed']) {
      for (const held of open.get(transaction) ?? []) {
        writes.push({ atMs: atMs[row] as number, row: held });
      }
      open.delete(transaction);
    }
  }
  return writes;
}

/** How the answer to a query is put together in a Lambda architecture. */
export interface LambdaServing {
  /** The batch layer: what it has computed so far is exact, and ends where its period ended. */
  readonly batches: readonly ScheduledRun[];
  /** The sink that holds the results of both layers. */
  readonly sink: string;
  /** The speed layer: what another job says of the time since. */
  readonly speed: readonly TimedWrite[];
  readonly key: ResultKey;
  /** Event time that a row is about, in ms. */
  readonly timeOf: (row: Json) => number;
}

/** A row of an answer, and who has computed it. */
export interface ServedRow {
  readonly row: Json;
  readonly layer: 'batch' | 'speed';
}

/**
 * What a reader of a Lambda architecture is told at a moment: the batch layer's rows up to the end
 * of the newest run that was ready, the speed layer's rows from there on. Each is the last of its
 * key. Follows N. Marz, J. Warren, "Big Data" (2015), where queries merge a batch view with
 * realtime views, and these cover only what the batch views don't yet.
 */
export function servedByLambda(serving: LambdaServing, atMs: number): ServedRow[] {
  const { batches, sink, speed, key, timeOf } = serving;
  const ready = batches.filter(({ readyMs }) => readyMs <= atMs);
  const horizonMs = Math.max(-Infinity, ...ready.map(({ untilMs }) => untilMs));
  const rows = new Map<string, ServedRow>();
  for (const { run } of ready) {
    for (const { row } of run.sinks[sink] ?? []) {
      rows.set(JSON.stringify(key(row)), { row, layer: 'batch' });
    }
  }
  for (const write of speed) {
    if (write.atMs > atMs || timeOf(write.row) < horizonMs) continue;
    rows.set(JSON.stringify(key(write.row)), { row: write.row, layer: 'speed' });
  }
  return [...rows.values()];
}

/** What a reader of a table is told at a moment: the last row of each key by then. */
export function servedByTable(
  writes: readonly TimedWrite[],
  key: ResultKey,
  atMs: number,
): readonly Json[] {
  const rows = new Map<string, Json>();
  for (const write of writes)
    if (write.atMs <= atMs) rows.set(JSON.stringify(key(write.row)), write.row);
  return [...rows.values()];
}
