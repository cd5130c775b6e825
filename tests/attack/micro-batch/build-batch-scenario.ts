import {
  StatefulProcessor,
  Trigger,
  col,
  count,
  expr,
  session_window,
  sum,
  window,
} from '#engine/spark';
import type {
  Dataset,
  ExpiredTimerInfo,
  GroupState,
  MicroBatchScenario,
  Row,
  RowOf,
  SparkSession,
  ValueState,
} from '#engine/spark';
import type { BatchPlan } from './batch-plan.ts';

const ITEM = { time: 'timestamp', key: 'string', value: 'long' } as const;
const OTHER = { otherTime: 'timestamp', otherKey: 'string', otherValue: 'long' } as const;
type Item = RowOf<typeof ITEM>;

/** The table that foreachBatch writes to. */
export const TABLE = 'results';

/** A plan as a scenario; the runtime sees nothing else of it. */
export function buildBatchScenario(plan: BatchPlan, trace: 'full' | 'none'): MicroBatchScenario {
  const isJoin = plan.query.type === 'join';
  const logs = plan.streams.map((partitions, stream) => ({
    partitions: partitions.map((rows) =>
      rows.map(({ arrivalMs, timeMs, key, value }) => ({
        arrivalMs,
        value: (isJoin && stream === 1
          ? { otherTime: timeMs, otherKey: key, otherValue: value }
          : { time: timeMs, key, value }) as Row,
      })),
    ),
  }));
  return {
    name: `seed ${plan.seed}`,
    logs: Object.fromEntries(logs.map((log, stream) => [`stream${stream}`, log])),
    query: (spark) => define(plan, spark, (results) => start(plan, results)),
    conf: {
      'spark.sql.shuffle.partitions': plan.shufflePartitions,
      'spark.sql.streaming.multipleWatermarkPolicy': plan.policy,
      'spark.sql.streaming.noDataMicroBatches.enabled': plan.runsWithoutData,
      'spark.sql.streaming.stateStore.providerClass': 'rocksdb',
    },
    costs: plan.costs,
    executorCount: plan.executorCount,
    faults: plan.faults,
    batchCountMax: 2000,
    trace,
  };
}

function read(plan: BatchPlan, spark: SparkSession, stream: number): Dataset<Item> {
  let reader = spark.readStream.schema(ITEM);
  if (plan.maxOffsets !== undefined) {
    reader = reader.option('maxOffsetsPerTrigger', plan.maxOffsets);
  }
  return reader
    .load(`stream${stream}`)
    .withWatermark('time', `${plan.delaysMs[stream]} milliseconds`);
}

function readOther(plan: BatchPlan, spark: SparkSession): Dataset<RowOf<typeof OTHER>> {
  let reader = spark.readStream.schema(OTHER);
  if (plan.maxOffsets !== undefined) {
    reader = reader.option('maxOffsetsPerTrigger', plan.maxOffsets);
  }
  return reader.load('stream1').withWatermark('otherTime', `${plan.delaysMs[1]} milliseconds`);
}

type Start = <R>(results: Dataset<R>) => void;

