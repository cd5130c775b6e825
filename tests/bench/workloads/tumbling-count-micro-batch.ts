/** W2's table by the micro-batch runtime, in append mode. */
import { col, count, simulateMicroBatches, sum, window } from '#engine/spark';
import type { MicroBatchRun, MicroBatchScenario, Row, WindowValue } from '#engine/spark';
import { outputHash } from '../loops/output-hash.ts';
import { allocateTable } from '../loops/tumbling-count-batch-limit.ts';
import { allocateOutput, toResult } from '../loops/tumbling-count-limit.ts';
import { tumblingCountMicroBatchLimit } from '../loops/tumbling-count-micro-batch-limit.ts';
import { tumblingCountMicroBatchLoop } from '../loops/tumbling-count-micro-batch.ts';
import type { WindowCount } from '../loops/tumbling-count.ts';
import type { Workload } from '../workload.ts';
import { RECORD_COUNT, makeWorkload, toRows } from '../workload-data.ts';
import type { Row as Input } from '../workload-data.ts';

const OPTIONS = { windowMs: 10_000, delayMs: 5_000, batchSize: 10_000 };

export const tumblingCountMicroBatch: Workload = {
  id: 'W9',
  title: 'W2’s table in micro-batches of 10,000',
  goals: { ofLoop: 0.7, timesLimit: 3 },
  prepare: async (recordCount = RECORD_COUNT) => {
    const columns = makeWorkload({ count: recordCount, seed: 7 });
    const rows = toRows(columns);
    const space = allocateOutput(recordCount);
    const table = allocateTable(columns, OPTIONS.windowMs);
    const scenario = microBatchScenario(rows);
    return {
      records: rows.length,
      sides: [
        {
          name: 'engine',
          run: () => {
            const run = simulateMicroBatches(scenario);
            return () => outputHash(countsOf(run));
          },
        },
        {
          name: 'loop',
          run: () => {
            const counted = tumblingCountMicroBatchLoop(rows, OPTIONS);
            return () => outputHash(counted);
          },
        },
        {
          name: 'limit',
          run: () => {
            const result = tumblingCountMicroBatchLimit(columns, OPTIONS, table, space);
            return () => outputHash(toResult(result).rows);
          },
        },
      ],
    };
  },
};

/** All rows are there at once; the limit makes the batches. */
function microBatchScenario(rows: readonly Input[]): MicroBatchScenario {
  const values = rows as unknown as readonly Row[];
  return {
    name: 'counts',
    logs: { in: { partitions: [values.map((value) => ({ value, arrivalMs: 0 }))] } },
    conf: { 'spark.sql.shuffle.partitions': 1 },
    trace: 'none',
    query: (spark) =>
      spark.readStream
        .schema({ ts: 'timestamp', key: 'long', value: 'long' })
        .option('maxOffsetsPerTrigger', OPTIONS.batchSize)
        .load('in')
        .withWatermark('ts', '5 seconds')
        .groupBy(window(col('ts'), '10 seconds'), col('key'))
        .agg(count().as('count'), sum(col('value')).as('sum'))
        .writeStream.start(),
  };
}

function countsOf({ failure, rows }: MicroBatchRun): readonly WindowCount[] {
  if (failure !== undefined) throw failure.error;
  return rows.map((row) => ({
    key: row['key'] as number,
    windowStart: (row['window'] as WindowValue).start,
    count: row['count'] as number,
    sum: row['sum'] as number,
  }));
}
