import { Random } from '#engine';
import { CRASH_POINTS } from '#engine/spark';
import type { BatchFault } from '#engine/spark';
import type { BatchPlan, PlannedRow, Query, Sink } from './batch-plan.ts';

const SINKS: readonly Sink[] = [
  'memory',
  'memory',
  'file',
  'kafka',
  'table-insert',
  'table-insert-once',
  'table-upsert',
];

/** The attack of a seed: the same seed always gives the same plan. */
export function drawBatchPlan(seed: number): BatchPlan {
  const random = new Random(seed);
  // With one step for all times, rows meet watermarks and ends of windows exactly.
  const stepMs = random.pick([100, 1000, 1000, 7]);
  const query = drawQuery(random, stepMs);
  const streamCount = query.type === 'join' || random.chance(0.2) ? 2 : 1;
  const streams = Array.from({ length: streamCount }, () => drawStream(random, stepMs));
  const arrivals = streams.flat(2).map(({ arrivalMs }) => arrivalMs);
  const spanMs = Math.max(1, ...arrivals);
  const plan: BatchPlan = {
    seed,
    streams,
    delaysMs: streams.map(() => stepMs * random.below(6)),
    query,
    sink: drawSink(random, query),
    shufflePartitions: random.between(1, 4),
    policy: random.chance(0.8) ? 'min' : 'max',
    runsWithoutData: random.chance(0.85),
    trigger: random.chance(0.8)
      ? { type: 'interval', ms: random.pick([0, 0, 100, 1000, spanMs]) }
      : { type: 'all' },
    maxOffsets: random.chance(0.3) ? random.between(1, 8) : undefined,
    costs: random.chance(0.5)
      ? {
          batchMs: random.pick([1, 300, 2000]),
          rowMs: random.pick([0, 5]),
          restartMs: random.pick([0, 1500]),
        }
      : {},
    executorCount: random.between(1, 3),
    faults: [],
    restartAtMs: random.chance(0.25) ? random.between(1, spanMs + 1000) : undefined,
  };
  return { ...plan, faults: drawFaults(random, plan) };
}

function drawQuery(random: Random, stepMs: number): Query {
  const sizeMs = stepMs * random.between(1, 8);
  switch (random.below(8)) {
    case 0:
    case 1:
      return {
        type: 'window',
        sizeMs,
        ...drawSlide(random, stepMs, sizeMs),
        mode: random.pick(['append', 'append', 'update', 'complete'] as const),
      };
    case 2:
      return {
        type: 'session',
        gapMs: stepMs * random.between(1, 4),
        mode: random.pick(['append', 'append', 'complete'] as const),
      };
    case 3:
      return { type: 'distinct', withTime: random.chance(0.6) };
    case 4:
      return { type: 'distinct-within-watermark' };
    case 5:
      return {
        type: 'join',
        joinType: random.pick(['inner', 'left_outer', 'full_outer', 'left_semi'] as const),
        withinMs: stepMs * random.below(5),
      };
    case 6:
      return { type: 'groups', timeoutMs: stepMs * random.between(1, 6) };
    default:
      return { type: 'processor', delayMs: stepMs * random.below(5) };
  }
}

function drawSlide(random: Random, stepMs: number, sizeMs: number) {
  const slideMs = random.chance(0.5) ? sizeMs : Math.max(stepMs, Math.floor(sizeMs / 3));
  return { slideMs, startMs: random.chance(0.3) ? (stepMs * random.below(3)) % slideMs : 0 };
}

function drawSink(random: Random, query: Query): Sink {
  const isAppend = !('mode' in query) || query.mode === 'append';
  const sink = random.pick(SINKS);
  return sink === 'file' && !isAppend ? 'memory' : sink;
}

function drawStream(random: Random, stepMs: number): PlannedRow[][] {
  const partitionCount = random.between(1, 3);
  const keyCount = random.between(1, 5);
  const gapMs = random.pick([0, 100, 500, 2000]);
  return Array.from({ length: partitionCount }, () => {
    let arrivalMs = 0;
    let frontMs = stepMs * random.below(10);
    return Array.from({ length: random.between(0, 14) }, () => {
      arrivalMs += random.chance(0.3) ? gapMs * random.below(4) : 0;
      frontMs += stepMs * random.below(3);
      const lateMs = random.chance(0.4) ? stepMs * random.below(9) : 0;
      return {
        arrivalMs,
        timeMs: Math.max(0, frontMs - lateMs),
        key: `k${random.below(keyCount)}`,
        value: random.between(1, 9),
      };
    });
  });
}

function drawFaults(random: Random, plan: BatchPlan): BatchFault[] {
  if (random.chance(0.2)) return [];
  return Array.from({ length: random.between(1, 6) }, (): BatchFault => {
    const batchId = random.below(8);
    const partition = random.below(plan.shufflePartitions);
    switch (random.below(6)) {
      case 0:
        return { type: 'task-failure', batchId, partition, times: random.between(1, 3) };
      case 1:
        return {
          type: 'executor-failure',
          batchId,
          executor: random.below(plan.executorCount),
        };
      case 2:
        return { type: 'speculative-task', batchId, partition };
      default:
        return {
          type: 'driver-failure',
          batchId,
          at: random.pick(CRASH_POINTS),
          attempt: random.below(3),
        };
    }
  });
}
