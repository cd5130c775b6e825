import { Random } from '#engine';
import type { CommitMode, ConsumerPlan, Fault, ProduceFault, PutBatch, WorkerPlan } from '#engine';
import { CRASH_POINTS } from '#engine/spark';
import type { GroupPlan, LogPlan, ProducePlan, SharePlan, StreamPlan } from './log-plan.ts';
import type { TopicPlan } from './log-plan.ts';
import { drawTopic } from './draw-topic.ts';

/** The plan of a seed. */
export function drawLogPlan(seed: number): LogPlan {
  const random = new Random(seed);
  switch (random.pick(['topic', 'topic', 'group', 'group', 'share', 'stream', 'produce'])) {
    case 'topic':
      return drawTopicPlan(random);
    case 'group':
      return drawGroup(random);
    case 'share':
      return drawShare(random);
    case 'stream':
      return drawStream(random);
    default:
      return drawProduce(random);
  }
}

function drawTopicPlan(random: Random): TopicPlan {
  const topic = drawTopic(random);
  const isolation = random.pick(['read_committed', 'read_uncommitted'] as const);
  if (random.chance(0.35)) {
    const faults = Array.from({ length: random.below(3) }, () => ({
      type: 'driver-failure' as const,
      batchId: random.below(6),
      at: random.pick(CRASH_POINTS),
    }));
    return { type: 'topic', topic, isolation, reader: { type: 'spark', faults } };
  }
  const parallelism = random.between(1, 3);
  if (random.chance(0.15)) {
    return { type: 'topic', topic, isolation, reader: { type: 'batch', parallelism } };
  }
  const checkpointMs = random.pick([300, 700, 2000]);
  const faults = drawFaults(random, parallelism);
  // Most come after the end, and change nothing.
  const rescale = { parallelism: random.between(1, 3), atMs: random.below(30_000) };
  const reader = { type: 'flink', parallelism, checkpointMs, faults, rescale } as const;
  return { type: 'topic', topic, isolation, reader };
}

function drawFaults(random: Random, parallelism: number): Fault[] {
  return Array.from({ length: random.below(3) }, (): Fault => {
    const when = random.chance(0.7)
      ? { afterStep: random.between(1, 60) }
      : { atMs: random.below(20_000) };
    if (random.chance(0.3)) return { type: 'job-manager-crash', when };
    const index = random.below(parallelism);
    return { type: 'subtask-failure', operator: 'in', index, when };
  });
}

function drawCommit(random: Random): CommitMode {
  const commits: readonly CommitMode[] = [
    { type: 'before-processing' },
    { type: 'after-processing' },
    { type: 'auto', intervalMs: random.pick([100, 1000, 5000]) },
    { type: 'transactional', output: 'out', timeoutMs: random.pick([5000, 30_000]) },
    { type: 'transactional', output: 'out' },
  ];
  return random.pick(commits);
}

function drawConsumer(random: Random, memberId: string): ConsumerPlan {
  const joinMs = random.below(12_000);
  const plan = { memberId, topics: ['t'], joinMs, processMs: random.pick([20, 150, 400]) };
  const isStatic = random.chance(0.2);
  const named = isStatic ? { ...plan, groupInstanceId: `static-${memberId}` } : plan;
  switch (random.pick(['none', 'crash', 'crash', 'crash', 'leave', 'slow'])) {
    case 'crash': {
      const crashing = { ...named, crashAtArrow: random.between(1, 14) };
      const restartAfterMs = random.pick([0, 500, 9000]);
      return random.chance(0.6) ? { ...crashing, restartAfterMs } : crashing;
    }
    case 'leave':
      return { ...named, leaveMs: joinMs + random.between(1, 9000) };
    case 'slow': {
      const partition = `t-${random.below(3)}`;
      const slowRecord = { partition, offset: random.below(5), ms: random.pick([3000, 25_000]) };
      return { ...named, slowRecord };
    }
    default:
      return named;
  }
}

/** What keeps partitions through a rebalance has more to go wrong. */
const ASSIGNORS = [
  'range',
  'roundrobin',
  'sticky',
  'cooperative-sticky',
  'cooperative-sticky',
  'cooperative-sticky',
] as const;

function drawGroup(random: Random): GroupPlan {
  const faulty = Array.from({ length: random.below(3) }, (_, place) =>
    drawConsumer(random, `M${place}`),
  );
  const last = { memberId: 'Z', topics: ['t'], joinMs: random.below(15_000), processMs: 50 };
  return {
    type: 'group',
    topic: { ...drawTopic(random), name: 't' },
    isolation: random.pick(['read_committed', 'read_uncommitted'] as const),
    consumers: [...faulty, last],
    assignor: random.pick(ASSIGNORS),
    commit: drawCommit(random),
    maxPollRecords: random.pick([1, 3, 500]),
    protocol: random.chance(0.25) ? 'consumer' : 'classic',
  };
}

