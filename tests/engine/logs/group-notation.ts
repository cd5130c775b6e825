import { simulateGroup, traceGroup } from '#engine';
import type { ConsumerPlan, GroupRun, GroupScenario, LogInput, Trace } from '#engine';

/** A topic `t`: how many records each partition holds, all there at the start. */
export function filled(...counts: readonly number[]): LogInput {
  const partitions = counts.map((count) =>
    Array.from({ length: count }, (_, offset) => ({ value: offset, arrivalMs: 0, timestampMs: 0 })),
  );
  const facts = counts.flatMap((count, partition) =>
    Array.from({ length: count }, (_, offset) => ({
      type: 'record-appended' as const,
      atMs: 0,
      partition,
      offset,
      key: null,
      value: offset,
      timestampMs: 0,
    })),
  );
  return { partitions, facts };
}

/** A consumer that takes 100 ms for a record. */
export function consumerOf(memberId: string, more: Partial<ConsumerPlan> = {}): ConsumerPlan {
  return { memberId, topics: ['t'], joinMs: 0, processMs: 100, ...more };
}

/** A group that reads `t` to its end, five records a poll. */
export function groupOf(options: Partial<GroupScenario>): GroupScenario {
  return {
    topics: { t: filled(10) },
    consumers: [consumerOf('A')],
    assignor: 'range',
    commit: { type: 'after-processing' },
    offsetReset: 'earliest',
    maxPollRecords: 5,
    sessionTimeoutMs: 6000,
    heartbeatIntervalMs: 1000,
    maxPollIntervalMs: 20_000,
    initialRebalanceDelayMs: 0,
    untilMs: 60_000,
    ...options,
  };
}

/** Runs a group, with its trace. */
export function runGroup(options: Partial<GroupScenario>): GroupRun & { readonly trace: Trace } {
  const scenario = groupOf(options);
  const run = simulateGroup(scenario);
  return { ...run, trace: traceGroup(scenario, run.facts) };
}

/** What was processed, in order: `A0 A1 B1`, or `A0.3` for offset 3 of partition 0. */
export function processedText(run: GroupRun, partitionCount = 1): string {
  return run.facts
    .flatMap((fact) => {
      if (fact.type !== 'record-processed') return [];
      const { memberId, partition, offset } = fact;
      return [`${memberId}${partitionCount === 1 ? '' : `${partition.slice(2)}.`}${offset}`];
    })
    .join(' ');
}
