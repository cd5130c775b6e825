import { days, seconds } from '#engine';
import type { LogInput, LogRecord, Random } from '#engine';
import { LAST_KEY } from './job-spec.ts';
import type { Item, JobSpec } from './job-spec.ts';

/** The logs that jobs read: `left`, and `right` when there are two. */
export interface Logs {
  readonly [name: string]: LogInput<Item> & {
    readonly partitions: readonly (readonly LogRecord<Item>[])[];
  };
}

/** Records in the order of their arrival, none further behind the newest than the disorder. */
export function drawLogs(job: JobSpec, random: Random): Logs {
  const left = { partitions: drawPartitions(job, random) };
  if (job.work.type !== 'join' && !job.isUnited) return { left };
  return { left, right: { partitions: drawPartitions(job, random) } };
}

function drawPartitions(job: JobSpec, random: Random): LogRecord<Item>[][] {
  const partitions: LogRecord<Item>[][] = Array.from({ length: job.partitionCount }, () => []);
  let nowMs = seconds(100);
  for (let count = 0; count < job.recordCount; count += 1) {
    nowMs += random.between(0, 3000);
    const time = nowMs - random.between(0, seconds(job.disorderS));
    const key = `k${random.below(job.keyCount)}`;
    const value = { time, key, value: random.below(6) };
    random.pick(partitions).push({ value, timestampMs: time, arrivalMs: nowMs });
  }
  // It arrives when all else has been worked on.
  const lastMs = days(1);
  const last = { time: lastMs, key: LAST_KEY, value: 0 };
  partitions[0]!.push({ value: last, timestampMs: lastMs, arrivalMs: lastMs });
  return partitions;
}
