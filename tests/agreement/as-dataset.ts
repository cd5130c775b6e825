import {
  col,
  count,
  expr,
  max,
  min,
  session_window,
  simulateMicroBatches,
  sum,
  window,
} from '#engine/spark';
import type { Dataset, MicroBatchRun, Row, SparkSession, WindowValue } from '#engine/spark';
import type { JobSpec } from './job-spec.ts';
import type { Logs } from './draw-logs.ts';

const COLUMNS = { time: 'timestamp', key: 'string', value: 'long' } as const;

/** The job in the words of the Dataset API. */
function asDataset(job: JobSpec): (spark: SparkSession) => void {
  return (spark) => {
    const read = (log: string) => {
      const items = spark.readStream
        .schema(COLUMNS)
        .option('maxOffsetsPerTrigger', 7)
        .load(log)
        .withWatermark('time', `${2 * job.disorderS} seconds`);
      return job.keepsEvenOnly ? items.filter(col('value').mod(2).equalTo(0)) : items;
    };
    const items = job.isUnited ? read('left').union(read('right')) : read('left');
    const { work } = job;
    const totals = [
      count().as('count'),
      sum('value').as('sum'),
      min('value').as('least'),
      max('value').as('largest'),
    ] as const;
    switch (work.type) {
      case 'windows': {
        const bounds = window(col('time'), `${work.sizeS} seconds`, `${work.slideS} seconds`);
        start(items.groupBy(bounds.as('bounds'), 'key').agg(...totals), 'append');
        return;
      }
      case 'sessions': {
        const bounds = session_window(col('time'), `${work.gapS} seconds`);
        start(items.groupBy(bounds.as('bounds'), 'key').agg(...totals), 'append');
        return;
      }
      case 'totals':
        start(items.groupBy('key').agg(...totals), 'complete');
        return;
      case 'distinct':
        start(items.dropDuplicates('key', 'value').select('key', 'value'), 'append');
        return;
      case 'join': {
        const right = read('right').select(
          col('key').as('otherKey'),
          col('time').as('otherTime'),
          col('value').as('otherValue'),
        );
        const from = col('time').minus(expr(`INTERVAL ${work.beforeS} SECONDS`));
        const until = col('time').plus(expr(`INTERVAL ${work.afterS} SECONDS`));
        const isNear = col('otherTime').between(from, until);
        start(items.join(right, col('key').equalTo(col('otherKey')).and(isNear)), 'append');
      }
    }
  };
}

function start<R>(results: Dataset<R>, mode: string): void {
  results.writeStream.outputMode(mode).start();
}

/** What the job gives when Spark's rules run it, in the same texts as the DataStream job's. */
export function runMicroBatches(job: JobSpec, logs: Logs): string[] {
  const run = simulateMicroBatches({
    name: 'agreement',
    logs: logs as never,
    query: asDataset(job),
    conf: { 'spark.sql.shuffle.partitions': job.shufflePartitions },
    trace: 'none',
  });
  if (run.failure !== undefined) throw run.failure.error;
  return rowsOf(job, run).map((row) => textOf(job, row));
}

/** In complete mode, the last batch has everything. */
function rowsOf({ work }: JobSpec, { rows, sinkBatches }: MicroBatchRun): readonly Row[] {
  return work.type === 'totals' ? (sinkBatches.at(-1)?.rows ?? []) : rows;
}

function textOf({ work }: JobSpec, row: Row): string {
  const { key, count: size, sum: total, least, largest, time, value } = row;
  switch (work.type) {
    case 'totals':
      return `${String(key)} ${String(size)} ${String(total)}`;
    case 'distinct':
      return `${String(key)} ${String(value)}`;
    case 'join':
      return [key, time, value, row['otherTime'], row['otherValue']].map(String).join(' ');
    default: {
      const { start: from, end } = row['bounds'] as WindowValue;
      const numbers = [size, total, least, largest].map(String).join(' ');
      return `${String(key)} [${from},${end}) ${numbers}`;
    }
  }
}
