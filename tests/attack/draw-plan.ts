import { Random } from '#engine';
import type { Configuration, CostModel, Operation } from '#engine';
import { drawFaults, drawTime } from './draw-faults.ts';
import { drawOther, drawPartitions, drawTwin } from './draw-input.ts';
import type { InputShape } from './draw-input.ts';
import { drawWork } from './draw-work.ts';
import { disorderMs } from './plan.ts';
import { STAGES } from './stages.ts';
import type { Stage } from './stages.ts';
import type { Parallelism, Plan, PlannedRecord, Watermarks } from './plan.ts';

/** The attack of a seed: the same seed always gives the same plan. */
export function drawPlan(seed: number): Plan {
  const random = new Random(seed);
  // All times are multiples of one step, so that watermarks meet the ends of windows exactly.
  const stepMs = random.chance(0.25) ? 100 : undefined;
  const shape: InputShape = {
    startMs: random.pick([0, 1_000, 1_700_000_000_000]),
    eventOffsetMs: random.pick([0, 0, -30_000, 7]),
    partitionCount: random.between(1, 4),
    recordCount: random.chance(0.05) ? random.below(3) : random.between(4, 36),
    keyCount: random.between(1, 6),
    gapMs: random.pick([0, 10, 100, 400, 1000]),
    disorderMs: stepMs === undefined ? random.pick([0, 0, 50, 1000, 5000]) : 3 * stepMs,
    roundMs: stepMs ?? random.pick([1, 100, 1000]),
  };
  const partitions = drawPartitions(random, shape);
  const parallelism = drawParallelism(random);
  const other = random.chance(0.35) ? drawOther(random, shape) : undefined;
  const twin = random.chance(0.25) ? drawTwin(random, shape) : undefined;
  const spanMs = spanOf([...partitions.flat(), ...(other ?? []), ...(twin ?? [])]);
  const sizesMs = stepMs === undefined ? [1, 100, 1000, 3000, spanMs] : [stepMs, 5 * stepMs];
  const configuration = drawConfiguration(random, spanMs);
  const plan: Plan = {
    seed,
    partitions,
    other,
    isBounded: random.chance(0.88),
    stages: drawStages(random),
    work: drawWork(random, sizesMs, other !== undefined),
    watermarks:
      stepMs === undefined
        ? drawWatermarks(random, other === undefined ? partitions : [...partitions, other])
        : { type: 'per-record', delayMs: random.pick([0, stepMs]), idleMs: undefined },
    parallelism,
    twin,
    // With few key groups, the borders between subtasks lie among the keys in use.
    maxParallelism: random.chance(0.5) ? random.between(4, 9) : undefined,
    taskManagers: random.between(1, 3),
    configuration,
    costs: drawCosts(random, configuration['execution.checkpointing.interval'] ?? Infinity),
    faults: [],
    operations: [],
  };
  const faults = drawFaults(random, plan);
  return { ...plan, faults, operations: drawOperations(random, plan) };
}

function spanOf(records: readonly PlannedRecord[]): number {
  const times = records.map(({ arrivalMs }) => arrivalMs);
  return times.length === 0 ? 1 : Math.max(1, Math.max(...times) - Math.min(...times));
}

function drawParallelism(random: Random): Parallelism {
  const own = (chance: number): number | undefined =>
    random.chance(chance) ? random.between(1, 4) : undefined;
  return {
    usual: random.between(1, 4),
    source: own(0.6),
    stages: own(0.5),
    work: own(0.3),
    sinks: own(0.4),
  };
}

function drawStages(random: Random): Stage[] {
  const count = random.pick([0, 0, 1, 1, 2, 3]);
  return Array.from({ length: count }, () => random.pick(STAGES));
}

function drawWatermarks(
  random: Random,
  partitions: readonly (readonly PlannedRecord[])[],
): Watermarks {
  const enoughMs = Math.max(0, ...partitions.map(disorderMs));
  return {
    type: random.pick(['periodic', 'periodic', 'per-record', 'per-record', 'none']),
    delayMs: random.pick([enoughMs, enoughMs, enoughMs + random.below(2000), 0, 0, enoughMs >> 1]),
    idleMs: random.chance(0.15) ? random.pick([100, 500, 2000]) : undefined,
  };
}

/** Settings are left at their defaults as often as not. */
function drawConfiguration(random: Random, spanMs: number): Partial<Configuration> {
  const maybe = <T extends Partial<Configuration>>(chance: number, options: () => T): object =>
    random.chance(chance) ? options() : {};
  return {
    ...maybe(0.85, () => drawCheckpoints(random, spanMs)),
    ...maybe(0.7, () => drawRestarts(random)),
    ...maybe(0.3, () => ({
      'pipeline.auto-watermark-interval': random.pick([0, 1, 50, 1000]),
    })),
    ...maybe(0.3, () => ({ 'jobmanager.execution.failover-strategy': 'full' as const })),
    ...maybe(0.3, () => ({ 'state.backend.type': 'rocksdb' as const })),
    ...maybe(0.2, () => ({ 'pipeline.object-reuse': true })),
  };
}