function define(plan: BatchPlan, spark: SparkSession, begin: Start): void {
  const { query } = plan;
  if (query.type === 'join') {
    const within = expr(`INTERVAL ${query.withinMs} milliseconds`);
    const condition = col('key')
      .equalTo(col('otherKey'))
      .and(col('otherTime').geq(col('time').minus(within)))
      .and(col('otherTime').leq(col('time').plus(within)));
    begin(read(plan, spark, 0).join(readOther(plan, spark), condition, query.joinType));
    return;
  }
  const first = read(plan, spark, 0);
  const items = plan.streams.length === 1 ? first : first.union(read(plan, spark, 1));
  const length = (ms: number): string => `${ms} milliseconds`;
  switch (query.type) {
    case 'window': {
      const { sizeMs, slideMs, startMs } = query;
      const own = window(col('time'), length(sizeMs), length(slideMs), length(startMs));
      begin(items.groupBy(own, col('key')).agg(count().as('count'), sum(col('value')).as('sum')));
      return;
    }
    case 'session':
      begin(
        items
          .groupBy(session_window(col('time'), length(query.gapMs)), col('key'))
          .agg(count().as('count'), sum(col('value')).as('sum')),
      );
      return;
    case 'distinct':
      begin(query.withTime ? items.dropDuplicates('key', 'time') : items.dropDuplicates('key'));
      return;
    case 'distinct-within-watermark':
      begin(items.dropDuplicatesWithinWatermark('key'));
      return;
    case 'groups':
      begin(
        items
          .groupByKey((row) => row.key ?? '')
          .flatMapGroupsWithState(
            ['key', 'count', 'at'],
            'append',
            'EventTimeTimeout',
            (key: string, rows: readonly Item[], state: GroupState<number>) =>
              countRows(query.timeoutMs, key, rows, state),
          ),
      );
      return;
    case 'processor':
      begin(
        items
          .groupByKey((row) => row.key ?? '')
          .transformWithState(
            ['key', 'sum', 'at'],
            new Summing(query.delayMs),
            'EventTime',
            'append',
          ),
      );
      return;
  }
}

/** Counts rows of a key; when nothing has come for a while, tells the count and forgets it. */
function countRows(
  timeoutMs: number,
  key: string,
  rows: readonly Item[],
  state: GroupState<number>,
): readonly Row[] {
  if (state.hasTimedOut) {
    const total = state.get();
    state.remove();
    return [{ key, count: -total, at: state.getCurrentWatermarkMs() }];
  }
  const total = (state.getOption() ?? 0) + rows.length;
  state.update(total);
  state.setTimeoutTimestamp(state.getCurrentWatermarkMs() + timeoutMs);
  return [{ key, count: total, at: 0 }];
}

interface Sum extends Row {
  readonly key: string;
  readonly sum: number;
  readonly at: number;
}

/** Adds values of a key, and tells the sum at each timer; the last timer forgets it. */
class Summing extends StatefulProcessor<string, Item, Sum> {
  private readonly delayMs: number;
  private sum!: ValueState<number>;

  constructor(delayMs: number) {
    super();
    this.delayMs = delayMs;
  }

  init(): void {
    this.sum = this.getHandle().getValueState<number>('sum');
  }

  handleInputRows(key: string, rows: readonly Item[]): Iterable<Sum> {
    let total = this.sum.get() ?? 0;
    for (const { time, value } of rows) {
      total += value ?? 0;
      this.getHandle().registerTimer((time ?? 0) + this.delayMs);
    }
    this.sum.update(total);
    return [{ key, sum: total, at: -1 }];
  }

  override handleExpiredTimer(key: string, _times: unknown, info: ExpiredTimerInfo): Iterable<Sum> {
    const total = this.sum.get() ?? 0;
    if (this.getHandle().listTimers().length === 1) this.sum.clear();
    return [{ key, sum: total, at: info.getExpiryTimeInMs() }];
  }
}

function start<R>({ query, sink, trigger }: BatchPlan, results: Dataset<R>): void {
  const mode = 'mode' in query ? query.mode : 'append';
  let writer = results.writeStream
    .outputMode(mode)
    .trigger(trigger.type === 'all' ? Trigger.AvailableNow() : Trigger.ProcessingTime(trigger.ms));
  switch (sink) {
    case 'memory':
    case 'kafka':
    case 'file':
      writer = writer.format(sink);
      break;
    case 'table-insert':
      writer = writer.foreachBatch((rows, _, table) =>
        table(TABLE).insert(rows as unknown as readonly Row[]),
      );
      break;
    case 'table-insert-once':
      writer = writer.foreachBatch((rows, batchId, table) =>
        table(TABLE).insertOnce(batchId, rows as unknown as readonly Row[]),
      );
      break;
    case 'table-upsert':
      writer = writer.foreachBatch((rows, batchId, table) => {
        const keyed = (rows as unknown as readonly Row[]).map((row, at) => ({
          id: `${batchId} ${at}`,
          ...row,
        }));
        table(TABLE).upsert(['id'], keyed);
      });
  }
  writer.start();
}
