import type { Fault, FaultTime } from '#engine';
import type { Plan, PlannedRecord, Work } from './plan.ts';

/** A plan as a few lines that a person can read. */
export function planWords(plan: Plan): string {
  const { partitions, parallelism, stages, twin, watermarks, configuration, costs } = plan;
  const firstMs = Math.min(...partitions.flat().map(({ arrivalMs }) => arrivalMs));
  const job = ['source', ...stages, workWords(plan.work)].join(' → ');
  const idle = watermarks.idleMs === undefined ? '' : `, idle after ${watermarks.idleMs} ms`;
  const lines = [
    `${job} → sinks; parallelism ${JSON.stringify(parallelism)}, ${plan.taskManagers} machines`,
    `watermarks ${watermarks.type}, delay ${watermarks.delayMs} ms${idle}`,
    ...partitions.map((partition, place) => `  partition ${place}: ${recordWords(partition)}`),
    `  (key@event time, ${firstMs} + arrival)${plan.isBounded ? '' : '; the input goes on'}`,
  ];
  if (plan.maxParallelism !== undefined) lines.push(`  ${plan.maxParallelism} key groups`);
  if (plan.other !== undefined) lines.push(`  second input: ${recordWords(plan.other)}`);
  if (twin !== undefined) lines.push(`  second pipeline: ${recordWords(twin)}`);
  for (const [name, value] of Object.entries(configuration)) lines.push(`  ${name}: ${value}`);
  if (Object.keys(costs).length > 0) lines.push(`  costs ${JSON.stringify(costs)}`);
  for (const fault of plan.faults) lines.push(`  ${faultWords(fault)}`);
  for (const operation of plan.operations) {
    const to = operation.type === 'rescale' ? ` to ${operation.parallelism}` : '';
    lines.push(`  ${operation.type}${to} ${timeWords(operation.when)}`);
  }
  return lines.join('\n');

  function recordWords(records: readonly PlannedRecord[]): string {
    return records
      .map(({ key, atMs, arrivalMs }) => `${key}@${atMs}+${arrivalMs - firstMs}`)
      .join(' ');
  }
}

function workWords(work: Work): string {
  switch (work.type) {
    case 'stateless':
      return work.type;
    case 'count': {
      const life = work.ttlMs === undefined ? '' : ` that lives for ${work.ttlMs} ms`;
      return `${work.state} count${life}`;
    }
    case 'bucket':
      return `buckets of ${work.sizeMs} ms by hand`;
    case 'flush':
      return `flush ${work.state} every ${work.everyMs} ms`;
    case 'join':
      return `join between ${work.lowerMs} and ${work.upperMs} ms`;
    case 'window': {
      const { shape, latenessMs, hasLateOutput, hasTrigger, contents } = work;
      const { kind, sizeMs, slideMs, offsetMs } = shape;
      const late = `lateness ${latenessMs} ms${hasLateOutput ? ', late output' : ''}`;
      const trigger = hasTrigger ? ', trigger' : '';
      return `${contents} in ${kind} ${sizeMs} by ${slideMs} + ${offsetMs} ms, ${late}${trigger}`;
    }
  }
}

function faultWords(fault: Fault): string {
  const when = timeWords(fault.when);
  switch (fault.type) {
    case 'task-manager-crash':
      return `task manager ${fault.taskManager} crashes ${when}`;
    case 'job-manager-crash':
      return `the JobManager crashes ${when}`;
    case 'subtask-failure':
      return `${fault.operator}-${fault.index} fails ${when}`;
    case 'subtask-stall':
      return `${fault.operator}-${fault.index} stalls for ${fault.durationMs} ms ${when}`;
    case 'subtask-slowdown':
      return `${fault.operator}-${fault.index} gets ${fault.factor} times as slow ${when}`;
  }
}

function timeWords(when: FaultTime): string {
  return 'atMs' in when ? `at ${when.atMs} ms` : `after step ${when.afterStep}`;
}
