import type { Fault, FaultTime, Random } from '#engine';
import { widths } from './plan.ts';
import type { Plan } from './plan.ts';

/** None, one or several faults, of all kinds, at steps and at times. */
export function drawFaults(random: Random, plan: Plan): Fault[] {
  const count = random.pick([0, 1, 1, 1, 2, 2, 3, 5]);
  return Array.from({ length: count }, () => drawFault(random, plan));
}

/** A step, or a moment between a little before the first record and well after the last. */
export function drawTime(random: Random, plan: Plan): FaultTime {
  const records = plan.partitions.flat();
  if (random.chance(0.6)) return { afterStep: random.between(1, 20 + records.length * 7) };
  const times = records.map(({ arrivalMs }) => arrivalMs);
  const firstMs = Math.min(...times, Infinity);
  const lastMs = Math.max(...times, -Infinity);
  if (times.length === 0) return { atMs: random.below(1000) };
  return { atMs: random.between(firstMs - 10, lastMs + random.pick([0, 500, 5000])) };
}

/** Names of the operators that faults aim at, with their parallelism. */
function targetsOf({ parallelism, twin, other, stages }: Plan): [string, number][] {
  const wide = widths(parallelism);
  const targets: [string, number][] = [
    ['in', wide.source],
    ['work', wide.work],
    ['transactional: Writer', wide.sinks],
    ['append: Writer', wide.sinks],
  ];
  if (other !== undefined) targets.push(['other', 1]);
  if (twin !== undefined) targets.push(['twin', 1], ['twin-out: Writer', 1]);
  if (stages.includes('map')) targets.push([`map-${stages.indexOf('map')}`, wide.stages]);
  return targets;
}

function drawFault(random: Random, plan: Plan): Fault {
  const when = drawTime(random, plan);
  const [operator, parallelism] = random.pick(targetsOf(plan));
  const index = random.below(parallelism);
  switch (random.pick(['machine', 'machine', 'subtask', 'subtask', 'manager', 'stall', 'slow'])) {
    case 'machine':
      return {
        type: 'task-manager-crash',
        taskManager: random.below(plan.taskManagers),
        when,
      };
    case 'subtask':
      return { type: 'subtask-failure', operator, index, when };
    case 'manager':
      return { type: 'job-manager-crash', when };
    case 'stall': {
      const durationMs = random.pick([1, 50, 800, 4000]);
      return { type: 'subtask-stall', operator, index, when, durationMs };
    }
    default:
      return { type: 'subtask-slowdown', operator, index, when, factor: random.pick([0.5, 3, 20]) };
  }
}