function drawCheckpoints(random: Random, spanMs: number): Partial<Configuration> {
  const longest = Math.max(11, spanMs);
  const shortest = Math.max(10, Math.ceil(longest / 30));
  const interval = random.between(shortest, random.chance(0.7) ? shortest * 4 : longest);
  const mode = random.pick(['aligned', 'aligned', 'unaligned', 'timeout', 'at-least-once']);
  const isUnaligned = mode === 'unaligned' || mode === 'timeout';
  return {
    'execution.checkpointing.interval': interval,
    ...(mode === 'at-least-once' ? { 'execution.checkpointing.mode': 'AT_LEAST_ONCE' } : {}),
    ...(isUnaligned ? { 'execution.checkpointing.unaligned.enabled': true } : {}),
    ...(mode === 'timeout'
      ? { 'execution.checkpointing.aligned-checkpoint-timeout': random.pick([1, 20, 200]) }
      : {}),
    ...(random.chance(0.2) ? { 'execution.checkpointing.min-pause': random.pick([1, 300]) } : {}),
    // Flink allows more than one at a time only when none is unaligned.
    ...(!isUnaligned && random.chance(0.3)
      ? { 'execution.checkpointing.max-concurrent-checkpoints': random.between(2, 3) }
      : {}),
    ...(random.chance(0.2)
      ? {
          'execution.checkpointing.timeout': random.pick([20, 300, 2000]),
          'execution.checkpointing.tolerable-failed-checkpoints': 1_000_000,
        }
      : {}),
  };
}

function drawRestarts(random: Random): Partial<Configuration> {
  const delayMs = random.pick([0, 1, 300, 1000, 5000]);
  // Seldom none: such a run is over soon.
  const often = ['fixed-delay', 'fixed-delay', 'fixed-delay', 'exponential-delay'];
  switch (random.pick([...often, 'exponential-delay', 'failure-rate', 'failure-rate', 'none'])) {
    case 'fixed-delay':
      return {
        'restart-strategy.type': 'fixed-delay',
        'restart-strategy.fixed-delay.attempts': random.pick([1, 3, 1_000_000, 1_000_000]),
        'restart-strategy.fixed-delay.delay': delayMs,
      };
    case 'exponential-delay':
      return {
        'restart-strategy.type': 'exponential-delay',
        'restart-strategy.exponential-delay.initial-backoff': Math.max(1, delayMs),
      };
    case 'failure-rate':
      return {
        'restart-strategy.type': 'failure-rate',
        'restart-strategy.failure-rate.max-failures-per-interval': random.between(1, 3),
        'restart-strategy.failure-rate.failure-rate-interval': random.pick([1000, 60_000]),
        'restart-strategy.failure-rate.delay': delayMs,
      };
    default:
      return { 'restart-strategy.type': 'none' };
  }
}

function drawCosts(random: Random, intervalMs: number): CostModel {
  if (random.chance(0.45)) return {};
  const slow = ['in', 'work', 'append: Writer', 'transactional: Writer'];
  const serviceMs = Object.fromEntries(
    slow.filter(() => random.chance(0.3)).map((name) => [name, random.pick([1, 30, 300])]),
  );
  const costs: { -readonly [name in keyof CostModel]: CostModel[name] } = { serviceMs };
  if (random.chance(0.5)) costs.networkDelayMs = random.pick([1, 20, 150]);
  if (random.chance(0.5)) costs.bufferRecords = random.between(1, 6);
  // A source that does nothing but take snapshots reads nothing.
  const syncMs = random.pick([1, 40, 250]);
  if (random.chance(0.4) && syncMs * 4 <= intervalMs) costs.snapshotSyncMs = syncMs;
  if (random.chance(0.4)) costs.snapshotBytesPerMs = random.between(1, 20);
  if (random.chance(0.2)) costs.restoreBytesPerMs = random.between(1, 20);
  return costs;
}

function drawOperations(random: Random, plan: Plan): Operation[] {
  const operations: Operation[] = [];
  if (random.chance(0.12)) operations.push({ type: 'savepoint', when: drawTime(random, plan) });
  if (random.chance(0.07)) {
    operations.push({ type: 'stop-with-savepoint', when: drawTime(random, plan) });
  }
  const rescaleCount = random.chance(0.15) ? random.between(1, 2) : 0;
  for (let count = 0; count < rescaleCount; count += 1) {
    const parallelism = random.between(1, 4);
    operations.push({ type: 'rescale', parallelism, when: drawTime(random, plan) });
  }
  return operations;
}