function drawShare(random: Random): SharePlan {
  const faulty = Array.from({ length: random.below(3) }, (_, place) => ({
    memberId: `M${place}`,
    joinMs: random.below(1000),
    processMs: random.pick([50, 300, 2500]),
    ...(random.chance(0.7) ? { crashAtArrow: random.between(1, 8) } : {}),
  }));
  return {
    type: 'share',
    counts: Array.from({ length: random.between(1, 3) }, () => random.below(7)),
    consumers: [...faulty, { memberId: 'Z', joinMs: random.below(3000), processMs: 50 }],
    maxPollRecords: random.pick([1, 2, 500]),
  };
}

const PHASE_MS = 30_000;
/** When all phases are over. */
const LATE_MS = 130_000;

function drawStream(random: Random): StreamPlan {
  let value = 0;
  const phases = Array.from({ length: random.between(1, 4) }, (_, phase) => {
    const batches = Array.from({ length: random.below(4) }, (__, place): PutBatch => {
      const entries = Array.from({ length: random.between(1, 4) }, () => {
        value += 1;
        const partitionKey = `k${random.below(6)}`;
        return { partitionKey, value, sizeBytes: random.pick([100, 100, 700_000]) };
      });
      const atMs = phase * PHASE_MS + place * random.pick([0, 100, 3000]);
      return { atMs, entries, isAnswerLost: random.chance(0.2) };
    }).sort((left, right) => left.atMs - right.atMs);
    const type = random.pick(['split', 'merge'] as const);
    const reshard = random.chance(0.7) ? { type, place: random.below(4) } : undefined;
    return { batches, reshard };
  });
  const shards = random.between(1, 3);
  if (random.chance(0.5)) {
    const workers = Array.from({ length: random.below(3) }, (_, place): WorkerPlan => {
      const plan = { workerId: `W${place}`, startMs: random.pick([0, 10_000, LATE_MS - 5000]) };
      return random.chance(0.7) ? { ...plan, crashAtArrow: random.between(1, 10) } : plan;
    });
    const last = { workerId: 'Z', startMs: random.pick([0, 60_000, LATE_MS]) };
    return {
      type: 'stream',
      shards,
      phases,
      reader: { type: 'leases', workers: [...workers, last] },
    };
  }
  const parallelism = random.between(1, 3);
  const reader = {
    type: 'flink',
    parallelism,
    checkpointMs: random.pick([2000, 7000]),
    otherPollingReaders: random.below(3),
    faults: drawFaults(random, parallelism),
    startMs: random.pick([0, 40_000, LATE_MS]),
    rescale: { parallelism: random.between(1, 3), atMs: random.below(2 * LATE_MS) },
  } as const;
  return { type: 'stream', shards, phases, reader };
}

function drawProduce(random: Random): ProducePlan {
  const count = random.between(1, 8);
  const faults = Array.from({ length: random.below(5) }, (): ProduceFault => {
    const broker = random.below(3);
    const atMs = random.below(60);
    const record = random.below(count);
    const attempt = random.below(2);
    switch (random.pick(['crash', 'restart', 'stall', 'request', 'answer', 'refused'])) {
      case 'crash':
        return { type: 'broker-crash', broker, atMs };
      case 'restart':
        return { type: 'broker-restart', broker, atMs };
      case 'stall':
        return { type: 'follower-stall', broker, fromMs: atMs, untilMs: atMs + 50 };
      case 'request':
        return { type: 'request-lost', record, attempt };
      case 'answer':
        return { type: 'answer-lost', record, attempt };
      default:
        return { type: 'request-refused', record, attempt };
    }
  });
  // In the end everybody is back: what is in sync can lead.
  const backMs = 500;
  const restarts = [0, 1, 2].map((broker): ProduceFault => ({
    type: 'broker-restart',
    broker,
    atMs: backMs,
  }));
  return {
    type: 'produce',
    produce: {
      replicas: 3,
      minInsyncReplicas: random.pick([1, 2]),
      acks: 'all',
      isIdempotent: true,
      records: Array.from({ length: count }, (_, value) => ({
        key: null,
        value,
        timestampMs: value,
        sendMs: value * random.pick([0, 5, 20]),
      })).sort((left, right) => left.sendMs - right.sendMs),
      faults: [...faults, ...restarts],
      requestTimeoutMs: 200,
    },
    checkpointMs: random.pick([50, 300]),
    faults: drawFaults(random, 1),
  };
}
