import {
  WatermarkStrategy,
  appendSink,
  databaseSink,
  fileSink,
  incrementSink,
  lakeSink,
  logSource,
  minutes,
  topicSink,
  transactionalSink,
  upsertSink,
} from '#engine';
import type {
  DataStream,
  LogRecord,
  Scenario,
  SingleOutputStreamOperator,
  StreamExecutionEnvironment,
} from '#engine';
import { addStage, buildWork, partition } from './build-work.ts';
import { LATE, PerRecordWatermarks, toRow } from './job-functions.ts';
import { hasTwoInputs, widest } from './plan.ts';
import type { Item, Plan, PlannedRecord, ResultRow, Watermarks } from './plan.ts';
import { isPartitioning } from './stages.ts';

/** More steps than any attack takes: one that takes them goes round in circles. */
const STEPS_MAX = 400_000;

/** The scenario of a plan, traced or not. */
export function buildScenario(plan: Plan, trace: Scenario['trace'] = 'full'): Scenario {
  const { taskManagers } = plan;
  const { partitions, other, twin, isBounded } = plan;
  return {
    name: 'attack',
    seed: plan.seed,
    logs: {
      in: { partitions: partitions.map(toLog), isBounded },
      ...(other === undefined ? {} : { other: { partitions: [toLog(other)], isBounded } }),
      ...(twin === undefined ? {} : { twin: { partitions: [toLog(twin)], isBounded } }),
    },
    cluster: { taskManagers, slotsPerTaskManager: Math.ceil(widest(plan) / taskManagers) },
    job: (env) => {
      env.setParallelism(plan.parallelism.usual).configure(plan.configuration);
      if (plan.maxParallelism !== undefined) env.setMaxParallelism(plan.maxParallelism);
      buildJob(env, plan);
      if (twin !== undefined) buildTwin(env);
    },
    faults: plan.faults,
    operations: plan.operations,
    costs: plan.costs,
    trace,
    stepCountMax: STEPS_MAX,
  };
}

function toLog(records: readonly PlannedRecord[]): LogRecord<Item>[] {
  return records.map(({ id, key, atMs, arrivalMs }) => ({
    value: { id, key, atMs },
    timestampMs: atMs,
    arrivalMs,
  }));
}

function buildTwin(env: StreamExecutionEnvironment): void {
  env
    .fromSource(logSource<Item>('twin'), WatermarkStrategy.noWatermarks<Item>(), 'twin')
    .setParallelism(1)
    .map(toRow)
    .name('twin-map')
    .setParallelism(1)
    .sinkTo(transactionalSink({ name: 'twin-out' }))
    .setParallelism(1);
}

function buildJob(env: StreamExecutionEnvironment, plan: Plan): void {
  const { parallelism } = plan;
  const strategy = strategyOf(plan.watermarks);
  const source = env.fromSource(logSource<Item>('in'), strategy, 'in');
  const first: DataStream<Item> = widen(source, parallelism.source);
  const second =
    plan.other === undefined
      ? undefined
      : env.fromSource(logSource<Item>('other'), strategy, 'other').setParallelism(1);
  const isUnion = second !== undefined && !hasTwoInputs(plan);
  let stream = isUnion ? first.union(second) : first;
  plan.stages.forEach((stage, place) => {
    stream = isPartitioning(stage)
      ? partition(stream, stage)
      : widen(addStage(stream, stage).name(`${stage}-${place}`), parallelism.stages);
  });
  const rows = buildWork(stream, second ?? first, plan).name('work');
  addSinks(widen(rows, parallelism.work), plan);
}

/** Gives an operator a width of its own, or leaves it the usual one. */
function widen<T extends { setParallelism(parallelism: number): unknown }>(
  operator: T,
  parallelism: number | undefined,
): T {
  if (parallelism !== undefined) operator.setParallelism(parallelism);
  return operator;
}

function strategyOf({ type, delayMs, idleMs }: Watermarks): WatermarkStrategy<Item> {
  const plain =
    type === 'none'
      ? WatermarkStrategy.noWatermarks<Item>()
      : type === 'periodic'
        ? WatermarkStrategy.forBoundedOutOfOrderness<Item>(delayMs)
        : WatermarkStrategy.forGenerator<Item>(() => new PerRecordWatermarks(delayMs));
  return idleMs === undefined ? plain : plain.withIdleness(idleMs);
}

/** The key under which a row is the newest word on something. */
function upsertKeyOf({ key, startMs, ids }: ResultRow): string {
  if (startMs !== null) return `${key} ${startMs}`;
  return ids.length === 0 ? key : `${key} ${[...ids].sort().join(' ')}`;
}

function addSinks(rows: SingleOutputStreamOperator<ResultRow>, plan: Plan): void {
  const { sinks } = plan.parallelism;
  widen(rows.sinkTo(appendSink({ name: 'append' })), sinks);
  widen(rows.sinkTo(transactionalSink({ name: 'transactional' })), sinks);
  widen(rows.sinkTo(upsertSink({ name: 'upsert', key: upsertKeyOf })), sinks);
  const increment = incrementSink<ResultRow>({
    name: 'increment',
    key: (row) => row.key,
    amount: (row) => row.ids.length + 1,
  });
  widen(rows.sinkTo(increment), sinks);
  if (hasExactSinks(plan)) addExactSinks(rows, plan);
  const { work } = plan;
  const hasLate = work.type === 'bucket' || (work.type === 'window' && work.hasLateOutput);
  if (!hasLate) return;
  const late = rows.getSideOutput(LATE).map(toRow).name('late');
  widen(late.sinkTo(transactionalSink({ name: 'late' })), sinks);
}

/** One plan in three also writes to every kind of sink that takes rows exactly once. */
export function hasExactSinks({ seed }: Plan): boolean {
  return seed % 3 === 0;
}

function addExactSinks(rows: SingleOutputStreamOperator<ResultRow>, plan: Plan): void {
  const { sinks } = plan.parallelism;
  const { seed } = plan;
  const bucket = ({ key }: ResultRow): string => key;
  const rolling =
    seed % 2 === 0
      ? ({ type: 'on-checkpoint' } as const)
      : ({ type: 'default', partSizeBytes: 150, inactivityIntervalMs: 3000 } as const);
  const files = { name: 'files', bucket, rolling, bucketCheckIntervalMs: 1000 };
  widen(rows.sinkTo(fileSink(files)), sinks);
  const compaction = { smallerThanRows: 20, filesMin: 2, durationMs: 100 * (seed % 5) };
  widen(rows.sinkTo(lakeSink({ name: 'lake', partitionBy: ['key'], compaction })), sinks);
  const delivery = 'exactly-once';
  const transactionTimeoutMs = minutes(15);
  const topic = { name: 'topic', partitions: 3, key: bucket, delivery } as const;
  widen(rows.sinkTo(topicSink({ ...topic, transactionTimeoutMs })), sinks);
  const write = { type: 'increment', columns: ['amount'] } as const;
  const table = databaseSink<CountedRow>({ name: 'ledger', primaryKey: ['key'], write, delivery });
  const counted = rows.map(({ key, ids }) => ({ key, amount: ids.length + 1 })).name('amounts');
  widen(widen(counted, sinks).sinkTo(table), sinks);
}

interface CountedRow {
  readonly key: string;
  readonly amount: number;
}
