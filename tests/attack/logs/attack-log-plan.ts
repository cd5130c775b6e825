import {
  WatermarkStrategy,
  appendSink,
  kafkaSource,
  logSource,
  produceLogInput,
  simulateBatch,
  simulateProduce,
  simulateTopic,
} from '#engine';
import type { LogInput } from '#engine';
import { simulateMicroBatches } from '#engine/spark';
import type { BatchFault, Row } from '#engine/spark';
import type { Problem } from '../attack-plan.ts';
import { attackGroup, attackShare } from './attack-group.ts';
import { attackStream } from './attack-stream.ts';
import { checkExactlyOnce } from './check-order.ts';
import type { LogPlan, ProducePlan, TopicPlan } from './log-plan.ts';
import { naiveTopic } from './naive-topic.ts';
import { checkRun, copied, readWithFlink } from './read-with-flink.ts';
import type { SeeTrace } from './read-with-flink.ts';

/** Runs a plan; returns the first thing that is wrong with it. `see` gets the trace, if any. */
export function attackLogPlan(plan: LogPlan, see: SeeTrace = () => {}): Problem | undefined {
  try {
    return attack(plan, see);
  } catch (error) {
    return { check: 'no error', text: error instanceof Error ? error.message : String(error) };
  }
}

function attack(plan: LogPlan, see: SeeTrace): Problem | undefined {
  switch (plan.type) {
    case 'topic':
      return attackTopic(plan, see);
    case 'group':
      return attackGroup(plan, see);
    case 'share':
      return attackShare(plan, see);
    case 'stream':
      return attackStream(plan, see);
    case 'produce':
      return attackProduce(plan, see);
  }
}

function attackTopic({ topic, isolation, reader }: TopicPlan, see: SeeTrace): Problem | undefined {
  const log = simulateTopic(topic).toLogInput({ isolation });
  const expected = naiveTopic(topic, isolation);
  const mayMiss = topic.retention !== undefined || topic.compaction !== undefined;
  if (reader.type === 'spark') {
    const { values, failure } = readWithSpark(log, reader.faults);
    if (failure !== undefined) return { check: 'the query runs', text: failure };
    return checkExactlyOnce({ expected, actual: values, mayMiss });
  }
  if (reader.type === 'batch') {
    const { values, failure } = readWithBatch(log, reader.parallelism);
    if (failure !== undefined) return { check: 'the batch job runs', text: failure };
    return checkExactlyOnce({ expected, actual: values, mayMiss });
  }
  const source = kafkaSource<unknown>({
    topic: 'in',
    'group.id': 'attack',
    'partition.discovery.interval.ms': 1000,
  });
  const run = readWithFlink(log, { ...reader, source });
  see(run.trace);
  return checkRun(run) ?? checkExactlyOnce({ expected, actual: copied(run), mayMiss });
}

interface Values {
  readonly values: unknown[];
  readonly failure: string | undefined;
}

/** Reads what is there when all is over. */
function readWithBatch(log: LogInput, parallelism: number): Values {
  const lastMs = Math.max(0, ...(log.facts ?? []).map(({ atMs }) => atMs));
  const run = simulateBatch({
    name: 'copy',
    seed: 1,
    logs: { in: log },
    cluster: { taskManagers: 1, slotsPerTaskManager: 3 },
    cutOffMs: lastMs,
    trace: 'none',
    job: (env) => {
      env
        .fromSource(logSource<unknown>('in'), WatermarkStrategy.noWatermarks(), 'in')
        .setParallelism(parallelism)
        .sinkTo(appendSink({ name: 'out' }))
        .setParallelism(parallelism);
    },
  });
  const values = (run.sinks['out'] ?? []).map(({ row }) => row);
  return { values, failure: run.failure?.message };
}

function readWithSpark(log: LogInput, faults: readonly BatchFault[]): Values {
  const partitions = log.partitions.map((records) =>
    records.map((record) => ({ ...record, value: { value: record.value } as Row })),
  );
  const run = simulateMicroBatches({
    name: 'copy',
    logs: { in: { ...log, partitions } },
    faults,
    trace: 'none',
    query: (spark) => {
      const reader = spark.readStream.option('failOnDataLoss', 'false');
      reader.schema({ value: 'long' }).load('in').writeStream.start();
    },
  });
  return { values: run.rows.map(({ value }) => value), failure: run.failure?.message };
}

function attackProduce(plan: ProducePlan, see: SeeTrace): Problem | undefined {
  const run = simulateProduce(plan.produce);
  if (run.lost.length > 0) return { check: 'acks=all loses nothing', text: run.lost.join() };
  const { leader = 0 } = run.partition;
  const batches = run.partition.logOf(leader).segments.flatMap((segment) => segment.batches);
  // A new epoch protects nothing that was in flight in the old one.
  const hasOneEpoch = batches.every(({ stamp }) => stamp?.producerEpoch === 0);
  if (hasOneEpoch && run.doubled.length > 0) {
    return { check: 'an idempotent producer stores once', text: run.doubled.join() };
  }
  if (hasOneEpoch && run.isReordered) {
    return { check: 'an idempotent producer keeps order', text: 'it does not' };
  }
  const log = produceLogInput('in', run);
  const values = batches.flatMap(({ records }) => records.map(({ value }) => value));
  const { checkpointMs, faults } = plan;
  const source = logSource<unknown>('in');
  const read = readWithFlink(log, { source, parallelism: 1, checkpointMs, faults });
  see(read.trace);
  const problem = checkRun(read);
  if (problem !== undefined) return problem;
  if (copied(read).join() === values.join()) return undefined;
  const text = `got ${copied(read).join()}, the leader has ${values.join()}`;
  return { check: 'readers get what the leader has', text };
}
