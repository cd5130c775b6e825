import type { AttackedQuery } from './attack-batch-plan.ts';
import type { BatchPlan, PlannedRow } from './batch-plan.ts';

/** Batches read every row once, none before it has arrived, and no more than they may. */
export function checkBatches({ plan, runs }: AttackedQuery): string | undefined {
  const { offsetLog } = runs.at(-1)!.checkpoint;
  let before = plan.streams.map((partitions) => partitions.map(() => 0));
  let beforeMs = 0;
  for (const [at, { batchId, offsets, batchTimestampMs }] of offsetLog.entries()) {
    if (batchId !== at) return `batch ${batchId} in place ${at}`;
    if (batchTimestampMs < beforeMs) return `batch ${batchId} is earlier than the one before`;
    let newCount = 0;
    for (const [stream, partitions] of plan.streams.entries()) {
      let count = 0;
      for (const [partition, rows] of partitions.entries()) {
        const start = before[stream]?.[partition] ?? 0;
        const end = offsets[stream]?.[partition] ?? 0;
        if (end < start) return `batch ${batchId} goes back to ${end} from ${start}`;
        if (rows.slice(start, end).some(({ arrivalMs }) => arrivalMs > batchTimestampMs)) {
          return `batch ${batchId} reads rows that are not there`;
        }
        count += end - start;
      }
      const limit = (plan.maxOffsets ?? Infinity) + partitions.length;
      if (count > limit) return `batch ${batchId} reads ${count} rows of at most ${limit}`;
      newCount += count;
    }
    if (newCount === 0 && !plan.runsWithoutData) return `batch ${batchId} has no data`;
    before = offsets.map((ends) => [...ends]);
    beforeMs = batchTimestampMs;
  }
  if (plan.trigger.type === 'all') return undefined;
  const left = plan.streams.flatMap((partitions, stream) =>
    partitions.map((rows, partition) => rows.length - (before[stream]?.[partition] ?? 0)),
  );
  return left.every((count) => count === 0) ? undefined : `${left.join()} rows were never read`;
}

/** The watermark never goes back, and is what the policy makes of the latest event times. */
export function checkWatermarks({ plan, batches }: AttackedQuery): string | undefined {
  // A restart forgets what each stream had, and one stream's is the query's.
  const isExact = plan.streams.length === 1 || !mayRestart(plan);
  const latest: number[] = plan.streams.map(() => 0);
  let expectedMs = 0;
  let beforeMs = 0;
  for (const { batchId, watermarkMs, inputs } of batches) {
    if (watermarkMs < beforeMs) return `batch ${batchId}: back from ${beforeMs} to ${watermarkMs}`;
    beforeMs = watermarkMs;
    if (isExact && watermarkMs !== expectedMs) {
      return `batch ${batchId} has the watermark ${watermarkMs}, not ${expectedMs}`;
    }
    if (watermarkMs > Math.max(...latest)) return `batch ${batchId} is ahead: ${watermarkMs}`;
    for (const [stream, partitions] of inputs.entries()) {
      const times = partitions.flat().map(({ timeMs }: PlannedRow) => timeMs);
      const ownMs = Math.max(0, ...times) - (plan.delaysMs[stream] as number);
      if (times.length > 0) latest[stream] = Math.max(latest[stream] as number, ownMs);
    }
    const chosenMs = plan.policy === 'min' ? Math.min(...latest) : Math.max(...latest);
    expectedMs = Math.max(expectedMs, chosenMs);
  }
  return undefined;
}

function mayRestart(plan: BatchPlan): boolean {
  return (
    plan.restartAtMs !== undefined || plan.faults.some(({ type }) => type === 'driver-failure')
  );
}
