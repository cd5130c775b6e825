import { BoundedOutOfOrdernessWatermarks, WatermarkStrategy } from '#engine';
import type { BatchRun, LogRecord, Run, Scenario, WatermarkOutput } from '#engine';

/** A watermark after every record, as the loops have it. */
class PerRecordWatermarks<T> extends BoundedOutOfOrdernessWatermarks<T> {
  override onEvent(record: T, timestampMs: number, output: WatermarkOutput): void {
    super.onEvent(record, timestampMs, output);
    this.onPeriodicEmit(output);
  }
}

/** Bounded out-of-orderness of `delayMs`, with a watermark after every record. */
export function everyRecord<T>(delayMs: number): WatermarkStrategy<T> {
  return WatermarkStrategy.forGenerator<T>(() => new PerRecordWatermarks<T>(delayMs));
}

/** Every record's place in the log, made once: making the input is not part of the measurement. */
export function toLog<T extends { readonly ts: number }>(
  rows: readonly T[],
  gapMs: number,
): LogRecord<T>[] {
  return rows.map((row, place) => ({ value: row, timestampMs: row.ts, arrivalMs: place * gapMs }));
}

/** What the scenarios of the bench share: one machine, no faults, no costs. */
export function benchScenario(
  options: Pick<Scenario, 'name' | 'logs' | 'job'> & Partial<Pick<Scenario, 'trace' | 'cluster'>>,
): Scenario {
  return {
    seed: 1,
    cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
    faults: [],
    trace: 'none',
    ...options,
  };
}

/** What a sink of the run has received. @throws Error when the job did not finish. */
export function sinkRows<T>(run: Run | BatchRun, sink: string): readonly T[] {
  if (run.outcome !== 'finished') {
    throw new Error(`the job must finish: ${run.outcome}, ${run.failure?.message ?? 'no reason'}`);
  }
  return (run.sinks[sink] ?? []).map(({ row }) => row as unknown as T);
}
