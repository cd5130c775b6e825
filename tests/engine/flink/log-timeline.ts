import { TraceReader, WatermarkStrategy, appendSink, simulate } from '#engine';
import type { LogInput, LogSource, Run, Scenario, Trace, TraceEvent } from '#engine';

/** A job that copies a log `in` to a sink `out`. */
export function copyScenario(
  source: LogSource<number>,
  log: LogInput,
  overrides: Partial<Scenario> & { readonly parallelism?: number; readonly checkpointMs?: number },
): Scenario {
  const { parallelism = 1, checkpointMs, ...rest } = overrides;
  return {
    name: 'copy',
    seed: 1,
    logs: { in: log },
    cluster: { taskManagers: 1, slotsPerTaskManager: 4 },
    faults: [],
    trace: 'full',
    job: (env) => {
      if (checkpointMs !== undefined) env.enableCheckpointing(checkpointMs);
      env
        .fromSource(source, WatermarkStrategy.noWatermarks(), 'in')
        .setParallelism(parallelism)
        .sinkTo(appendSink({ name: 'out' }));
    },
    ...rest,
  };
}

/** Runs it and shows what its source did with the log, a line a moment. */
export function copyTimeline(...args: Parameters<typeof copyScenario>): string[] {
  return logTimeline(simulate(copyScenario(...args)));
}

/** The values that a run has written, in order. */
export function valuesOf({ sinks }: Run): unknown[] {
  return (sinks['out'] ?? []).map(({ row }) => row);
}

/** Facts about reading, as `3s: in-0 read 2@1`: at second 3, value 2 at offset 1 of partition 0. */
export function logTimeline({ trace, failure }: Run): string[] {
  const reader = new TraceReader(trace as Trace);
  const lines: string[] = [];
  for (let row = 0; row < reader.rowCount; row += 1) {
    const event = reader.event(row);
    const text = textOf(reader, event);
    if (text === undefined) continue;
    const { log, partition } = reader.trace.header.splits[event.c] ?? { log: '', partition: -1 };
    const at = `${event.atMs / 1000}s:`;
    const last = lines.at(-1);
    const where = partition < 0 ? text : `${log}-${partition} ${text}`;
    if (last?.startsWith(at) === true) lines[lines.length - 1] = `${last}, ${where}`;
    else lines.push(`${at} ${where}`);
  }
  if (failure !== undefined) lines.push(`failed: ${failure.message}`);
  return lines;
}

function textOf(reader: TraceReader, event: TraceEvent): string | undefined {
  const value = reader.valueAt(event.row);
  switch (event.kind) {
    case 'split-assigned':
      return `from ${event.b}`;
    case 'record-read':
      return `read @${event.b}`;
    case 'split-rewound':
      return `back to ${event.b}`;
    case 'position-reset': {
      const { reset, missed } = value as { reset: string; missed: number };
      return `${event.a}→${event.b} ${reset}, missed ${missed}`;
    }
    case 'offset-committed':
      return `committed ${event.b}`;
    case 'read-throttled':
      return 'throttled';
    case 'split-finished':
      return 'finished';
    default:
      return undefined;
  }
}
