/** W2's table by the batch runtime. */
import { simulateBatch } from '#engine';
import type { BatchScenario } from '#engine';
import { outputHash } from '../loops/output-hash.ts';
import { allocateTable, tumblingCountBatchLimit } from '../loops/tumbling-count-batch-limit.ts';
import { tumblingCountBatchLoop } from '../loops/tumbling-count-batch.ts';
import { allocateOutput, toResult } from '../loops/tumbling-count-limit.ts';
import type { WindowCount } from '../loops/tumbling-count.ts';
import type { Workload } from '../workload.ts';
import { RECORD_COUNT, RECORD_GAP_MS, makeWorkload, toRows } from '../workload-data.ts';
import { sinkRows, toLog } from './per-record-watermarks.ts';
import { tumblingCountScenario } from './tumbling-count.ts';

const OPTIONS = { windowMs: 10_000, delayMs: 5_000 };

export const tumblingCountBatch: Workload = {
  id: 'W8',
  title: 'W2’s table by a batch',
  goals: { ofLoop: 1, timesLimit: 2.5 },
  prepare: async (recordCount = RECORD_COUNT) => {
    const columns = makeWorkload({ count: recordCount, seed: 7 });
    const rows = toRows(columns);
    const space = allocateOutput(recordCount);
    const table = allocateTable(columns, OPTIONS.windowMs);
    const { name, seed, logs, job, cluster } = tumblingCountScenario(
      toLog(rows, RECORD_GAP_MS),
      OPTIONS,
    );
    const scenario: BatchScenario = { name, seed, logs, job, cluster, trace: 'none' };
    return {
      records: rows.length,
      sides: [
        {
          name: 'engine',
          run: () => {
            const run = simulateBatch(scenario);
            return () => outputHash(sinkRows<WindowCount>(run, 'counts'));
          },
        },
        {
          name: 'loop',
          run: () => {
            const counted = tumblingCountBatchLoop(rows, OPTIONS);
            return () => outputHash(counted);
          },
        },
        {
          name: 'limit',
          run: () => {
            const result = tumblingCountBatchLimit(columns, OPTIONS, table, space);
            return () => outputHash(toResult(result).rows);
          },
        },
      ],
    };
  },
};
